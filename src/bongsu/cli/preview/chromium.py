"""A Chromium without a window, spoken to through two pipes: no port is opened, and nothing is left behind.

The protocol: https://chromedevtools.github.io/devtools-protocol
"""

import base64
import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bongsu.clock import SYSTEM

ANSWER_S = 60.0  # for one answer; a start on a busy machine takes ten
END_S = 5.0
PICTURE_PX_MAX = 8_000  # high; at a scale of 2 Chromium paints no more than 16 384
LOG_BYTES = 4_000  # of the end of what it has complained of

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
_ON_A_MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
NONE_FOUND = "A picture needs Chromium or Chrome: `apt install chromium`, or `brew install --cask chromium`."

_FLAGS = (
    *("--headless=new", "--remote-debugging-pipe", "--disable-gpu", "--hide-scrollbars", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
    *("--disable-extensions", "--disable-breakpad", "--font-render-hinting=none", "--no-default-browser-check"),
)
# It speaks on the descriptors 3 and 4, whatever numbers ours have.
_ON_3_AND_4 = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]
os.dup2(ends[0], 3), os.dup2(ends[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class ChromiumError(Exception):
    """It is not there, does not start, or does not answer."""


def found() -> str:
    """The path of the one on this machine. Raises ChromiumError with the remedy."""
    for name in (*_NAMES, *_ON_A_MAC):
        if path := shutil.which(name):
            return path
    raise ChromiumError(NONE_FOUND)


@contextlib.contextmanager
def started() -> Iterator["Chromium"]:
    """One with a profile of its own, gone with everything it wrote when the block ends."""
    command = found()
    own = tempfile.TemporaryDirectory(prefix="bongsu-preview-", ignore_cleanup_errors=True)
    with own as folder, _running(command, Path(folder)) as chromium:
        yield chromium


@contextlib.contextmanager
def _running(command: str, folder: Path) -> Iterator["Chromium"]:
    theirs_in, to = os.pipe()
    source, theirs_out = os.pipe()
    flags = [*_FLAGS, f"--user-data-dir={folder / 'profile'}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags.append("--no-sandbox")  # it refuses to start as root with one; it is shown our own page only
    through = [sys.executable, "-I", "-S", "-c", _ON_3_AND_4, str(theirs_in), str(theirs_out)]
    try:
        with (folder / "log").open("wb") as log:
            child = subprocess.Popen(
                [*through, command, *flags],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                pass_fds=(theirs_in, theirs_out),
                env={**os.environ, "TMPDIR": str(folder)},
                start_new_session=True,
            )
    finally:
        os.close(theirs_in)
        os.close(theirs_out)
    try:
        yield Chromium(to=to, source=source, log=folder / "log")
    finally:
        os.close(to)  # it ends when nobody speaks to it any more
        _end(child)
        os.close(source)


def _end(child: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(END_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)  # and whoever it has started
    child.wait()


@dataclass(slots=True, kw_only=True)
class Chromium:
    """The browser; its methods raise ChromiumError when it does not answer."""

    to: int
    source: int
    log: Path
    asked: int = 0
    heard: bytes = b""

    def open(self, html: str, *, width: int, height: int = 1, scale: float = 1.0) -> "Tab":
        """A tab that shows this page; it is as high as its content where that is higher than `height`."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = Tab(chromium=self, session=session)
        tab.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False)
        frame = tab.ask("Page.getFrameTree")["frameTree"]["frame"]["id"]
        tab.ask("Page.setDocumentContent", frameId=frame, html=html)
        return tab

    def ask(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """One call of the protocol, and its result."""
        self.asked += 1
        call = {"id": self.asked, "method": method, "params": params} | ({"sessionId": session} if session else {})
        try:
            self._say(json.dumps(call).encode() + b"\0")
            answer = self._answer(SYSTEM.monotonic() + ANSWER_S)
        except OSError as error:
            raise ChromiumError(f"Chromium has gone: {error.strerror}.{self._complaint()}") from error
        if "error" in answer:
            raise ChromiumError(f"Chromium refuses {method}: {answer['error'].get('message')}")
        result: dict[str, Any] = answer["result"]
        return result

    def _say(self, told: bytes) -> None:
        while told:
            told = told[os.write(self.to, told) :]

    def _answer(self, deadline: float) -> dict[str, Any]:
        while True:
            while b"\0" not in self.heard:
                self.heard += self._more(deadline)
            told, _, self.heard = self.heard.partition(b"\0")
            message: dict[str, Any] = json.loads(told)
            if message.get("id") == self.asked:
                return message

    def _more(self, deadline: float) -> bytes:
        ready, _, _ = select.select([self.source], [], [], max(0.0, deadline - SYSTEM.monotonic()))
        if not ready:
            raise ChromiumError(f"Chromium did not answer within {ANSWER_S:.0f} s.")
        more = os.read(self.source, 1 << 20)
        if not more:
            raise ChromiumError(f"Chromium did not start.{self._complaint()}")
        return more

    def _complaint(self) -> str:
        with contextlib.suppress(OSError):
            lines = self.log.read_bytes()[-LOG_BYTES:].decode("utf-8", "replace").strip().splitlines()
            return f" It says: {lines[-1]}" if lines else ""
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One page."""

    chromium: Chromium
    session: str

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        return self.chromium.ask(method, self.session, **params)

    def value(self, script: str) -> Any:
        """What a script answers in the page, as JSON."""
        answer = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise ChromiumError(str(answer["exceptionDetails"])[:500])
        return answer["result"].get("value")

    def png(self, selector: str) -> bytes:
        """A picture of the first element that is meant, PICTURE_PX_MAX high at most."""
        script = f"""document.fonts.ready.then(() => {{
            const box = document.querySelector({json.dumps(selector)}).getBoundingClientRect();
            return {{x: box.x, y: box.y, width: box.width, height: Math.min(box.height, {PICTURE_PX_MAX})}};
        }})"""
        clip = {**self.value(script), "scale": 1}
        shot = self.ask("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        return base64.b64decode(shot["data"])
