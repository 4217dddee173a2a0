"""Click: the command's name stands on its events; `sys.excepthook` tells what ends it."""

from click.core import Context  # `click` itself is only half imported when its core is
from click.exceptions import Abort, ClickException, Exit

from bongsu.integrations.click_contexts import watched
from bongsu.integrations.watching import Undo


def attach() -> Undo:
    """Watch Click's commands."""
    return watched(Context, (ClickException, Abort, Exit))
