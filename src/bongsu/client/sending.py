"""Of all processes of an app one sends: it holds the lease, and has a courier for each destination."""

import threading
from collections.abc import Callable

from bongsu.client.courier import Courier
from bongsu.client.guard import caught
from bongsu.client.leader import is_gone
from bongsu.client.wake import Bell
from bongsu.clock import Clock
from bongsu.delivery.sender import LEASE, LEASE_S, Sender
from bongsu.store import SqliteStore, StoreError

COURIER_IDLE_S = 5.0
SLEEP_MAX_S = 1.0


class Sending:
    """The lease of this process, and its couriers."""

    def __init__(
        self, sender: Sender, holder: str, clock: Clock, store: Callable[[], SqliteStore], progress: Bell
    ) -> None:
        """`holder`: who we are, for the lease. `progress` rings after each message."""
        self.leads = False
        self._sender = sender
        self._former: list[Sender] = []
        self._holder = holder
        self._clock = clock
        self._store = store
        self._progress = progress
        self._couriers: dict[str, Courier] = {}
        self._stopping = False

    # -- life

    def adopt(self, sender: Sender) -> None:
        """From the next message on this one sends; the former is closed when nothing of it is on its way any more."""
        self._former.append(self._sender)
        self._sender = sender
        for courier in list(self._couriers.values()):
            courier.bell.ring()

    def stop(self) -> None:
        """No message after the ones on their way."""
        self._stopping = True
        for courier in list(self._couriers.values()):
            courier.bell.ring()

    def join(self, deadline: float) -> None:
        """Wait for the couriers, until then by the monotonic clock."""
        for courier in list(self._couriers.values()):
            if courier.thread is not threading.current_thread():
                courier.thread.join(max(0.0, deadline - self._clock.monotonic()))

    def close(self) -> None:
        for sender in (*self._former, self._sender):
            sender.close()

    # -- the lease

    def take_lease(self, *, eager: bool) -> bool:
        """Whether it is ours from here on."""
        with self._store().transaction() as book:
            now = self._clock.now()  # in the transaction: read before it, a sibling's newer lease looks set back
            led = self.leads
            leader = book.lease_holder(LEASE)
            if leader is not None and is_gone(leader):
                book.give_up_lease(LEASE, leader)
            self.leads = book.take_lease(LEASE, self._holder, now, LEASE_S, eager=eager)
            if self.leads and not led:
                book.release_stale(self._holder)
        return self.leads

    def give_up_lease(self) -> None:
        """Raises StoreError."""
        if self.leads:
            with self._store().transaction() as book:
                book.give_up_lease(LEASE, self._holder)

    # -- the couriers

    def dispatch(self) -> None:
        """See to it that a courier serves each destination that something waits for. Raises StoreError."""
        self._close_former()
        if not self.leads or self._stopping:
            return
        for destination in self._waiting():
            courier = self._couriers.get(destination)
            if courier is None or not courier.thread.is_alive():
                courier = Courier(self._carry, destination, self._sender)
                if not courier.start():
                    while self._sender.step(self._store(), destination) == 0.0:
                        self._progress.ring()
                    continue
                self._couriers[destination] = courier
            courier.bell.ring()

    def _waiting(self) -> list[str]:
        with self._store().reading() as book:
            return [destination for destination in book.waiting_counts() if destination in self._sender.serves]

    def _close_former(self) -> None:
        if not self._former:
            return
        self._couriers = {name: courier for name, courier in self._couriers.items() if courier.thread.is_alive()}
        working = [courier.sender for courier in self._couriers.values()]
        for sender in [each for each in self._former if each not in working]:
            self._former.remove(sender)
            sender.close()

    def _carry(self, courier: Courier) -> None:
        """A courier's life: send what waits for one destination, linger, end."""
        while not self._stopping and self.leads and courier.sender is self._sender:
            try:
                wait_s = courier.sender.step(self._store(), courier.destination)
            except StoreError:
                wait_s = SLEEP_MAX_S  # the worker meets the same error and sees to it
            except Exception as error:  # noqa: BLE001  # the guard of the courier's loop
                caught("courier", error)
                wait_s = SLEEP_MAX_S
            self._progress.ring()
            if wait_s is None and not courier.bell.wait(COURIER_IDLE_S):
                return
            if wait_s:
                courier.bell.wait(min(wait_s, SLEEP_MAX_S))
