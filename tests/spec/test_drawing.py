"""The local page: self-contained, inert whatever a payload says, and near enough to Slack to judge a card by eye."""

from html.parser import HTMLParser
from typing import Any

import pytest
from cards import DEPLOYED, ENGLISH, FIRST_SEEN, KOREAN, STORM
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import HOSTILE, messages, styles
from test_judge import RIGHT_BLOCKS, json_values

from bongsu.messages import drawing, slack
from bongsu.messages.drawing.style import FIRE
from bongsu.messages.message import Message
from bongsu.messages.style import Style

INERT = {"a", "article", "b", "blockquote", "body", "br", "code", "details", "div", "em", "h1", "h2", "h3", "head",
         "header", "hr", "html", "i", "li", "main", "mark", "meta", "nav", "ol", "p", "path", "pre", "rect", "s",
         "section", "span", "style", "summary", "svg", "table", "td", "time", "title", "tr", "u", "ul"}  # fmt: skip
ATTRIBUTES = {"aria-hidden", "charset", "class", "content", "d", "data-path", "fill", "height", "href", "http-equiv",
              "id", "lang", "name", "rel", "role", "rx", "start", "target", "title", "viewbox", "width"}  # fmt: skip
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
        assert name in ATTRIBUTES
        if name == "href":
            assert (value or "").startswith(("https://", "http://", "mailto:", "#"))


@settings(max_examples=60)
@given(messages(), styles, st.sampled_from(HOSTILE))
def test_whatever_a_message_says_the_page_is_inert(message: Message, style: Style, name: str) -> None:
    cards = [(name, name, slack.payload(message, style))]
    assert_inert(read(drawing.page(cards, title=name, refresh_s=None, language=style.language)))


@settings(max_examples=150)
@given(json_values)
def test_a_payload_of_any_shape_is_drawn_inertly(value: Any) -> None:
    payload = value if isinstance(value, dict) else {"blocks": value, "attachments": value}
    assert_inert(read(drawing.card(payload)))
    assert_inert(read(drawing.notification(payload, time="14:26")))


def _filled(value: Any, text: str) -> Any:
    """The same payload with this text in the place of every text, but for the words that name a kind."""
    match value:
        case dict():
            kept = ("type", "style", "align")
            return {key: one if key in kept else _filled(one, text) for key, one in value.items()}
        case list():
            return [_filled(one, text) for one in value]
    return text if isinstance(value, str) else value


ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<https://x.example/\" onclick=\"alert(1)|click>",
    "<javascript:alert(1)|click>",
    "javascript:alert(1)",
    "https://x.example/'><svg/onload=alert(1)>",
    "```</pre><script>alert(1)</script>```",
    "`</code><script>`",
    "> </blockquote><script>",
    "[x](javascript:alert(1)) ![x](https://x.example/i.png)",
    '#a30200"/><script>alert(1)</script>',
    "&lt;script&gt;&#60;script&#62;",
    "\ud800<\x00b>",
]  # fmt: skip

EVERY_BLOCK = list(RIGHT_BLOCKS.values())
OLD_ATTACHMENT = {
    **dict.fromkeys(("color", "pretext", "author_name", "author_link", "title", "title_link", "text", "footer"), "x"),
    "fields": [{"title": "x", "value": "x", "short": True}],
    "actions": [{"type": "button", "text": "x", "url": "x"}],
    "image_url": "x",
    "fallback": "x",
    "ts": 1,
}


def assert_kept_out(attack: str) -> None:
    blocks = _filled(EVERY_BLOCK, attack)
    payload = {"text": attack, "blocks": blocks, "attachments": [_filled(OLD_ATTACHMENT, attack), {"blocks": blocks}]}
    for drawn in (drawing.card(payload), drawing.card({"text": attack}), drawing.notification(payload, time=attack)):
        assert_inert(read(drawn))


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_in_the_place_of_any_text_is_shown_and_does_nothing(attack: str) -> None:
    assert_kept_out(attack)


@settings(max_examples=30)
@given(st.text(alphabet="<>&\"'`*_~|!@#^/:;=()[]{}.,-\n\\ abhtps:xу한\u202e\u200b\ud800", max_size=60))
def test_no_text_at_all_gets_out_of_its_place(attack: str) -> None:
    assert_kept_out(attack)


@pytest.mark.parametrize("style", [ENGLISH, KOREAN], ids=lambda style: style.language)
@pytest.mark.parametrize("message", [FIRST_SEEN, STORM, DEPLOYED])
def test_a_card_shows_every_word_of_the_payload(message: Message, style: Style) -> None:
    payload = slack.payload(message, style)
    shown = "".join("".join(read(drawing.card(payload)).text).split())
    blocks = [*payload["blocks"], *(block for one in payload.get("attachments", []) for block in one["blocks"])]
    for block in blocks:
        for leaf in [leaf for part in block.get("elements", []) for leaf in part.get("elements", []) if "text" in leaf]:
            assert "".join(leaf["text"].translate(dict.fromkeys(map(ord, "🔴🔵"))).split()) in shown
    assert "14:26:00" in shown or message is not FIRST_SEEN


