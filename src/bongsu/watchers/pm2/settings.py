"""What `[watch.pm2]` in bongsu.toml says; its switches have pm2-slack's names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bongsu.watchers import tables
from bongsu.watchers.tables import Wishes

WHERE = "watch.pm2"
SERVER_LENGTH_MAX = 80  # as other names in a message


class Switch(StrEnum):
    """What can be told or not."""

    LOG = "log"
    ERROR = "error"
    KILL = "kill"
    EXCEPTION = "exception"
    RESTART = "restart"
    RELOAD = "reload"
    DELETE = "delete"
    STOP = "stop"
    OVERLIMIT = "restart overlimit"
    EXIT = "exit"
    START = "start"
    ONLINE = "online"


OFF_BY_DEFAULT = frozenset({Switch.LOG, Switch.ERROR, Switch.ONLINE})
DEFAULTS = frozenset(Switch) - OFF_BY_DEFAULT

_KEYS = (*(switch.value for switch in Switch), "servername", "ignore", "channels")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pm2Settings:
    """What the team wants to hear of pm2, and where."""

    on: frozenset[Switch] = DEFAULTS
    servername: str = ""  # shown as the host; empty: its own name
    wishes: Wishes = field(default_factory=Wishes)

    def ignores(self, name: str, *, is_module: bool = False) -> bool:
        """Whether nobody wants to hear of this app. pm2's own modules have to be named among the channels."""
        return self.wishes.ignores(name) or (is_module and self.wishes.channel(name) is None)


def read(table: Mapping[str, Any], problems: list[str]) -> Pm2Settings:
    """The settings in the table; every problem is added to the list."""
    wishes = tables.read("pm2", table, problems, known=_KEYS)
    on = (switch for switch in Switch if tables.switch(WHERE, table, switch, switch in DEFAULTS, problems))
    return Pm2Settings(
        on=frozenset(on),
        servername=_server(table.get("servername", ""), problems),
        wishes=wishes,
    )


def _server(value: Any, problems: list[str]) -> str:
    if isinstance(value, str) and len(value) <= SERVER_LENGTH_MAX and (not value or value.isprintable()):
        return value
    problems.append(f"{WHERE}.servername: write a text of at most {SERVER_LENGTH_MAX} printable characters")
    return ""
