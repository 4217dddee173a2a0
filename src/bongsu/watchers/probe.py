"""Every call of a watcher to the operating system; what a system does not have has an answer too."""

import contextlib
import os
import re
import signal
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass

PIPE_BYTES = 1 << 20  # what Linux lets anybody have (/proc/sys/fs/pipe-max-size)
KERNEL_LINES_MAX = 20_000  # more than the kernel keeps
KERNEL_LINE_BYTES = 8_192  # it writes no longer one
KERNEL_NOTICES_S = 5.0  # a kill that is older has nothing to do with this end
FILE_BYTES_MAX = 1 << 20

_FIRST_PID_NAMESPACE = "pid:[4026531836]"  # PROC_PID_INIT_INO: process ids in it are the kernel's own
_OOM_COUNT = re.compile(rb"^oom_kill (\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kills:
    """How often the kernel has killed in one memory cgroup because there was no memory."""

    path: str  # of the file with the counter
    count: int


def signal_name(number: int) -> str:
    """SIGKILL for 9; SIG34 where it has no name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"


def is_regular(number: int) -> bool:
    """Whether a descriptor is a file on a disk."""
    return stat.S_ISREG(os.fstat(number).st_mode)


def widen(pipe: int) -> None:
    """Make a pipe as wide as it may be, so that a burst of output waits for nobody."""
    import fcntl

    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(OSError):  # no pipe, or the user's pipes together are at their limit
            if fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ) < PIPE_BYTES:
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def stopped_by(pid: int) -> int | None:
    """The signal that has stopped a child of ours since this was asked before; None: it is not stopped."""
    if not hasattr(os, "waitid"):  # macOS before Python 3.13
        return None
    try:
        found = os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOHANG)
    except ChildProcessError:
        return None
    return found.si_status if found is not None and found.si_code == os.CLD_STOPPED else None


def send(pid: int, number: int) -> bool:
    """Send a signal to a process; False: it is gone."""
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def send_to_group(group: int, number: int) -> bool:
    """Send a signal to a process group; False: nobody is in it, or nobody whom we may signal."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


# -- memory


def group_bytes(group: int) -> int:
    """The resident memory of a process group."""
    return _PAGE * sum(pages for of, pages in _processes() if of == group)


def _processes() -> Iterator[tuple[int, int]]:
    """Group and resident pages of every process; proc(5), fields 5 and 24 of `stat`."""
    try:
        names = os.listdir("/proc")
    except OSError:
        return
    for name in names:
        if name.isdecimal():
            fields = _read(f"/proc/{name}/stat").rpartition(b") ")[2].split()
            if len(fields) > 21:
                yield int(fields[2]), int(fields[21])


_PAGE = os.sysconf("SC_PAGE_SIZE")
MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss


# -- the kernel's kills


def kills(pid: int) -> Kills | None:
    """The counter of the memory cgroup in which the process is; None: there is none that can be read."""
    groups = dict(_cgroups(_read(f"/proc/{pid}/cgroup").decode("utf-8", "surrogateescape")))
    mounts = list(_cgroup_mounts(_read("/proc/self/mountinfo").decode("utf-8", "surrogateescape")))
    for controller, file in (("memory", "memory.oom_control"), ("", "memory.events")):
        for kind, root, mount in mounts:
            if kind == controller and controller in groups:
                found = kills_in(os.path.join(_below(mount, root, groups[controller]), file))
                if found is not None:
                    return found
    return None


def kills_in(path: str) -> Kills | None:
    """What the counter in that file says: `memory.events` of cgroup v2, `memory.oom_control` of v1."""
    count = _OOM_COUNT.search(_read(path))
    return Kills(path=path, count=int(count[1])) if count else None


def was_killed_by_kernel(pid: int, now_monotonic: float) -> bool:
    """Whether the kernel's log says that it has killed this process lately because there was no memory.

    Only where process ids are the kernel's own, and its log may be read.
    """
    try:
        if os.readlink("/proc/self/ns/pid") != _FIRST_PID_NAMESPACE:
            return False
        log = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        return any(is_kill(record, pid, now_monotonic) for record in _kernel_records(log))
    finally:
        os.close(log)


def is_kill(record: bytes, pid: int, now_monotonic: float) -> bool:
    """Whether a record of /dev/kmsg (`level,number,microseconds since boot,…;text`) tells of that kill."""
    head, _, text = record.partition(b";")
    fields = head.split(b",")
    if (
        len(fields) < 3
        or not fields[2].isdigit()
        or not text.startswith((b"oom-kill:", b"Out of memory", b"Memory cg"))
    ):
        return False
    is_recent = abs(now_monotonic - int(fields[2]) / 1e6) <= KERNEL_NOTICES_S
    line = text.partition(b"\n")[0]
    return is_recent and re.search(rb"(?:,pid=|process )%d(?:\D|$)" % pid, line) is not None


def _kernel_records(log: int) -> Iterator[bytes]:
    for _ in range(KERNEL_LINES_MAX):
        try:
            yield os.read(log, KERNEL_LINE_BYTES)
        except BrokenPipeError:  # overwritten while we read; the next read goes on behind it
            continue
        except OSError:  # BlockingIOError: that was all
            return


def _cgroups(text: str) -> Iterator[tuple[str, str]]:
    """Controller (empty: cgroup v2) and path, of each line of /proc/PID/cgroup."""
    for line in text.splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            yield controller, path.removesuffix(" (deleted)")


def _cgroup_mounts(text: str) -> Iterator[tuple[str, str, str]]:
    """Controller (empty: cgroup v2), root in the hierarchy and place, of each cgroup mount in mountinfo; proc(5)."""
    for line in text.splitlines():
        mount, _, kind = line.partition(" - ")
        fields, (system, *_, options) = mount.split(" "), kind.split(" ")
        if system == "cgroup2":
            yield "", fields[3], fields[4]
        elif system == "cgroup":
            for option in options.split(","):
                yield option, fields[3], fields[4]


def _below(mount: str, root: str, path: str) -> str:
    """Where the cgroup lies; in a container only its own part of the hierarchy is mounted."""
    inside = path.removeprefix(root.rstrip("/")) if path.startswith(root.rstrip("/") + "/") else path
    return os.path.normpath(f"{mount}/{inside}") if ".." not in inside and path != root else mount


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(FILE_BYTES_MAX)
    except OSError:
        return b""