def test_the_page_needs_nothing_from_outside_and_forbids_it() -> None:
    source = drawing.page([("000-alarm", "14:26", slack.payload(FIRST_SEEN, ENGLISH))], title="demo", refresh_s=2)
    attributes = dict(read(source).attributes)
    assert "default-src 'none'" in source
    assert "url(" not in source
    assert "@import" not in source
    assert "src" not in attributes
    assert '<meta http-equiv="refresh" content="2">' in source


def test_without_a_refresh_the_page_stands_still() -> None:
    assert "refresh" not in drawing.page([], title="demo", refresh_s=None)


def test_messages_stand_under_their_channel() -> None:
    payload = {"text": "hello"}
    source = drawing.page(
        [("#000-alarm", "1", payload), ("devops", "2", payload), ("#000-alarm", "3", payload)],
        title="t",
        refresh_s=None,
    )
    text = "".join(read(source).text)
    assert text.count("000-alarm") == 2  # in the list and above its messages
    assert text.index("3hello") < text.index("2hello")


def text_of(payload: Any) -> str:
    return drawing.card(payload).removeprefix('<div class="text" data-path="text">').removesuffix("</div>")


LINK = 'target="_blank" rel="noreferrer"'
MRKDWN = [
    ("*bold* and _it_ and ~gone~", "<b>bold</b> and <em>it</em> and <s>gone</s>"),
    ("*bold _both_* ~*both*~", "<b>bold <em>both</em></b> <s><b>both</b></s>"),
    ("snake_case_name 2*3*4 a~b~c", "snake_case_name 2*3*4 a~b~c"),
    ("* no * _ no _ ** __ *a", "* no * _ no _ ** __ *a"),
    ("*결제*가 *결제* 실패", "*결제*가 <b>결제</b> 실패"),
    ("(*bold*), _it_!", "(<b>bold</b>), <em>it</em>!"),
    ("*two\nlines*", "*two<br>lines*"),
    ("`a*b*c` `<b>`", "<code>a*b*c</code> <code>&lt;b&gt;</code>"),
    ("above\n```x\n *y*```\nbelow", "above<pre>x\n *y*</pre>below"),
    ("&gt; quoted\n> *too*\nnot", "<blockquote>quoted<br><b>too</b></blockquote>not"),
    ("a\n&gt;&gt;&gt; all\nof it", "a<blockquote>all<br>of it</blockquote>"),
    ("1 &gt; 0", "1 &gt; 0"),
    ("&lt;b&gt; &amp;amp; &copy;", "&lt;b&gt; &amp;amp; &amp;copy;"),
    ("<https://x.example/?a=1&amp;b=2|here>", f'<a href="https://x.example/?a=1&amp;b=2" {LINK}>here</a>'),
    ("see https://x.example/a_b_c.", f'see <a href="https://x.example/a_b_c" {LINK}>https://x.example/a_b_c</a>.'),
    ("<mailto:a@x.example|mail>", f'<a href="mailto:a@x.example" {LINK}>mail</a>'),
    ("<javascript:alert(1)|here>", "here"),
    ("<!date^1^{time}|00:01>", "00:01"),
    ("<!date^1^{time}^https://x.example/|00:01>", f'<a href="https://x.example/" {LINK}>00:01</a>'),
    ("<!channel>", '<span class="mention loud">@channel</span>'),
    ("<!subteam^S1|@ops>", '<span class="mention">@ops</span>'),
    ("<@U1> <#C1|general>", '<span class="mention">@U1</span> <span class="mention">#general</span>'),
    (":fire:", f'<i class="flame" title="fatal">{FIRE}</i>'),
    (":tada: :unheard_of: 14:26:00", "🎉 :unheard_of: 14:26:00"),
]


@pytest.mark.parametrize(("text", "drawn"), MRKDWN)
def test_markup_is_drawn_as_slack_does(text: str, drawn: str) -> None:
    assert text_of({"text": text}) == drawn
    assert f'<div class="text">{drawn}</div>' in drawing.card({"attachments": [{"text": text}]})


def test_a_text_that_says_so_is_not_read_as_markup() -> None:
    assert text_of({"text": "*a* &amp; <https://x.example|b>", "mrkdwn": False}) == (
        "*a* &amp; &lt;https://x.example|b&gt;"
    )


def test_a_verbatim_text_makes_no_link_of_a_bare_address() -> None:
    text = {"type": "mrkdwn", "text": "*a* https://x.example", "verbatim": True}
    assert "<b>a</b> https://x.example</div>" in drawing.card({"blocks": [{"type": "section", "text": text}]})


