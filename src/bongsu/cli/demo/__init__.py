"""`bongsu demo`: a check-in service breaks as it once did, and this time the team hears of it at once.

The service, its sockets and the library are real; Slack is a scripted one, unless BONGSU_TO names a destination.
"""

import os
import sys
import tempfile
from argparse import Namespace
from importlib.util import find_spec
from pathlib import Path

from bongsu.cli import WRONG_USE, terminal


def run(arguments: Namespace) -> int:
    """Play it; exit status 0 only if the alert arrived."""
    if find_spec("flask") is None:
        print("The demo's service is written with Flask: pip install 'bongsu[demo]'", file=sys.stderr)
        return WRONG_USE
    from bongsu.cli.demo import play

    ends_by_itself = arguments.once or not terminal.is_interactive()
    is_real = any(name.startswith("BONGSU_TO") and value for name, value in os.environ.items())
    with tempfile.TemporaryDirectory(prefix="bongsu-demo-", ignore_cleanup_errors=True) as folder:
        sys.path.insert(0, folder)  # the service is imported from there, and paths are shown from there
        try:
            return (play.for_real if is_real else play.with_scripted_slack)(
                arguments, Path(folder), ends_by_itself=ends_by_itself
            )
        finally:
            sys.path.remove(folder)
