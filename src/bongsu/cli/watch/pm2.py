"""`bongsu watch pm2`: the apps of a pm2 daemon, and the daemon itself."""

import contextlib
import os
import sys
from argparse import Namespace

from bongsu import ConfigError
from bongsu.cli.terminal import Ink, painted
from bongsu.cli.watch.setting_up import alone, at_stop, sending, settings_or
from bongsu.clock import SYSTEM, utc_offset_s
from bongsu.config import Settings
from bongsu.event import Finding, Problem
from bongsu.messages import sentences
from bongsu.messages.characters import literal
from bongsu.messages.locales import WORDS, clock_time
from bongsu.watchers.pm2 import importing
from bongsu.watchers.pm2 import settings as pm2_settings
from bongsu.watchers.pm2.bus import Bus
from bongsu.watchers.pm2.memory import Memory, lives
from bongsu.watchers.pm2.reporting import Reporter
from bongsu.watchers.pm2.settings import Pm2Settings
from bongsu.watchers.pm2.turns import Turns
from bongsu.watchers.report import Report, Turn

APP = "pm2"
LINE_LENGTH_MAX = 200  # characters of what is shown

_EN = WORDS["en"]


def run(arguments: Namespace) -> int:
    """Watch until told to stop; or print the settings of pm2-slack as ours."""
    home = os.path.abspath(os.path.expanduser(arguments.home or os.environ.get("PM2_HOME") or "~/.pm2"))
    if arguments.import_pm2_slack is not None:
        return _import(arguments.import_pm2_slack or os.path.join(home, importing.FILE_NAME))
    settings = settings_or(APP, arguments.app)
    problems: list[str] = []
    wanted = pm2_settings.read(settings.watch.get("pm2", {}), problems)
    if problems:
        raise ConfigError(problems)
    with alone(settings.state_dir, f"pm2 in {home}") as is_alone:
        return _watch(home, settings, wanted) if is_alone else 1


def _watch(home: str, settings: Settings, wanted: Pm2Settings) -> int:
    with sending(settings) as client:
        processes = client.processes

        def report(what: Report) -> None:
            processes.report(what)
            _show(what)

        turns = Turns(Reporter(settings=wanted, has_told=processes.has_told), lives)
        bus = Bus(home, turns, Memory(settings.state_dir, home), report, _say, SYSTEM)
        stop = _stop()
        print(f"Watching {painted(home, Ink.BOLD)}. Ctrl-C ends it.", flush=True)
        bus.run(stop)
    return 0


def _stop() -> int:
    """A descriptor that has something to read once the user wants the end."""
    ear, mouth = os.pipe()
    os.set_blocking(mouth, False)

    def ring() -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(mouth, b".")

    at_stop(ring)
    return ear


def _import(path: str) -> int:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read(importing.FILE_CHARACTERS_MAX)
    except OSError as error:
        print(f"{path} cannot be read ({error.strerror}). Name the file: --import-pm2-slack FILE", file=sys.stderr)
        return 1
    found = importing.options(text)
    if not found:
        print(f"{path} has no settings of pm2-slack.", file=sys.stderr)
        return 1
    print(importing.toml(found), end="")
    return 0


# -- what is seen


def _show(report: Report) -> None:
    ink, text = _told(report)
    text = literal(text, LINE_LENGTH_MAX)
    at = clock_time(report.at, utc_offset_s(report.at), today=SYSTEM.now())
    print(f"{at}  {painted(text, ink) if ink else text}", flush=True)


def _told(report: Report) -> tuple[Ink | None, str]:
    name, process = report.process.name, report.process
    match report.turn:
        case Turn.ENDED if process.by_operator:
            return None, f"{name}: stopped by an operator"
        case Turn.ENDED:
            finding = Finding(problem=Problem.EXITED, name=name, ending=process.ending)
            return Ink.RED, sentences.found(finding, _EN)
        case Turn.FAILED if report.trace is not None:
            return Ink.RED, f"{name}: {report.trace.errors[0].type}"
        case Turn.LINE:
            return None, f"{name}: {report.times} lines"
        case Turn.LOST | Turn.GAVE_UP | Turn.OVER_MEMORY:
            return Ink.RED, f"{name}: {_SAID[report.turn]}"
    return None, f"{name}: {report.turn}"


_SAID = {
    Turn.LOST: "the daemon is gone",
    Turn.GAVE_UP: "too many restarts, started no more",
    Turn.OVER_MEMORY: "over its memory limit",
}


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
