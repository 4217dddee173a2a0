"""Processes of one app on a fake clock, without their threads: each look and each send of theirs is made by hand.

All else is real: the settings come from a bongsu.toml, captures go through recorder and spool, the worker takes them
into a store on disk, its sender speaks HTTP to a scripted Slack.
"""

import bisect
import contextlib
import math
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bongsu.client import guard
from bongsu.client.books import open_store
from bongsu.client.client import Client
from bongsu.client.plan import Open
from bongsu.config import SECTIONS, Settings, load
from bongsu.delivery.answer import Answer
from bongsu.delivery.channel import Channel
from bongsu.messages.delivery import Verb
from bongsu.messages.message import Message
from bongsu.routing import Ability
from bongsu.testing import FakeClock, Received, ScriptedSlack

LOOK_S = 3_600.0  # the longest time nobody looks; whatever is due is looked at when it is due
LEADERLESS_LOOK_S = 1.0  # until a sibling notices that the sender is gone
HEARTBEAT_LOOK_S = 1.0  # where a sign of life is to go out
SUMMARY = '[summary]\nevery = "never"\n' if "summary" in SECTIONS else ""
HEAD = 'app = "checkin"\ntimezone = "{zone}"\n'


class Killed(BaseException):
    """The process is gone, as after SIGKILL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One thing that people in a channel saw."""

    at: float
    channel: str
    verb: Verb
    message: Message  # what it was made from
    said: str  # every text of what Slack accepted


class Process(Client):
    """One process of the app, stepped; several share a folder."""

    def __init__(self, stage: "Stage", settings: Settings) -> None:
        super().__init__(settings, clock=stage.clock)
        self._stage = stage
        self._started = True  # in all but its hooks
        self.worker.has_started = True  # nobody begins its thread …
        self.worker._sending.stop()  # … nor those of couriers

    def look(self) -> None:
        """One round of the worker's loop."""
        self.worker._turn()
        self.worker._plan.heartbeat.wait(5.0)

    def carry(self) -> float:
        """What couriers do: send all that may be sent; seconds until there is more to send."""
        return min(map(self._carried, self.worker._plan.sender.serves), default=math.inf)

    def is_killed(self) -> None:
        """What the kernel does: locks and files are let go, the lease stays."""
        self.worker.books.close()
        for spool in self.worker.spools():
            spool.release()

    def _carried(self, destination: str) -> float:
        while True:
            wait_s = self.worker._plan.sender.step(self.worker.books.store, destination)
            if wait_s != 0.0:
                return math.inf if wait_s is None else wait_s

    def _opening(self, settings: Settings, gate: threading.RLock) -> Open:
        opening = super()._opening(settings, gate)
        return lambda channel: Ear(opening(channel), self._stage, self)


class Ear:
    """Between a process and a real channel: notes what Slack accepted, and what it was made from."""

    def __init__(self, channel: Channel, stage: "Stage", process: Process) -> None:
        self._channel = channel
        self._stage = stage
        self._process = process

    @property
    def ability(self) -> Ability:
        return self._channel.ability

    def send(
        self, verb: Verb, message: Message, receipt: Mapping[str, str] | None = None, *, plain: bool = False
    ) -> Answer:
        before = self._stage.received()
        answer = self._channel.send(verb, message, receipt, plain=plain)
        for old, new in zip(before, self._stage.received(), strict=True):
            self._stage.hear(new[len(old) :], message)
        if self._process is self._stage.dies_while_sending:
            self._stage.dies_while_sending = None
            raise Killed
        return answer

    def close(self) -> None:
        self._channel.close()


@contextlib.contextmanager
def open_stage(folder: Path, **facts: Any) -> Iterator["Stage"]:
    """A stage with nothing else running; what fails inside Bongsu fails the test. `facts` as of Stage."""
    clock, before = FakeClock(), guard.reraise
    with ScriptedSlack(clock=clock) as slack, ScriptedSlack(clock=clock) as elsewhere:
        guard.reraise = True
        stage = Stage(folder, slack, elsewhere, clock, **facts)
        try:
            yield stage
        finally:
            stage.end()
            guard.reraise = before


