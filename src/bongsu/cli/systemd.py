"""`bongsu systemd-event` and `bongsu systemd-unit`: systemd calls us, and what it needs for that."""

import os
import shlex
import sys
from argparse import Namespace

from bongsu.cli.watch.setting_up import program, settings_or
from bongsu.client.client import Client
from bongsu.clock import SYSTEM
from bongsu.watchers import tables
from bongsu.watchers.report import Report
from bongsu.watchers.systemd import asking, result, units
from bongsu.watchers.systemd.result import Journal, Result, Unit

APP = "systemd"
TAKES_S = 3.0  # in all: systemd waits for us before it starts the unit again
DELIVER_LEAST_S = 0.5

NOTHING = (
    "systemd says of {} nothing that would have to be told. It calls this command itself: see `bongsu systemd-unit`."
)


def run(arguments: Namespace) -> int:
    """Tell what has happened to a unit; or print what tells us of it."""
    return _tell(arguments) if arguments.command == "systemd-event" else _print(arguments)


def _tell(arguments: Namespace) -> int:
    deadline = SYSTEM.monotonic() + TAKES_S
    settings = settings_or(APP, arguments.app)
    wishes = tables.wishes("systemd", settings.watch)
    client = Client(settings)  # not started: no hooks, no log handler
    report = _report(arguments, client)
    if report is None:
        print(NOTHING.format(arguments.unit), file=sys.stderr)
    elif (wanted := wishes.applied(report)) is not None:
        client.processes.report(wanted)
    client.close(max(DELIVER_LEAST_S, deadline - SYSTEM.monotonic()))
    return 0


def _report(arguments: Namespace, client: Client) -> Report | None:
    environ, now = os.environ, SYSTEM.now()
    user = asking.is_user_manager(environ)
    if arguments.started:
        [shown] = asking.answers(asking.show(arguments.unit, user=user))
        return result.started(arguments.unit, result.unit_of(arguments.unit, shown, ""), now)
    said = result.result_of(environ, arguments.unit)
    unit, journal = _asked(said, arguments.unit, now, user=user)
    said = said or unit.result
    return result.ended(said, unit, journal, now, client.processes.has_told) if said else None


def _asked(said: Result | None, name: str, now: float, *, user: bool) -> tuple[Unit, Journal]:
    unit_name = said.unit if said else name
    variable = "MONITOR_INVOCATION_ID" if said is None or "MONITOR_SERVICE_RESULT" in os.environ else "INVOCATION_ID"
    invocation = os.environ.get(variable, "")
    questions = [asking.show(unit_name, user=user), asking.jobs(unit_name, user=user)]
    if asking.is_invocation(invocation):
        questions.append(asking.journal(invocation, user=user))
    shown, jobs, *journal = asking.answers(*questions)
    return result.unit_of(unit_name, shown, jobs), result.journal_of("".join(journal), os.getpid(), now)


def _print(arguments: Namespace) -> int:
    """The drop-in and the alert unit, and where they belong."""
    base = "~/.config/systemd/user" if arguments.user else "/etc/systemd/system"
    settings = units.SETTINGS_OF_USER if arguments.user else units.SETTINGS
    systemctl = "systemctl --user" if arguments.user else "systemctl"
    name = arguments.unit or "UNIT.service"
    full_name = name if "." in name else f"{name}.service"
    command = shlex.join(program()).replace("%", "%%")
    app = f" --app {shlex.quote(arguments.app)}" if arguments.app else ""
    print(f"# {base}/bongsu-alert@.service\n{units.alert_unit(command, app, settings)}")
    print(f"# {base}/{full_name}.d/bongsu.conf\n{units.drop_in(command, app, settings)}")
    print(f"# then: {systemctl} daemon-reload")
    return 0
