"""A real `systemd --user` in a mount namespace of its own: it needs root, and nothing outside sees what it mounts."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

MANAGER = "/lib/systemd/systemd"
SCRIPT = f"""\
mount -t tmpfs tmpfs /run || exit 9
mkdir -p /run/systemd/system /run/user/0 && chmod 700 /run/user/0
export XDG_RUNTIME_DIR=/run/user/0 XDG_CONFIG_HOME="$HOME/.config"
{MANAGER} --user --log-target=console >"$HOME/manager.log" 2>&1 &
manager=$!
for _ in $(seq 100); do [ -S /run/user/0/systemd/private ] && break; sleep 0.1; done
echo ready
while read -r line; do systemctl --user $line >&2; echo $?; done
kill $manager; wait $manager
"""


def why_not() -> str:
    """Why it cannot run here; empty if it can."""
    if not os.path.exists(MANAGER) or shutil.which("systemctl") is None:
        return "there is no systemd on this machine"
    if os.getuid() != 0 or shutil.which("unshare") is None:
        return "a systemd of one's own needs root and unshare"
    mounts = ["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/run"]
    if subprocess.run(mounts, capture_output=True, check=False).returncode:
        return "this machine allows no mounts"
    return ""


class UserSystemd:
    """A context manager; `home` has the units below .config/systemd/user."""

    def __init__(self) -> None:
        self._holder = tempfile.TemporaryDirectory(prefix="sd")
        self.home = Path(self._holder.name)
        self.units = self.home / ".config" / "systemd" / "user"
        self.units.mkdir(parents=True)

    def __enter__(self) -> Self:
        self._shell = subprocess.Popen(
            ["unshare", "-m", "bash", "-c", SCRIPT],
            env={"HOME": str(self.home), "PATH": os.environ["PATH"], "USER": "root"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._shell.stdout is not None
        assert self._shell.stdout.readline() == "ready\n"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._shell.communicate(timeout=60)
        self._holder.cleanup()

    def ctl(self, *words: str) -> int:
        """Call `systemctl --user`; its exit status."""
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        self._shell.stdin.write(" ".join(words) + "\n")
        self._shell.stdin.flush()
        return int(self._shell.stdout.readline())