class Stage:
    """One clock, one Slack, and the processes of one app. `elsewhere` is a Slack that fails by itself."""

    def __init__(
        self,
        folder: Path,
        slack: ScriptedSlack,
        elsewhere: ScriptedSlack,
        clock: FakeClock,
        *,
        config: str = "",
        channels: Iterable[str] = ("alarm", "devops"),
        backup: Iterable[str] = (),
        is_bot: bool = False,
        zone: str = "Asia/Seoul",
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.clock = clock
        self.slack = slack
        self.elsewhere = elsewhere
        self.zone = ZoneInfo(zone)
        self.heard: list[Heard] = []
        self.processes: dict[str, Process] = {}
        self.dies_while_sending: Process | None = None
        self.decided: Callable[[], None] = lambda: None  # called after each look, before anything is sent
        self.is_watched = "heartbeat_url" in config
        self._folder = folder
        self._environ = {
            **{_variable(name): f"slack://#{name}" if is_bot else slack.webhook_url(name) for name in channels},
            **{_variable(name): elsewhere.webhook_url(name) for name in backup},
            "BONGSU_SLACK_TOKEN": slack.token,
            "BONGSU_SLACK_API": slack.api_url,
            **(environ or {}),
        }
        addresses = "".join(f'{name} = {{ to = "env:{_variable(name)}" }}\n' for name in (*channels, *backup))
        text = f"{HEAD.format(zone=zone)}{SUMMARY}[channels]\n{addresses}{config}"
        (folder / "bongsu.toml").write_text(text, encoding="utf-8")
        self.begin("web")
        self.store = open_store(self.process().settings.state_dir)  # as the commands of `bongsu` do

    # -- processes

    def begin(self, name: str, **settings: str) -> None:
        """A process starts. `settings` as of `bongsu.init`."""
        arguments = {"config": str(self._folder / "bongsu.toml"), "state_dir": str(self._folder), **settings}
        self.processes[name] = Process(self, load(arguments, self._environ))

    def kill(self, name: str) -> None:
        self.processes.pop(name).is_killed()

    def end(self) -> None:
        for process in self.processes.values():
            process.is_killed()
        self.store.close()

    def process(self, name: str = "web") -> Process:
        return self.processes[name]

    # -- time

    def live_until(self, moment: float) -> None:
        """Let the wall clock reach that moment; everybody looks whenever something is due before it."""
        while (left_s := moment - self.clock.now()) > 0:
            pause_s = self.look()
            self.clock.advance(min(left_s, max(1.0, math.ceil(pause_s))))

    def look(self) -> float:
        """Everybody looks until there is nothing to do; seconds until there is."""
        for name, process in list(self.processes.items()):
            process.look()
            self.decided()
            self._carry(name, process)
        pauses = [self._carry(name, process) for name, process in list(self.processes.items())]
        pause_s = min(pauses, default=math.inf)
        if self.processes and math.isinf(pause_s) and self._is_left():
            pause_s = LEADERLESS_LOOK_S
        return min(HEARTBEAT_LOOK_S if self.is_watched else LOOK_S, pause_s, self._due_in())

    def _carry(self, name: str, process: Process) -> float:
        try:
            return process.carry()
        except Killed:
            self.kill(name)
            return 0.0

    def _is_left(self) -> bool:
        """Whether something waits that nobody sends."""
        with self.store.reading() as book:
            return bool(book.waiting_counts())

    def _due_in(self) -> float:
        """Whole seconds until somebody has something to say."""
        now = self.clock.now()
        with self.store.reading() as book:
            return bisect.bisect_left(range(int(LOOK_S)), True, key=lambda pause_s: book.is_due(now + pause_s))

    # -- what is seen

    def received(self) -> tuple[list[Received], list[Received]]:
        return self.slack.messages, self.elsewhere.messages

    def hear(self, received: Iterable[Received], message: Message) -> None:
        for each in received:
            if each.accepted:
                self.heard.append(
                    Heard(
                        at=each.at,
                        channel=each.channel.lstrip("#"),
                        verb=each.verb,
                        message=message,
                        said=" ".join(_texts(each.payload)),
                    )
                )


def _variable(channel: str) -> str:
    return f"SLACK_{channel.upper().replace('-', '_')}"


def _texts(payload: object) -> Iterator[str]:
    match payload:
        case {"text": str(text)}:
            yield text
    match payload:
        case dict():
            for each in payload.values():
                yield from _texts(each)
        case list():
            for each in payload:
                yield from _texts(each)
