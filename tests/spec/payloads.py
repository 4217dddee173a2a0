"""Payloads that Slack takes and payloads that it refuses: one of each kind, by name."""

from typing import Any

PLAIN = {"type": "plain_text", "text": "x"}
MRKDWN = {"type": "mrkdwn", "text": "x"}
LEAF = {"type": "text", "text": "x"}
DIVIDER = {"type": "divider"}
BUTTON = {"type": "button", "text": PLAIN}
OPTION = {"text": PLAIN, "value": "1"}
IMAGE = {"type": "image", "image_url": "https://x.example/i.png", "alt_text": "a"}
CONFIRM = {"title": PLAIN, "text": PLAIN, "confirm": PLAIN, "deny": PLAIN}


def plain(size: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": "x" * size}


def mrkdwn(size: int) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": "x" * size}


def section(text: Any = MRKDWN, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": text, **more}


def actions(*elements: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def rich(*parts: Any) -> dict[str, Any]:
    return {"type": "rich_text", "elements": list(parts)}


def rich_section(*leaves: Any, **more: Any) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(leaves), **more}


def rich_list(**more: Any) -> dict[str, Any]:
    return {"type": "rich_text_list", "style": "bullet", "elements": [rich_section(LEAF)], **more}


def cell(size: int) -> dict[str, Any]:
    return {"type": "raw_text", "text": "x" * size}


CELL = cell(1)
CARD = {"type": "card", "title": mrkdwn(150), "body": mrkdwn(200), "actions": [BUTTON] * 3, "icon": IMAGE}
CHOICE = {"text": PLAIN, "value": "1"}
POINT = {"label": "a" * 20, "value": 1}
TASK = {"type": "task_card", "task_id": "1", "title": "t", "status": "complete", "output": rich(rich_section(LEAF))}

RIGHT_BLOCKS = {
    "section": section(),
    "section of 3 000": section(mrkdwn(3_000)),
    "fields alone": {"type": "section", "fields": [mrkdwn(2_000), *[PLAIN] * 9][:5]},
    "section with a button": section(accessory={**BUTTON, "confirm": CONFIRM, "style": "danger"}),
    "section with a menu": section(accessory={"type": "static_select", "options": [OPTION], "placeholder": PLAIN}),
    "section with an image": section(accessory=IMAGE),
    "header": {"type": "header", "text": plain(150)},
    "context": {"type": "context", "elements": [MRKDWN, PLAIN, IMAGE]},
    "divider with an id": {**DIVIDER, "block_id": "b" * 255},
    "image": {**IMAGE, "title": PLAIN},
    "actions": actions(BUTTON, {"type": "overflow", "options": [OPTION]}, {"type": "users_select"}),
    "rich text": rich(
        rich_section(LEAF, {"type": "link", "url": "https://x.example"}, {"type": "emoji", "name": "fire"}),
        {"type": "rich_text_preformatted", "elements": [LEAF], "border": 0, "language": "python"},
        {"type": "rich_text_quote", "elements": [{**LEAF, "style": {"bold": True}}]},
        rich_list(indent=1),
        rich_section({"type": "broadcast", "range": "here"}, {"type": "user", "user_id": "U1"}),
        rich_section({"type": "date", "timestamp": 1, "format": "{time}", "fallback": "00:00"}),
    ),
    "table": {
        "type": "table",
        "rows": [[{"type": "raw_text", "text": "a"}, rich(rich_section(LEAF))]],
        "column_settings": [None, {"align": "right"}],
    },
    "markdown": {"type": "markdown", "text": "x" * 12_000},
    "video": {
        "type": "video",
        "alt_text": "a",
        "title": PLAIN,
        "thumbnail_url": "https://x.example/t",
        "video_url": "https://x.example/v",
    },
    "a null that means nothing": section(accessory=None),
    "a table with numbers": {"type": "table", "rows": [[{"type": "raw_number", "value": 0.5, "text": "50 %"}]]},
    "card": CARD,
    "carousel": {"type": "carousel", "elements": [CARD] * 10},
    "container": {"type": "container", "title": PLAIN, "child_blocks": [section(), DIVIDER], "width": "wide"},
    "feedback": {
        "type": "context_actions",
        "elements": [{"type": "feedback_buttons", "positive_button": CHOICE, "negative_button": CHOICE}],
    },
    "data table": {"type": "data_table", "caption": "c", "rows": [[CELL] * 20] * 201, "page_size": 100},
    "more text than other blocks may have": {"type": "data_table", "caption": "c", "rows": [[cell(9_000)]] * 2},
    "chart": {"type": "data_visualization", "title": "t", "chart": {"type": "pie", "segments": [POINT] * 12}},
    "bar chart": {
        "type": "data_visualization",
        "title": "t",
        "chart": {
            "type": "bar",
            "series": [{"name": "s", "data": [POINT]}],
            "axis_config": {"categories": ["a"], "x_label": "x"},
        },
    },
    "task": TASK,
    "plan": {"type": "plan", "title": "t", "tasks": [TASK] * 50},
    "input": {"type": "input", "label": PLAIN, "element": {"type": "plain_text_input"}, "optional": True},
}

RIGHT_MESSAGES = {
    "text": {"text": "x"},
    "text with other keys": {"text": "x", "username": "me", "thread_ts": "1.2", "mrkdwn": False, "unfurl_links": True},
    "50 blocks": {"blocks": [DIVIDER] * 50},
    "100 attachments": {"attachments": [{"text": "x"}] * 100},
    "an old attachment": {"attachments": [{"fallback": "f", "fields": [{"title": "a", "value": "b"}], "ts": 1}]},
    "as much as once passed": {"blocks": [section(plain(219)) for _ in range(43)]},
}

# what is wrong, the block, where the first problem is found
WRONG_BLOCKS: list[tuple[str, Any, str]] = [
    ("no object", "divider", "blocks[0]"),
    ("no type", {}, "blocks[0].type"),
    ("an unknown type", {"type": "paragraph"}, "blocks[0].type"),
    ("a type that is no text", {"type": ["section"]}, "blocks[0].type"),
    ("an alert, for modals only", {"type": "alert", "text": PLAIN}, "blocks[0].type"),
    ("a file, which only Slack writes", {"type": "file", "external_id": "1", "source": "remote"}, "blocks[0].type"),
    ("an unknown key", {**DIVIDER, "colour": "red"}, "blocks[0].colour"),
    ("block_id of 256", {**DIVIDER, "block_id": "b" * 256}, "blocks[0].block_id"),
    ("block_id a number", {**DIVIDER, "block_id": 7}, "blocks[0].block_id"),
    ("section with nothing", {"type": "section"}, "blocks[0]"),
    ("section text a plain string", section("hello"), "blocks[0].text"),
    ("section text empty", section(mrkdwn(0)), "blocks[0].text.text"),
    ("section text of 3 001", section(mrkdwn(3_001)), "blocks[0].text.text"),
    ("section text without text", section({"type": "mrkdwn"}), "blocks[0].text.text"),
    ("markdown for mrkdwn", section({"type": "markdown", "text": "x"}), "blocks[0].text.type"),
    ("emoji in mrkdwn", section({**MRKDWN, "emoji": True}), "blocks[0].text.emoji"),
    ("verbatim a word", section({**MRKDWN, "verbatim": "yes"}), "blocks[0].text.verbatim"),
    ("11 fields", {"type": "section", "fields": [PLAIN] * 11}, "blocks[0].fields"),
    ("no fields", {"type": "section", "fields": []}, "blocks[0].fields"),
    ("field of 2 001", {"type": "section", "fields": [mrkdwn(2_001)]}, "blocks[0].fields[0].text"),
    ("accessory of no kind", section(accessory={"type": "slider"}), "blocks[0].accessory.type"),
    ("header in mrkdwn", {"type": "header", "text": MRKDWN}, "blocks[0].text.type"),
    ("header of 151", {"type": "header", "text": plain(151)}, "blocks[0].text.text"),
    ("header empty", {"type": "header", "text": plain(0)}, "blocks[0].text.text"),
    ("header without text", {"type": "header"}, "blocks[0].text"),
    ("context of 11", {"type": "context", "elements": [PLAIN] * 11}, "blocks[0].elements"),
    ("context of none", {"type": "context", "elements": []}, "blocks[0].elements"),
    ("context with a button", {"type": "context", "elements": [BUTTON]}, "blocks[0].elements[0].type"),
    ("image without alt_text", {"type": "image", "image_url": "https://x.example"}, "blocks[0].alt_text"),
    ("image without address", {"type": "image", "alt_text": "a"}, "blocks[0]"),
    ("image address of 3 001", {**IMAGE, "image_url": "h" * 3_001}, "blocks[0].image_url"),
    ("image alt_text of 2 001", {**IMAGE, "alt_text": "a" * 2_001}, "blocks[0].alt_text"),
    ("image title in mrkdwn", {**IMAGE, "title": MRKDWN}, "blocks[0].title.type"),
    ("26 actions", actions(*[BUTTON] * 26), "blocks[0].elements"),
    ("no actions", actions(), "blocks[0].elements"),
    ("an action that is text", actions(PLAIN), "blocks[0].elements[0].type"),
    ("button text of 76", actions({**BUTTON, "text": plain(76)}), "blocks[0].elements[0].text.text"),
    ("button text in mrkdwn", actions({**BUTTON, "text": MRKDWN}), "blocks[0].elements[0].text.type"),
    ("button value of 2 001", actions({**BUTTON, "value": "v" * 2_001}), "blocks[0].elements[0].value"),
    ("button address of 3 001", actions({**BUTTON, "url": "u" * 3_001}), "blocks[0].elements[0].url"),
    ("button style", actions({**BUTTON, "style": "success"}), "blocks[0].elements[0].style"),
    ("action_id of 256", actions({**BUTTON, "action_id": "a" * 256}), "blocks[0].elements[0].action_id"),
    (
        "confirm title of 101",
        actions({**BUTTON, "confirm": {**CONFIRM, "title": plain(101)}}),
        "blocks[0].elements[0].confirm.title.text",
    ),
    (
        "confirm without deny",
        actions({**BUTTON, "confirm": {"title": PLAIN, "text": PLAIN, "confirm": PLAIN}}),
        "blocks[0].elements[0].confirm.deny",
    ),
    ("overflow of 6", actions({"type": "overflow", "options": [OPTION] * 6}), "blocks[0].elements[0].options"),
    ("checkboxes of 11", actions({"type": "checkboxes", "options": [OPTION] * 11}), "blocks[0].elements[0].options"),
    (
        "option value of 151",
        actions({"type": "overflow", "options": [{**OPTION, "value": "v" * 151}]}),
        "blocks[0].elements[0].options[0].value",
    ),
    ("rich text without parts", rich(), "blocks[0].elements"),
    ("rich text with bare text", rich(LEAF), "blocks[0].elements[0].type"),
    ("rich text empty", rich(rich_section({**LEAF, "text": ""})), "blocks[0].elements[0].elements[0].text"),
    (
        "rich text style a word",
        rich(rich_section({**LEAF, "style": "bold"})),
        "blocks[0].elements[0].elements[0].style",
    ),
    (
        "rich text style unknown",
        rich(rich_section({**LEAF, "style": {"blink": True}})),
        "blocks[0].elements[0].elements[0].style.blink",
    ),
    (
        "broadcast to nobody",
        rich(rich_section({"type": "broadcast", "range": "all"})),
        "blocks[0].elements[0].elements[0].range",
    ),
    (
        "link without address",
        rich(rich_section({"type": "link", "text": "x"})),
        "blocks[0].elements[0].elements[0].url",
    ),
    (
        "list without style",
        rich({"type": "rich_text_list", "elements": [rich_section(LEAF)]}),
        "blocks[0].elements[0].style",
    ),
    ("list of bare text", rich(rich_list(elements=[LEAF])), "blocks[0].elements[0].elements[0].type"),
    ("list indent of 9", rich(rich_list(indent=9)), "blocks[0].elements[0].indent"),
    ("border of 2", rich(rich_list(border=2)), "blocks[0].elements[0].border"),
    ("border true", rich(rich_list(border=True)), "blocks[0].elements[0].border"),
    ("markdown of 12 001", {"type": "markdown", "text": "x" * 12_001}, "blocks[0].text"),
    ("table of 101 rows", {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]] * 101}, "blocks[0].rows"),
    ("table of 21 cells", {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}] * 21]}, "blocks[0].rows[0]"),
    ("table cell in mrkdwn", {"type": "table", "rows": [[MRKDWN]]}, "blocks[0].rows[0][0].type"),
    (
        "video without title",
        {"type": "video", "alt_text": "a", "thumbnail_url": "t", "video_url": "v"},
        "blocks[0].title",
    ),
    ("table of 10 001", {"type": "table", "rows": [[cell(5_001), cell(5_000)]]}, "blocks[0]"),
    ("an empty cell", {"type": "table", "rows": [[cell(0)]]}, "blocks[0].rows[0][0].text"),
    ("card with nothing", {"type": "card", "subtitle": MRKDWN}, "blocks[0]"),
    ("card title of 151", {**CARD, "title": mrkdwn(151)}, "blocks[0].title.text"),
    ("card body of 201", {**CARD, "body": mrkdwn(201)}, "blocks[0].body.text"),
    ("card with 4 buttons", {**CARD, "actions": [BUTTON] * 4}, "blocks[0].actions"),
    ("carousel of 11", {"type": "carousel", "elements": [CARD] * 11}, "blocks[0].elements"),
    ("carousel of sections", {"type": "carousel", "elements": [section()]}, "blocks[0].elements[0].type"),
    ("container without title", {"type": "container", "child_blocks": [DIVIDER]}, "blocks[0]"),
    (
        "container in a container",
        {"type": "container", "title": PLAIN, "child_blocks": [{"type": "container"}]},
        "blocks[0].child_blocks[0].type",
    ),
    ("data table without rows below", {"type": "data_table", "caption": "c", "rows": [[CELL]]}, "blocks[0].rows"),
    ("data table without caption", {"type": "data_table", "rows": [[CELL]] * 2}, "blocks[0].caption"),
    ("data table of 20 002", {"type": "data_table", "caption": "c", "rows": [[cell(10_000), CELL]] * 2}, "blocks[0]"),
    (
        "chart of 13 segments",
        {"type": "data_visualization", "title": "t", "chart": {"type": "pie", "segments": [POINT] * 13}},
        "blocks[0].chart.segments",
    ),
    (
        "chart of no kind",
        {"type": "data_visualization", "title": "t", "chart": {"type": "cake"}},
        "blocks[0].chart.type",
    ),
    ("task without an end", {**TASK, "status": "done"}, "blocks[0].status"),
    ("plan of sections", {"type": "plan", "title": "t", "tasks": [section()]}, "blocks[0].tasks[0].type"),
    ("input without element", {"type": "input", "label": PLAIN}, "blocks[0].element"),
]

