"""`ThreadPoolExecutor`: the request id in force at `submit` is in force in the worker thread.

Only Bongsu's own values go along. The host's context variables stay as they are: carrying them would change what its
code does. The standard library's own work item is the place, since it leaves no frame of ours in a traceback.
"""

from concurrent.futures import thread
from typing import Any

from bongsu.capture.context import carried
from bongsu.integrations.attaching import Undo, all_of, step_in

_BLOCK = "_bongsu_block"


def attach() -> Undo:
    """Carry the values from `submit` to the run."""
    item: Any = thread._WorkItem
    hosts_init, hosts_run = item.__init__, item.run

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        hosts_init(self, *args, **kwargs)
        block = carried()
        if block is not None:
            self.__dict__[_BLOCK] = block

    def run(self: Any, *args: Any) -> None:
        block = self.__dict__.pop(_BLOCK, None)
        try:
            if block is None:
                hosts_run(self, *args)
            else:
                with block:
                    hosts_run(self, *args)
        finally:
            del self  # else an exception and its future would hold each other through this frame

    return all_of([step_in(item, "__init__", init), step_in(item, "run", run)])
