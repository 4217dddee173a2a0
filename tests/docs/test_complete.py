"""What a user can meet stands in the docs: reasons, troubles, settings, channels, destinations, commands, names."""

import re
from collections.abc import Iterator

import pytest
from pages import PAGES, ROOT

import bongsu
from bongsu import config, routing
from bongsu.alerting.decision import Reason
from bongsu.cli import parser
from bongsu.config import alerting
from bongsu.delivery.destination import Scheme
from bongsu.event import Level
from bongsu.grouping.templates import PLACEHOLDERS
from bongsu.messages.message import Trouble

SCHEMES = {
    Scheme.WEBHOOK: "https://hooks.slack.com/",
    Scheme.SLACK: "slack://",
    Scheme.CONSOLE: "console:",
    Scheme.FILE: "file:",
    Scheme.SENTRY: "https://KEY@",
    Scheme.MAIL: "smtp://",
    Scheme.JSON: "webhook+https://",
    Scheme.APPRISE: "apprise+",
}


def _code(page: str) -> str:
    """The code spans and blocks of a page, since prose may use the same words."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return "\n".join(re.findall(r"`([^`\n]+)`", text))


def _expected() -> Iterator[tuple[str, str]]:
    """A page, and a word that has to stand on it as code."""
    for reason in Reason:
        yield "reference/reasons.md", reason.value
    for trouble in Trouble:
        yield "reference/reasons.md", trouble.value
    for key in (*config.KEYS, "config"):
        yield "reference/configuration.md", key
        yield "reference/configuration.md", "BONGSU_SLACK_TOKEN" if key == "token" else f"BONGSU_{key.upper()}"
    for key in alerting.ALERTING:
        yield "reference/configuration.md", key
    for placeholder in PLACEHOLDERS:
        yield "howto/noise.md", f"{{{placeholder}}}"
    for level in Level:
        yield "reference/configuration.md", level.value
    for channel in (routing.ALARM, routing.DEVOPS, routing.DEV_TEST):
        yield "reference/channels.md", channel
        yield "reference/configuration.md", f"BONGSU_TO_{channel.upper().replace('-', '_')}"
    for environment in sorted(routing.PRODUCTION):
        yield "reference/channels.md", environment


@pytest.mark.parametrize(("page", "word"), list(dict.fromkeys(_expected())))
def test_every_word_of_ours_stands_in_its_reference(page: str, word: str) -> None:
    assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", _code(page))


@pytest.mark.parametrize("scheme", Scheme)
def test_every_kind_of_destination_stands_in_its_reference(scheme: Scheme) -> None:
    assert SCHEMES[scheme] in _code("reference/channels.md")


def test_every_command_has_its_heading_and_no_other_stands_there() -> None:
    text = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    assert re.findall(r"^## bongsu (\S+)$", text, re.MULTILINE) == list(_commands())


def test_every_public_name_is_used_on_some_page() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    public = set(bongsu.__all__) - {"__version__"}
    assert {each for each in public if not re.search(rf"\bbongsu\.{each}\b", text)} == set()


def _commands() -> Iterator[str]:
    for action in parser()._actions:
        if isinstance(action.choices, dict):
            yield from action.choices
