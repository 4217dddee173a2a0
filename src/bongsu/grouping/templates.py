"""Groups by the user's own word: a text with placeholders stands in place of the usual fingerprint. Pure.

Equal texts are one problem within an environment, whichever rule has made them.
"""

import re
from dataclasses import dataclass
from itertools import chain, zip_longest

from bongsu.event import Event
from bongsu.grouping.normalise import normalise, normalise_name

VERSION = "r1"  # begins every fingerprint that a rule has made
DEFAULT = "default"  # the usual fingerprint
SAME = (DEFAULT, "exception", "app", "release", "host")  # alike wherever one place of one process fails
VARYING = ("message", "logger", "route", "method", "status")
PLACEHOLDERS = (*SAME, *VARYING)
TAG = "tag."  # begins a placeholder too: {tag.tenant}
VALUE_LENGTH_MAX = 200  # characters of a value; what tells two apart stands at their beginning
GROUP_LENGTH_MAX = 500  # characters of what is written
OTHERS = "(other)"  # every varying value, where there are more of them than a process tells apart
_DIGITS = 16  # as many as the usual fingerprint has

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Template:
    """`{default} {tag.tenant}`, taken apart."""

    written: str
    texts: tuple[str, ...]  # one more than there are names; they stand around them
    names: tuple[str, ...]

    @property
    def varying(self) -> tuple[str, ...]:
        """The placeholders whose value may be another each time that one place fails."""
        return tuple(dict.fromkeys(name for name in self.names if name not in SAME))


def parsed(written: str) -> Template:
    """The template. Raises ValueError where a brace stands alone."""
    pieces = _PLACEHOLDER.split(written)
    if any("{" in text or "}" in text for text in pieces[::2]):
        raise ValueError("a brace stands alone")
    return Template(written, tuple(pieces[::2]), tuple(pieces[1::2]))


def is_known(name: str) -> bool:
    """Whether there is such a placeholder."""
    return name in PLACEHOLDERS or (name.startswith(TAG) and len(name) > len(TAG))


def fingerprint_by(template: Template, event: Event, usual: str, *, crowded: bool = False) -> str:
    """`r1:` and 16 hexadecimal digits. `usual`: the fingerprint without a rule; `crowded`: one of OTHERS."""
    from hashlib import sha256  # later than `import bongsu`, as in v1

    components = (f"environment: {event.environment}", f"group: {_text(template, event, usual, crowded=crowded)}")
    text = "".join(f"{len(component)}:{component}" for component in components)
    return f"{VERSION}:{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:_DIGITS]}"


def shown(name: str, value: str) -> str:
    """A value as it goes into the text: a message without what varies by itself, all else as it is, at its length."""
    return normalise(value) if name == "message" else value[:VALUE_LENGTH_MAX]


def _text(template: Template, event: Event, usual: str, *, crowded: bool) -> str:
    values = (_value(name, event, usual, crowded=crowded) for name in template.names)
    return "".join(chain.from_iterable(zip_longest(template.texts, values, fillvalue="")))


def _value(name: str, event: Event, usual: str, *, crowded: bool) -> str:
    if crowded and name not in SAME:
        return OTHERS
    match name:
        case "default":
            return usual
        case "exception":
            return _exception(event)
        case "message" | "logger" | "app" | "release" | "host":
            return shown(name, getattr(event, name) or "")
        case _:
            return shown(name, event.tags.get(name.removeprefix(TAG), ""))


def _exception(event: Event) -> str:
    """`sqlalchemy.exc.IntegrityError`, `KeyError`; empty where there is none."""
    for raised in event.exceptions[:1]:
        is_qualified = raised.module and raised.module != "builtins"
        return normalise_name(f"{raised.module}.{raised.type}" if is_qualified else raised.type)
    return ""
