"""The local page: self-contained, inert whatever a payload says, and near enough to Slack to judge a card by eye."""

from html.parser import HTMLParser
from typing import Any

import pytest
from cards import DEPLOYED, ENGLISH, FIRST_SEEN, KOREAN, STORM
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import HOSTILE, messages, styles
from test_judge import RIGHT_BLOCKS, json_values

from bongsu.messages import html, slack
from bongsu.messages.message import Message
from bongsu.messages.style import Style

INERT = {"a", "article", "b", "blockquote", "body", "br", "code", "div", "em", "h1", "h2", "h3", "head", "header", "hr",
         "html", "i", "li", "main", "meta", "nav", "ol", "p", "path", "pre", "rect", "s", "section", "span", "style",
         "svg", "table", "td", "time", "title", "tr", "ul"}  # fmt: skip
VOID = {"br", "hr", "meta"}


class Reader(HTMLParser):
    """Collects tags, attributes and text, and sees that what opens is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(source: str) -> Reader:
    reader = Reader()
    reader.feed(source)
    reader.close()
    assert reader.open == []
    source.encode()
    return reader


def assert_inert(reader: Reader) -> None:
    assert reader.tags <= INERT
    for name, value in reader.attributes:
        assert not name.startswith("on")
        assert name != "src"
        if name == "href":
            assert (value or "").startswith(("https://", "http://", "mailto:", "#"))


@settings(max_examples=150, deadline=None)
@given(messages(), styles, st.sampled_from(HOSTILE))
def test_whatever_a_message_says_the_page_is_inert(message: Message, style: Style, name: str) -> None:
    cards = [(name, name, slack.payload(message, style))]
    assert_inert(read(html.page(cards, title=name, refresh_s=None, language=style.language)))


@settings(max_examples=150, deadline=None)
@given(json_values)
def test_a_payload_of_any_shape_is_drawn_inertly(value: Any) -> None:
    assert_inert(read(html.card(value if isinstance(value, dict) else {"blocks": value, "attachments": value})))


@pytest.mark.parametrize("style", [ENGLISH, KOREAN], ids=lambda style: style.language)
@pytest.mark.parametrize("message", [FIRST_SEEN, STORM, DEPLOYED])
def test_a_card_shows_every_word_of_the_payload(message: Message, style: Style) -> None:
    payload = slack.payload(message, style)
    shown = "".join("".join(read(html.card(payload)).text).split())
    blocks = [*payload["blocks"], *(block for one in payload.get("attachments", []) for block in one["blocks"])]
    for block in blocks:
        for leaf in [leaf for part in block.get("elements", []) for leaf in part.get("elements", []) if "text" in leaf]:
            assert "".join(leaf["text"].translate(dict.fromkeys(map(ord, "🔴🔵"))).split()) in shown
    assert "14:26:00" in shown or message is not FIRST_SEEN


def test_the_page_needs_nothing_from_outside_and_forbids_it() -> None:
    source = html.page([("000-alarm", "14:26", slack.payload(FIRST_SEEN, ENGLISH))], title="demo", refresh_s=2)
    attributes = dict(read(source).attributes)
    assert "default-src 'none'" in source
    assert "url(" not in source
    assert "@import" not in source
    assert "src" not in attributes
    assert '<meta http-equiv="refresh" content="2">' in source


def test_without_a_refresh_the_page_stands_still() -> None:
    assert "refresh" not in html.page([], title="demo", refresh_s=None)


def test_messages_stand_under_their_channel() -> None:
    payload = {"text": "hello"}
    source = html.page(
        [("#000-alarm", "1", payload), ("devops", "2", payload), ("#000-alarm", "3", payload)],
        title="t",
        refresh_s=None,
    )
    text = "".join(read(source).text)
    assert text.count("000-alarm") == 2  # in the list and above its messages
    assert text.index("3hello") < text.index("2hello")


DRAWN = [
    ("*bold* and _it_ and ~gone~", "<b>bold</b> and <em>it</em> and <s>gone</s>"),
    ("snake_case_name 2*3*4", "snake_case_name 2*3*4"),
    ("`a*b*c` ```x\ny```", "<code>a*b*c</code> <pre>x<br>y</pre>"),
    ("&lt;b&gt; &amp;amp; &copy;", "&lt;b&gt; &amp;amp; &amp;copy;"),
    ("<https://x.example/?a=1&amp;b=2|here>", '<a href="https://x.example/?a=1&amp;b=2" rel="noreferrer">here</a>'),
    ("<javascript:alert(1)|here>", "here"),
    ("<!date^1^{time}|00:01>", "00:01"),
    ("<!channel>", '<span class="mention">@channel</span>'),
    ("<@U1>", '<span class="mention">@U1</span>'),
]


@pytest.mark.parametrize(("text", "drawn"), DRAWN)
def test_markup_is_drawn_as_slack_does(text: str, drawn: str) -> None:
    assert html.card({"text": text}) == f"<p>{drawn}</p>"


@pytest.mark.parametrize("name", [name for name in RIGHT_BLOCKS if name != "a null that means nothing"])
def test_every_kind_of_block_leaves_a_trace(name: str) -> None:
    assert html.card({"blocks": [RIGHT_BLOCKS[name]]}) != "<p></p>"


def test_the_bar_has_the_colour_of_the_state_and_no_other_style_gets_in() -> None:
    assert "background:#a30200" in html.card({"attachments": [{"color": "#a30200", "text": "x"}]})
    assert "background:#2eb886" in html.card({"attachments": [{"color": "good", "text": "x"}]})
    assert "url" not in html.card({"attachments": [{"color": "red;background:url(//x)", "text": "x"}]})
