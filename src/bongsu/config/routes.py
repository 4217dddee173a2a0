"""`[[route]]` of bongsu.toml becomes rules; each problem names its rule and the remedy."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from bongsu.config import values
from bongsu.config.words import nearest, short
from bongsu.routing.covering import covered
from bongsu.routing.patterns import pattern_of
from bongsu.routing.rules import CHOICES, TAG, Field, Rule

UNREACHABLE_TOLD = 10  # behind a rule that takes everything stand all the others
ROUTES_MAX = 1_000  # a person writes some ten; a thousand are decided in microseconds
CONDITIONS_MAX = 100  # of one rule, each tag being one
PATTERNS_MAX = 100  # of one condition
PATTERN_LENGTH_MAX = 200
KEYS = ("when", "to", "continue")
CHANNEL = re.compile(r"[\w.-]{1,80}")


def read(tables: Any, problems: list[str]) -> tuple[Rule, ...]:
    """The rules, in their order."""
    if not isinstance(tables, list) or not all(isinstance(each, Mapping) for each in tables):
        problems.append('route: write tables, such as [[route]] and below it to = "devops"')
        return ()
    if len(tables) > ROUTES_MAX:
        problems.append(f"route: more than {ROUTES_MAX:,} rules")
        return ()
    rules = tuple(_rule(table, f"route {number}", problems) for number, table in enumerate(tables, 1))
    _unreachable(rules, problems)
    return rules


def _rule(table: Mapping[str, Any], where: str, problems: list[str]) -> Rule:
    values.keys_of(where, table, KEYS, problems)
    goes_on = table.get("continue", False)
    if not isinstance(goes_on, bool):
        problems.append(f"{where}: continue must be true or false")
    when = conditions(table.get("when", {}), where, problems)
    return Rule(to=channels(table, where, problems), when=when, goes_on=goes_on is True)


def channels(table: Mapping[str, Any], where: str, problems: list[str]) -> tuple[str, ...]:
    given = table.get("to")
    channels = [given] if isinstance(given, str) else given
    is_right = isinstance(channels, list) and channels and all(_is_channel(each) for each in channels)
    if not is_right:
        problems.append(f'{where}: to must name a channel or several, such as "devops" or ["alarm", "devops"]')
        return ()
    return tuple(dict.fromkeys(channels))  # type: ignore[arg-type]  # all are texts


def _is_channel(name: object) -> bool:
    return isinstance(name, str) and CHANNEL.fullmatch(name) is not None


def conditions(when: Any, where: str, problems: list[str]) -> dict[str, tuple[str, ...]]:
    """What an event must be like: field → patterns."""
    if not isinstance(when, Mapping):
        problems.append(f'{where}: when must be a table, such as {{ level = "error", app = "checkin*" }}')
        return {}
    found: dict[str, tuple[str, ...]] = {}
    written = list(_flat(when))
    if len(written) > CONDITIONS_MAX:
        problems.append(f"{where}: when has more than {CONDITIONS_MAX} conditions; write several rules")
        return {}
    for name, given in written:
        if name in Field._value2member_map_ or (name.startswith(TAG) and len(name) > len(TAG)):
            found[name] = _patterns(name, given, f"{where}: {name}", problems)
        else:
            known = [*(each.value for each in Field), "tag.NAME"]
            problems.append(f"{where}: unknown condition {short(name)}{nearest(name, known)}")
    return found


def _flat(when: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """`tag.team = "x"` is a table in a table."""
    for name, given in when.items():
        if name == "tag" and isinstance(given, Mapping) and given:
            yield from ((f"{TAG}{tag}", pattern) for tag, pattern in given.items())
        else:
            yield name, given


def _patterns(name: str, given: Any, where: str, problems: list[str]) -> tuple[str, ...]:
    listed = given if isinstance(given, list) else [given]
    texts = [str(each) if isinstance(each, int) and not isinstance(each, bool) else each for each in listed]
    if not texts or len(texts) > PATTERNS_MAX or not all(_is_pattern(each) for each in texts):
        problems.append(f"{where}: write a text, or a list of up to {PATTERNS_MAX} texts")
        return ()
    before = len(problems)
    for text in texts:
        _check(name, text, where, problems)
    return tuple(dict.fromkeys(texts)) if len(problems) == before else ()


def _is_pattern(text: object) -> bool:
    return isinstance(text, str) and 0 < len(text) <= PATTERN_LENGTH_MAX


def _check(name: str, text: str, where: str, problems: list[str]) -> None:
    if name not in CHOICES and name != Field.HTTP_STATUS:
        return  # any text will do
    try:
        pattern = pattern_of(name, text)
    except ValueError:
        problems.append(f"{where}: {short(text)} is no status; write 503, 5xx or >=500")
        return
    choices = CHOICES.get(name, ())
    if choices and not any(pattern.accepts(each) for each in choices):
        problems.append(f"{where}: {short(text)} is not known{nearest(text, choices)}")


def _unreachable(rules: Sequence[Rule], problems: list[str]) -> None:
    """What stands behind a rule that takes all the same events is never asked."""
    for number, taker in islice(covered(rules), UNREACHABLE_TOLD):
        what = "all that it would" if rules[taker].when else "everything before it"
        problems.append(f"route {number + 1}: is never reached, since route {taker + 1} takes {what}")
