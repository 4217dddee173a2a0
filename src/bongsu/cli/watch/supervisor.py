"""`bongsu watch supervisor`: an event listener of supervisord."""

import os
import sys
from argparse import Namespace
from collections.abc import Mapping

from bongsu.cli import WRONG_USE
from bongsu.cli.watch.setting_up import alone, at_stop, program, sending, settings_or
from bongsu.client.client import Client
from bongsu.clock import SYSTEM
from bongsu.config import Settings
from bongsu.watchers import tables
from bongsu.watchers.supervisor import protocol
from bongsu.watchers.supervisor.block import block
from bongsu.watchers.supervisor.listener import Listener
from bongsu.watchers.supervisor.rpc import Supervisor
from bongsu.watchers.supervisor.turns import Turns
from bongsu.watchers.tables import Wishes

APP = "supervisor"

PURPOSE = """\
`bongsu watch supervisor` is run by supervisord, not by hand. Add this to supervisord's configuration:
"""
NO_SERVER = "bongsu: supervisord has no [unix_http_server]: how a program ended can hardly be known."


def run(arguments: Namespace) -> int:
    """Listen until supervisord ends or stops us."""
    if arguments.print_config:
        print(block(_command(arguments.app)), end="")
        return 0
    if "SUPERVISOR_ENABLED" not in os.environ:  # supervisord sets it for its children
        print(PURPOSE, file=sys.stderr)
        print(block(_command(arguments.app)), end="", file=sys.stderr)
        return WRONG_USE
    settings = settings_or(APP, arguments.app)
    wishes = tables.wishes("supervisor", settings.watch)
    url = os.environ.get("SUPERVISOR_SERVER_URL")
    if not url:
        print(NO_SERVER, file=sys.stderr, flush=True)
    where = url or f"of process {os.getppid()}"
    with alone(settings.state_dir, f"supervisord {where}") as is_alone:
        return _listen_with(settings, wishes) if is_alone else 1


def _listen_with(settings: Settings, wishes: Wishes) -> int:
    with sending(settings) as client:
        return _listen(client, wishes, os.environ)


def _listen(client: Client, wishes: Wishes, environ: Mapping[str, str]) -> int:
    processes = client.processes
    with open(_stdout_kept_for_answers(), "w", encoding="ascii", newline="\n") as answers:
        listener = Listener(
            pipe=protocol.stream(0),
            answers=answers,
            supervisor=Supervisor(environ),
            turns=Turns(environ.get("SUPERVISOR_GROUP_NAME", ""), processes.has_told),
            wishes=wishes,
            report=processes.report,
            clock=SYSTEM,
        )
        at_stop(listener.stop)
        return listener.run()


def _stdout_kept_for_answers() -> int:
    """Our stdout for the protocol alone: whatever else is printed goes to stderr."""
    answers = os.dup(1)
    os.dup2(2, 1)
    return answers


def _command(app: str | None) -> list[str]:
    return [*program(), "watch", "supervisor", *(["--app", app] if app else [])]
