"""`repo_url`, `[links]` and `[[runbook]]` of bongsu.toml: where a message leads."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from bongsu.config import routes, values
from bongsu.config.words import nearest, short
from bongsu.messages import links
from bongsu.messages.style import Links, Runbook

RUNBOOK = ("when", "url")
RUNBOOKS_MAX = 100  # they are tried one by one for each message
TEMPLATE_LENGTH_MAX = 400  # a query with two filters takes 300
NAME = re.compile(r"\w[\w -]{0,29}")  # is shown as it is

_TEMPLATE = re.compile(r"https?://[\w.:\[\]-]+(?:[/?#](?:[^{}<>|\"`\\\s]|\{[^{}]*\})*)?", re.ASCII)


def read(given: Mapping[str, Any], problems: list[str]) -> Links:
    """All templates of the settings."""
    beside = (*links.PLACES, *links.TIMES)
    repo_url = given.get("repo_url")
    return Links(
        repo_url="" if repo_url is None else _template("repo_url", repo_url, (*links.SOURCE, *links.PLACES), problems),
        others=_others(given.get("links", {}), beside, problems),
        runbooks=_runbooks(given.get("runbook", []), beside, problems),
    )


def _others(given: Any, known: Collection[str], problems: list[str]) -> dict[str, str]:
    if not isinstance(given, Mapping):
        problems.append('links: must be a table; write [links], and below it logs = "https://…"')
        return {}
    if len(given) > links.LINKS_MAX:
        problems.append(f"links: more than {links.LINKS_MAX}; keep those that help at night")
        return {}
    if links.RUNBOOK in given:
        problems.append("links.runbook: write [[runbook]] instead, and below it url = …; it may have conditions")
    unfit = [name for name in given if not NAME.fullmatch(name)]
    problems.extend(f"links: {short(name)} is no name; write up to 30 letters, digits, spaces or -" for name in unfit)
    fit = {name: url for name, url in given.items() if name not in unfit}
    return {name: _template(f"links.{name}", url, known, problems) for name, url in fit.items()}


def _runbooks(given: Any, known: Collection[str], problems: list[str]) -> tuple[Runbook, ...]:
    if not isinstance(given, list) or not all(isinstance(each, Mapping) for each in given):
        problems.append('runbook: write tables, such as [[runbook]] and below it url = "https://…"')
        return ()
    if len(given) > RUNBOOKS_MAX:
        problems.append(f"runbook: more than {RUNBOOKS_MAX}; a placeholder such as {{app}} may stand for many")
        return ()
    return tuple(_runbook(table, f"runbook {number}", known, problems) for number, table in enumerate(given, 1))


def _runbook(table: Mapping[str, Any], where: str, known: Collection[str], problems: list[str]) -> Runbook:
    values.keys_of(where, table, RUNBOOK, problems)
    when = routes.conditions(table.get("when", {}), where, problems)
    return Runbook(url=_template(f"{where}: url", table.get("url"), known, problems), when=when)


def _template(where: str, given: Any, known: Collection[str], problems: list[str]) -> str:
    """An address whose host is written out: no value of an event may choose it."""
    if not _is_address(given):
        problems.append(
            f"{where}: must be an address such as https://wiki.example/{{app}}, its host written out, of at most"
            f" {TEMPLATE_LENGTH_MAX} ASCII characters without spaces, not {short(given)}"
        )
        return ""
    unknown = [name for name in links.places(given) if name not in known]
    problems.extend(f"{where}: unknown placeholder {short(name)}{nearest(name, known)}" for name in unknown)
    return "" if unknown else given


def _is_address(given: Any) -> bool:
    if not isinstance(given, str) or len(given) > TEMPLATE_LENGTH_MAX:
        return False
    return given.isascii() and given.isprintable() and _TEMPLATE.fullmatch(given) is not None
