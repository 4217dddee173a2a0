"""What the destinations share that take messages and let none be changed afterwards."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from bongsu.delivery.answer import Answer, Delivered, Rejected
from bongsu.messages.delivery import Verb
from bongsu.messages.message import Message

Receipt = Mapping[str, str] | None


class OneWay(ABC):
    """A destination without threads: it cannot reach back to an earlier message.

    An edit or reply, left over from the time when a bot served the channel, is answered so that it is posted anew.
    """

    def send(
        self,
        verb: Verb,
        message: Message,
        receipt: Receipt = None,
        *,
        plain: bool = False,
    ) -> Answer:
        match verb:
            case Verb.EDIT | Verb.REPLY:
                return Rejected("no_receipt", gone=True)
            case Verb.STACK:
                return Delivered()
            case Verb.POST | Verb.FORWARD:
                return self._post(message, receipt, plain=plain)

    def close(self) -> None:  # noqa: B027 — for all of them there is nothing to give back
        """Nothing is kept open between two sends."""

    @abstractmethod
    def _post(self, message: Message, receipt: Receipt, *, plain: bool) -> Answer:
        """With a receipt, an earlier message of the same episode was delivered, with the stack."""
