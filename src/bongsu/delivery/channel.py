"""The seam to the outside: what every destination implements, and what conformance tests check."""

from collections.abc import Mapping
from typing import Protocol

from bongsu.delivery.answer import Answer
from bongsu.messages.delivery import Verb
from bongsu.messages.message import Message
from bongsu.routing import Ability


class Channel(Protocol):
    """One destination, opened. Called from one thread at a time."""

    ability: Ability

    def send(
        self, verb: Verb, message: Message, receipt: Mapping[str, str] | None = None, *, plain: bool = False
    ) -> Answer:
        """Carry one message; never raises for the world's failures. Bounded in time (SEND_DEADLINE_S).

        `receipt` is that of the POST delivered under the same key: EDIT, REPLY and STACK need it, and for another POST
        it says that this one is a follow-up. `plain` asks for text without layout, after the layout was rejected.
        """
        ...

    def close(self) -> None:
        """Give back files and connections; idempotent."""
        ...
