"""Questions to systemctl and journalctl: all at once, for one second, and no answer is an answer."""

import subprocess
from collections.abc import Mapping

from bongsu.clock import SYSTEM
from bongsu.watchers.output import LINES_MAX
from bongsu.watchers.systemd.result import PROPERTIES

ASK_S = 1.0  # the unit's restart waits for us
INVOCATION_LENGTH = 32  # hex digits


def is_user_manager(environ: Mapping[str, str]) -> bool:
    """Whether a `systemd --user` runs us: it says so to what it starts."""
    return "MANAGERPID" in environ


def show(unit: str, *, user: bool) -> list[str]:
    """The command that describes a unit."""
    return [*_of("systemctl", user=user), "show", f"--property={','.join(PROPERTIES)}", "--", unit]


def jobs(unit: str, *, user: bool) -> list[str]:
    """The command that says what systemd is about to do with a unit."""
    return [*_of("systemctl", user=user), "list-jobs", "--no-legend", "--full", "--plain", "--", unit]


def journal(invocation: str, *, user: bool) -> list[str]:
    """The command that prints the last lines of one run of a unit."""
    form = ("-q", "-o", "json", "--output-fields=MESSAGE,_PID", "-n", str(LINES_MAX))
    return [*_of("journalctl", user=user), *form, f"_SYSTEMD_INVOCATION_ID={invocation}"]


def is_invocation(text: str) -> bool:
    """Whether it is an invocation id; what the environment says is not passed on unseen."""
    return len(text) == INVOCATION_LENGTH and all(each in "0123456789abcdef" for each in text)


def answers(*commands: list[str]) -> list[str]:
    """What the commands print, run side by side; empty for one that fails or is too slow."""
    deadline = SYSTEM.monotonic() + ASK_S
    running = [_started(command) for command in commands]
    return [_answer(process, deadline) for process in running]


def _of(program: str, *, user: bool) -> list[str]:
    return [program, *(["--user"] if user else [])]


def _started(command: list[str]) -> "subprocess.Popen[bytes] | None":
    try:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
    except OSError:  # not here, or not for us
        return None


def _answer(process: "subprocess.Popen[bytes] | None", deadline: float) -> str:
    if process is None:
        return ""
    with process:
        try:
            out, _ = process.communicate(timeout=max(0.0, deadline - SYSTEM.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return ""
    return out.decode("utf-8", "replace") if process.returncode == 0 else ""
