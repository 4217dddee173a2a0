"""A post office: a sender, its store, its clock, and channels that answer as told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from samples import ALERT, NOW

from bongsu.delivery.answer import Answer, Delivered, Rejected
from bongsu.delivery.deliver import Deliver
from bongsu.delivery.sender import AS_USUAL, LEASE, LEASE_S, Route, Sender
from bongsu.messages.delivery import Delivery, Verb
from bongsu.messages.message import Message
from bongsu.routing import Ability
from bongsu.store import MEMORY, Row, SqliteStore
from bongsu.testing import FakeClock

OK = Delivered({"ts": "1.0"})


@dataclass(slots=True)
class Told:
    """What a channel was given."""

    channel: str
    verb: Verb
    message: Message
    receipt: Mapping[str, str] | None
    plain: bool


@dataclass
class Post:
    """A post office: a sender, its store, its clock, and channels that answer as told."""

    answers: list[Answer | Callable[[], Answer]] = field(default_factory=list)
    otherwise: Answer = OK
    dead: set[str] = field(default_factory=set)
    told: list[Told] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    holder: str = ""
    channels: tuple[str, ...] = ("alarm", "devops")
    deliver: Deliver = AS_USUAL
    look_s: float = 36_000.0  # the longest pause of a courier: a second in a program
    answers_of: dict[str, Answer] = field(default_factory=dict)  # by channel, instead of `otherwise`
    servers: frozenset[str] = frozenset()  # the channels that take events alone, and count for themselves

    def __post_init__(self) -> None:
        self.clock = FakeClock(NOW)
        self.store = SqliteStore(MEMORY)
        self.sender = self.hire("me")

    def hire(self, holder: str, *, is_paced: bool = False) -> Sender:
        routes = {
            name: Route(name, name, f"masked {name}", is_paced=is_paced, forwards=name in self.servers)
            for name in self.channels
        }
        with self.store.transaction() as book:
            book.give_up_lease(LEASE, self.holder)
            book.take_lease(LEASE, holder, self.clock.now(), LEASE_S)
        self.holder = holder
        return Sender(
            routes,
            lambda channel: Line(self, channel),
            holder,
            now=self.clock.now,
            dice=lambda: 0.0,
            tell=self.said.setdefault,
            deliver=self.deliver,
        )

    def enqueue(self, verb: Verb, key: str = "a/1", *, to: str = "alarm", **facts: object) -> None:
        message = replace(ALERT, **facts)  # type: ignore[arg-type]
        with self.store.transaction() as book:
            book.enqueue(Delivery(channel=to, verb=verb, key=key, message=message), to, self.clock.now())

    def step(self, destination: str = "alarm") -> float | None:
        return self.sender.step(self.store, destination)

    def work(self, seconds: float = 0.0) -> None:
        """Send all that may be sent in this time."""
        end = self.clock.now() + seconds
        while True:
            waits = [wait for name in self.channels if (wait := self.step(name)) is not None]
            pause = min(self.look_s, *waits) if waits else end + 1
            if self.clock.now() + pause > end:
                return
            self.clock.advance(pause)

    def rows(self) -> list[Row]:
        with self.store.reading() as book:
            return book.rows()

    def verbs(self) -> list[tuple[str, str]]:
        return [(told.channel, told.verb.value) for told in self.told]


class Line:
    ability = Ability.EDITS

    def __init__(self, post: Post, channel: str) -> None:
        self._post = post
        self._channel = channel

    def send(
        self, verb: Verb, message: Message, receipt: Mapping[str, str] | None = None, *, plain: bool = False
    ) -> Answer:
        self._post.told.append(Told(self._channel, verb, message, receipt, plain))
        if self._channel in self._post.servers and message.event is None:
            return Rejected("no_event")
        if self._channel in self._post.dead:
            return Rejected("channel_is_archived", dead=True)
        answer = self._answer()
        return answer() if callable(answer) else answer

    def _answer(self) -> Answer | Callable[[], Answer]:
        if self._post.answers:
            return self._post.answers.pop(0)
        return self._post.answers_of.get(self._channel, self._post.otherwise)

    def close(self) -> None:
        """Nothing is open."""
