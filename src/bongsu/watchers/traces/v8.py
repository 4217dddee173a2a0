"""Single lines of JavaScript stacks, as V8 writes them and Node's `util.inspect` dresses them up."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

_HEAD = re.compile(r"(?:Uncaught )?(?P<type>[A-Za-z_$][\w$.]*)(?: \[[^\]]*\])?(?:: (?P<message>.*))?")
# The end of a name behind the words of whoever logged it: `failed: TypeError: …`, `failed: Order [OrderError]: …`
_END_OF_NAME = re.compile(r"(?:Error|Exception)(?: \[[^\]]*\])?\]?: ")
_CLASS = re.compile(r"(?<![^ ])[A-Z][\w$]*(?: \[[^\]]*\])?: ")  # behind other words
_NAMES_AN_ERROR = re.compile(r"[\w$.]*(?:Error|Exception|Rejection)")
_AT = re.compile(r" +at (?:async )?(?P<call>.+?)(?P<properties> \{)?,?")
_PLACE = re.compile(r"(?P<path>.+):(?P<line>\d{1,9}):\d+")
_PLACE_OF_EVAL = re.compile(r"\((?P<path>[^()]+):(?P<line>\d{1,9}):\d+\)")
_NO_PLACE = re.compile(r"<anonymous>|native|index \d+")  # built into the engine
_LEFT_OUT = re.compile(r" +\.\.\. (\d{1,9}) lines matching cause stack trace \.\.\.")
_REASON = "The promise rejected with the reason "  # what stands before it is the same each time

ANONYMOUS = "<anonymous>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The line that names an error."""

    type: str
    message: str
    has_properties: bool = False  # they follow in braces


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A line of a stack. No path: inside the engine."""

    function: str
    path: str
    line: int
    has_properties: bool


def head(line: str) -> Head | None:
    """The head of an error, whatever its name."""
    found = _HEAD.fullmatch(_without_brackets(line))
    if not found:
        return None
    message = found["message"] or ""
    message = message[max(0, message.find(_REASON)) :]
    return Head(type=found["type"], message=message, has_properties=line.startswith("[") and line.endswith("] {"))


def _without_brackets(line: str) -> str:
    """What names the error: one without a stack stands in brackets, and properties may follow."""
    if not line.startswith("["):
        return line
    return line[1:-1] if line.endswith("]") else line[1:].partition("] {")[0]


def telling_head(line: str) -> Head | None:
    """The head of an error that is named like one, perhaps behind other words."""
    found = head(line)
    if found and _NAMES_AN_ERROR.fullmatch(found.type):
        return found
    end = _END_OF_NAME.search(line)
    return head(line[_start_of_word(line, end.start()) :]) if end else None


def head_before_calls(line: str) -> Head:
    """The head of an error, of which it is known that its calls follow."""
    found = telling_head(line) or head(line)
    if found and found.type[:1].isupper():
        return found
    behind = _CLASS.search(line)
    return (head(line[behind.start() :]) if behind else found) or Head(type="Error", message=line)


def _start_of_word(line: str, index: int) -> int:
    start = line.rfind(" ", 0, index) + 1
    return line.rfind(" ", 0, start - 1) + 1 if line.startswith("[", start) and start > 1 else start


def call(line: str) -> Call | None:
    """A call of a stack."""
    found = _AT.fullmatch(line) if " at " in line else None
    if not found:
        return None
    function, path, number = _parts(found["call"])
    if not function:
        return None
    return Call(
        function=function.partition(" [as ")[0],
        path=local_path(path),
        line=number,
        has_properties=found["properties"] is not None,
    )


def _parts(text: str) -> tuple[str, str, int]:
    """Function, path and line. No function: it is no call."""
    function, bracket, inside = text.removesuffix(")").partition(" (" if text.endswith(")") else "\n")
    if inside.startswith("eval at "):
        place = _PLACE_OF_EVAL.search(inside)
    else:
        place = _PLACE.fullmatch(inside if bracket else text)
    if place:
        return function if bracket else ANONYMOUS, place["path"], int(place["line"])
    return (function, "", 0) if bracket and _NO_PLACE.fullmatch(inside) else ("", "", 0)


def left_out(line: str) -> int:
    """How many calls this line stands for, which the cause's stack has as well."""
    found = _LEFT_OUT.fullmatch(line)
    return int(found[1]) if found else 0


def local_path(path: str) -> str:
    """A file's URL, as modules have it, as a path."""
    return unquote(path[len("file://") :]) if path.startswith("file:///") else path
