"""The editor of `bongsu preview`, and the list of cards beside it, in a real browser."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bongsu.cli import loopback
from bongsu.cli.preview import chromium
from bongsu.cli.preview.choice import Choice
from bongsu.cli.preview.site import site

WRONG = {"text": "x", "blocks": [{"type": "divider"}, {"type": "section", "text": {"type": "mrkdwn", "text": ""}}]}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """That of a preview's pages, for the whole file."""
    with loopback.served(site(Choice(), None), 0) as address:
        yield int(address.rstrip("/").rpartition(":")[2])


@contextmanager
def editor(port: int) -> Iterator[chromium.Tab]:
    with chromium.started() as browser:
        tab = browser.open("", width=1_280, height=900)
        _visit(tab, f"http://127.0.0.1:{port}/edit")
        yield tab


def _visit(tab: chromium.Tab, address: str) -> None:
    tab.ask("Page.navigate", url=address)
    test = f"document.readyState === 'complete' && location.href === '{address}' && document.activeElement.href !== ''"
    tab.value(_WHEN.replace("TEST", test))


_WHEN = """new Promise((found, lost) => {
    setTimeout(() => lost("it never came"), 30000);
    const look = () => (TEST) ? found(true) : setTimeout(look, 20);
    look();
})"""


def _written(tab: chromium.Tab, payload: Any, test: str) -> None:
    text = payload if isinstance(payload, str) else json.dumps(payload, indent=1)
    tab.value(f"""(() => {{
        const area = document.getElementById("payload");
        area.value = {json.dumps(text)};
        area.dispatchEvent(new Event("input"));
    }})()""")
    tab.value(_WHEN.replace("TEST", test))


def test_the_editor_draws_and_judges_while_somebody_writes(port: int) -> None:
    with editor(port) as tab:
        _written(tab, WRONG, "document.querySelectorAll('.at-fault').length === 1")
        assert tab.value("document.querySelector('.at-fault').dataset.path") == "blocks[1]"
        assert "blocks[1].text.text" in tab.value("document.getElementById('problems').innerText")
        tab.value("document.querySelector('#problems li').click()")
        assert tab.value("getSelection().toString().trim()") == '"text": ""'
        _written(tab, '{"text": "half', "document.getElementById('drawn').className === 'stale'")
        attack = {"text": "<script>window.pwned = 1</script><img src=x onerror='window.pwned = 1'>*done*"}
        _written(tab, attack, "document.querySelector('#drawn b + *, #drawn .text b')")
        assert tab.value("typeof window.pwned") == "undefined"
        assert tab.value("document.querySelectorAll('#drawn script, #drawn img').length") == 0
        tab.value("document.querySelector('[data-to-theme=dark]').click()")
        assert tab.value("getComputedStyle(document.body).backgroundColor") == "rgb(26, 29, 33)"
        assert "pwned" in tab.value("document.getElementById('payload').value")
        assert tab.value("document.querySelector('[aria-current=true]').innerText") == "Dark"


def test_a_problem_is_reached_and_followed_by_keyboard_and_a_screen_reader_hears_of_it(port: int) -> None:
    with editor(port) as tab:
        assert tab.value("document.activeElement.id") == "payload"
        _written(tab, WRONG, "document.querySelectorAll('.at-fault').length === 1")
        assert tab.value("document.getElementById('problems').ariaLive") == "polite"
        _press(tab, "Tab")
        assert "blocks[1].text.text" in tab.value("document.activeElement.innerText")
        _press(tab, "Enter", text="\r")
        assert tab.value("getSelection().toString().trim()") == '"text": ""'


def _press(tab: chromium.Tab, key: str, **more: str) -> None:
    codes = {"Tab": 9, "Enter": 13}
    for kind in ("keyDown", "keyUp"):
        tab.ask("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=codes[key], **more)


def test_what_is_too_large_to_be_drawn_makes_the_old_drawing_pale(port: int) -> None:
    with editor(port) as tab:
        large = f"'{{\"text\": \"' + 'x'.repeat({loopback.BODY_BYTES_MAX}) + '\"}}'"
        tab.value(f"payload.value = {large}; payload.dispatchEvent(new Event('input')); 0")
        tab.value(_WHEN.replace("TEST", "document.getElementById('problems').innerText.includes('512 KiB')"))
        assert tab.value("document.getElementById('drawn').className") == "stale"


@pytest.mark.parametrize("width", [360, 1_280])
def test_every_card_is_a_click_away_however_narrow_the_window(port: int, width: int) -> None:
    with chromium.started() as browser:
        tab = browser.open("", width=width, height=700)
        _visit(tab, f"http://127.0.0.1:{port}/?card=summary")
        top, bottom = tab.value("(({top, bottom}) => [top, bottom])(document.activeElement.getBoundingClientRect())")
        assert tab.value("document.activeElement.ariaCurrent") == "page"
        assert 0 <= top < bottom <= 700
        assert tab.value("document.documentElement.scrollWidth") <= width
        assert tab.value("scrollY") == 0
