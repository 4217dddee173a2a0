"""Click: the command's name stands on its events; `sys.excepthook` tells what ends it."""

from click.core import Context  # `click` itself is only half imported when its core is
from click.exceptions import Abort, ClickException, Exit

from bongsu.integrations.attaching import Undo
from bongsu.integrations.click_contexts import watched


def attach() -> Undo:
    """Watch Click's commands."""
    return watched(Context, (ClickException, Abort, Exit))