TABLE = {"type": "table", "rows": [[CELL]]}

WRONG_MESSAGES: list[tuple[str, Any, str, str]] = [
    ("nothing", {}, "no_text", ""),
    ("blank text", {"text": " \n"}, "no_text", ""),
    ("empty lists", {"text": "", "blocks": [], "attachments": []}, "no_text", ""),
    ("a list", [], "invalid_payload", ""),
    ("a word", "hello", "invalid_payload", ""),
    ("text a number", {"text": 3}, "invalid_payload", "text"),
    ("text of 40 001", {"text": "x" * 40_001}, "msg_too_long", "text"),
    ("blocks an object", {"blocks": {"type": "divider"}}, "invalid_blocks_format", "blocks"),
    ("blocks a JSON text", {"blocks": "[]"}, "invalid_blocks_format", "blocks"),
    ("51 blocks", {"blocks": [DIVIDER] * 51}, "invalid_blocks", "blocks"),
    ("attachments an object", {"text": "x", "attachments": {"text": "x"}}, "invalid_attachments", "attachments"),
    ("an attachment a word", {"text": "x", "attachments": ["x"]}, "invalid_attachments", "attachments[0]"),
    ("an attachment's title a list", {"attachments": [{"title": []}]}, "invalid_attachments", "attachments[0].title"),
    ("101 attachments", {"attachments": [{"text": "x"}] * 101}, "too_many_attachments", "attachments"),
    (
        "the same block_id twice",
        {"blocks": [{**DIVIDER, "block_id": "a"}], "attachments": [{"blocks": [{**DIVIDER, "block_id": "a"}]}]},
        "invalid_blocks",
        "attachments[0].blocks[0].block_id",
    ),
    ("too much in all", {"blocks": [section(plain(3_000)) for _ in range(5)]}, "msg_blocks_too_long", "blocks"),
    (
        "as much as was once refused",
        {"blocks": [section(plain(252)) for _ in range(45)]},
        "msg_blocks_too_long",
        "blocks",
    ),
    ("a second table", {"blocks": [TABLE, TABLE]}, "invalid_attachments", "blocks[1]"),
    (
        "a table above and one below",
        {"blocks": [TABLE], "attachments": [{"blocks": [TABLE]}]},
        "invalid_attachments",
        "attachments[0].blocks[0]",
    ),
    ("a third chart", {"blocks": [RIGHT_BLOCKS["chart"]] * 3}, "invalid_blocks", "blocks[2]"),
    ("half a character", {"text": "\ud83d"}, "invalid_payload", "text"),
    ("half a character in a key", {"text": "x", "blocks": [{"\ud83d": 1}]}, "invalid_payload", "blocks[0]"),
    ("no number", {"text": "x", "ts": float("nan")}, "invalid_payload", "ts"),
    ("infinity", {"text": "x", "blocks": [{"n": float("inf")}]}, "invalid_payload", "blocks[0].n"),
    ("bytes", {"text": b"x"}, "invalid_payload", "text"),
    ("a set", {"text": "x", "blocks": [{1, 2}]}, "invalid_payload", "blocks[0]"),
    ("more than anybody reads", {"text": "x", "more": [0] * 60_000}, "invalid_payload", ""),
]
