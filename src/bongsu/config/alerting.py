"""`[alerting]` and `[[fingerprint]]` of bongsu.toml: when to speak again, what is ignored, and what is one problem."""

from collections.abc import Mapping, Sequence
from typing import Any

from bongsu.alerting.group import Schedule
from bongsu.capture.recorder import DETAIL_EVERY_S
from bongsu.config import routes, values
from bongsu.config.words import nearest, short
from bongsu.event import Kind
from bongsu.grouping import templates
from bongsu.grouping.templates import GROUP_LENGTH_MAX, PLACEHOLDERS, Template
from bongsu.routing.rules import TAG, Field
from bongsu.routing.sorting import OWN_KINDS, Ignored, Regrouped, Sorting

MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400
SPANS_S = {
    # key: shortest and longest span that makes sense
    "quiet_after": (10, DAY_S),
    "remind_every": (MINUTE_S, 30 * DAY_S),
    "growth_every": (10, DAY_S),
    "storm_window": (10, HOUR_S),
}
NUMBERS = {
    # key: least and most
    "growth_factor": (2, 1_000),
    "storm_budget": (1, 100),  # Slack takes some 60 messages a minute for a channel
}
DETAIL_EVERY, IGNORE = "detail_every", "ignore"
DETAIL_LEAST_S, DETAIL_MOST_S = 1, DAY_S  # each detail is some 3 KB, written on the thread of the error
ALERTING = (*SPANS_S, *NUMBERS, DETAIL_EVERY, IGNORE)
RULES_MAX = 1_000  # of each kind, as many as routes

FINGERPRINT = ("when", "group")


def schedule(given: Any, problems: list[str]) -> Schedule:
    """When to speak again."""
    table = values.keys_of("alerting", given, ALERTING, problems)
    spans = {
        f"{key}_s": values.duration_s(f"alerting.{key}", table[key], *SPANS_S[key], problems)
        for key in SPANS_S
        if key in table
    }
    numbers = {
        key: int(values.number(f"alerting.{key}", table[key], *NUMBERS[key], problems))
        for key in NUMBERS
        if key in table
    }
    return Schedule(**spans, **numbers)  # type: ignore[arg-type]  # each key its own type


def detail_every_s(given: Any, problems: list[str]) -> float:
    """How often a known problem is described anew."""
    if not isinstance(given, Mapping) or DETAIL_EVERY not in given:
        return DETAIL_EVERY_S
    where = f"alerting.{DETAIL_EVERY}"
    return values.duration_s(where, given[DETAIL_EVERY], DETAIL_LEAST_S, DETAIL_MOST_S, problems)


def sorting(alerting: Any, tables: Any, problems: list[str]) -> Sorting:
    """What is ignored, and what is one problem by the user's word."""
    ignored = alerting.get(IGNORE, []) if isinstance(alerting, Mapping) else []
    return Sorting(_ignored(ignored, problems), _regrouped(tables, problems))


def _ignored(given: Any, problems: list[str]) -> list[Ignored]:
    if not isinstance(given, list) or not all(isinstance(each, (str, Mapping)) for each in given):
        example = 'ignore = ["BrokenPipeError", { logger = "noisy.*" }]'
        problems.append(f"alerting.{IGNORE}: must be a list of exceptions, or of conditions as in a route: {example}")
        return []
    if len(given) > RULES_MAX:
        problems.append(f"alerting.{IGNORE}: more than {RULES_MAX:,} rules")
        return []
    return [_ignoring(each, f"alerting.{IGNORE} {number}", problems) for number, each in enumerate(given, 1)]


def _ignoring(given: str | Mapping[str, Any], where: str, problems: list[str]) -> Ignored:
    before = len(problems)
    when = routes.conditions({Field.EXCEPTION.value: given} if isinstance(given, str) else given, where, problems)
    if not when and len(problems) == before:
        problems.append(f"{where}: is empty, and would ignore everything; write what it is to meet, or take it out")
    return Ignored(when=when)


def _regrouped(tables: Any, problems: list[str]) -> list[Regrouped]:
    if not isinstance(tables, list) or not all(isinstance(each, Mapping) for each in tables):
        problems.append('fingerprint: write tables, such as [[fingerprint]] and below it group = "{default} {route}"')
        return []
    if len(tables) > RULES_MAX:
        problems.append(f"fingerprint: more than {RULES_MAX:,} rules")
        return []
    rules = [_regrouping(table, f"fingerprint {number}", problems) for number, table in enumerate(tables, 1)]
    _unreachable(rules, problems)
    return rules


def _regrouping(table: Mapping[str, Any], where: str, problems: list[str]) -> Regrouped:
    values.keys_of(where, table, FINGERPRINT, problems)
    when = routes.conditions(table.get("when", {}), where, problems)
    foreign = (kind for kind in Kind if kind not in OWN_KINDS and kind.value in when.get(Field.KIND, ()))
    own = ", ".join(OWN_KINDS)
    problems.extend(f"{where}: kind: {kind} events keep their fingerprint; write one of {own}" for kind in foreign)
    return Regrouped(group=_template(table.get("group"), f"{where}: group", problems), when=when)


def _template(given: Any, where: str, problems: list[str]) -> Template:
    if not isinstance(given, str) or not given.strip() or len(given) > GROUP_LENGTH_MAX:
        example = '"database" or "{default} {tag.tenant}"'
        problems.append(f"{where}: must be a text of 1 to {GROUP_LENGTH_MAX} characters, such as {example}")
        return templates.parsed("")
    try:
        template = templates.parsed(given)
    except ValueError:
        problems.append(f"{where}: {short(given)} has a brace alone; write placeholders as {{default}}")
        return templates.parsed("")
    unknown = (name for name in template.names if not templates.is_known(name))
    problems.extend(f"{where}: unknown placeholder {short(name)}{_nearest(name)}" for name in unknown)
    return template


def _nearest(name: str) -> str:
    """Most that are not known are names of tags."""
    return nearest(name, (*PLACEHOLDERS, f"{TAG}NAME" if name.startswith(TAG) else f"{TAG}{name}"))


def _unreachable(rules: Sequence[Regrouped], problems: list[str]) -> None:
    """What stands behind a rule that takes everything is never asked."""
    first = next((number for number, rule in enumerate(rules, 1) if not rule.when), len(rules))
    if first < len(rules):
        where, taken = f"fingerprint {first + 1}", f"fingerprint {first} takes everything before it"
        problems.append(f"{where}: is never reached, since {taken}")