MARKDOWN = [
    (
        "# Title\n**bold** *it* ~~gone~~ `code`",
        "<h3>Title</h3><p><b>bold</b> <em>it</em> <s>gone</s> <code>code</code></p>",
    ),
    ("- one\n  - two", '<ul class="indent-0"><li>one</li></ul><ul class="indent-1"><li>two</li></ul>'),
    ("3. three", '<ol class="indent-0" start="3"><li>three</li></ol>'),
    ("```py\nx = *1*\n```", "<pre>x = *1*</pre>"),
    ("> quoted\n---", "<blockquote>quoted</blockquote><hr>"),
    ("[a](https://x.example) [b](javascript:x)", f'<p><a href="https://x.example" {LINK}>a</a> b</p>'),
]


@pytest.mark.parametrize(("text", "drawn"), MARKDOWN)
def test_the_block_of_markdown_reads_the_standard_kind(text: str, drawn: str) -> None:
    card = drawing.card({"blocks": [{"type": "markdown", "text": text}]})
    assert card == f'<div class="block markdown" data-path="blocks[0]">{drawn}</div>'


@pytest.mark.parametrize("name", RIGHT_BLOCKS)
def test_every_kind_of_block_is_drawn_at_its_place(name: str) -> None:
    drawn = drawing.card({"blocks": [RIGHT_BLOCKS[name]], "attachments": [{"blocks": [RIGHT_BLOCKS[name]]}]})
    assert 'data-path="blocks[0]"' in drawn
    assert 'data-path="attachments[0].blocks[0]"' in drawn


def test_of_a_block_that_alerts_have_no_use_for_the_kind_and_the_texts_are_shown() -> None:
    texts = {"title": {"type": "plain_text", "text": "Room 3F"}, "body": {"type": "mrkdwn", "text": "*full*"}}
    inner = {"type": "card", **texts}
    drawn = drawing.card({"blocks": [{"type": "carousel", "elements": [inner]}]})
    assert 'class="soft">carousel</div><div>Room 3F</div><div><b>full</b></div>' in drawn


def test_nesting_of_any_depth_is_drawn_in_bounded_time() -> None:
    nested: Any = {"type": "card"}
    for _ in range(50_000):
        nested = {"type": "card", "inner": [nested]}
    assert "card" in drawing.card({"blocks": [nested]})


def test_lists_are_indented_numbered_and_bordered() -> None:
    items = [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}]
    part = {"type": "rich_text_list", "style": "ordered", "elements": items, "indent": 2, "offset": 4, "border": 1}
    assert '<ol class="indent-2 turn-2 bordered" start="5"><li>x</li></ol>' in drawing.card(
        {"blocks": [{"type": "rich_text", "elements": [part]}]}
    )


@pytest.mark.parametrize(
    ("text", "is_folded"), [("x" * 699, False), ("x" * 700, True), ("x\n" * 4, False), ("x\n" * 5, True)]
)
def test_a_long_text_is_folded_in_an_attachment_and_in_a_section(text: str, is_folded: bool) -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
    assert ("fold" in drawing.card({"attachments": [{"text": text}]})) == is_folded
    assert ("fold" in drawing.card({"blocks": [section]})) == is_folded
    assert "fold" not in drawing.card({"blocks": [{**section, "expand": True}]})


def test_the_bar_has_the_colour_of_the_state_and_no_other_style_gets_in() -> None:
    assert 'fill="#a30200"' in drawing.card({"attachments": [{"color": "#a30200", "text": "x"}]})
    assert 'fill="#2eb886"' in drawing.card({"attachments": [{"color": "good", "text": "x"}]})
    assert "url" not in drawing.card({"attachments": [{"color": "red;background:url(//x)", "text": "x"}]})


def test_text_is_shown_where_there_are_no_blocks_and_on_a_phone_always() -> None:
    payload = {"text": "one line", "blocks": [{"type": "divider"}]}
    assert "one line" not in drawing.card(payload)
    assert "one line" in drawing.notification(payload, time="14:26")
    assert "This content can" in drawing.notification({"blocks": [{"type": "divider"}]}, time="14:26")


def test_a_page_can_be_light_or_dark_whatever_the_reader_has() -> None:
    assert '<html lang="ko" data-theme="dark">' in drawing.document("", title="", language="ko", theme="dark")


def test_a_large_payload_is_drawn_in_a_moment() -> None:
    """Every pattern is linear: none of these makes it look at the same text again and again."""
    for text in (
        "*a " * 20_000,
        "_" * 60_000,
        "`" * 60_000,
        "<a|" * 20_000,
        "> " * 30_000,
        "[" * 60_000,
        ":a" * 30_000,
    ):
        assert_inert(read(drawing.card({"text": text, "blocks": [{"type": "markdown", "text": text}]})))
