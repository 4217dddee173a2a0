"""The shapes of Slack's blocks, as https://docs.slack.dev/reference/block-kit describes them for messages.

`alert` (modals only) and `file` (written by Slack alone) are no blocks of a message that is sent.
"""

from bongsu.messages import limits
from bongsu.messages.rules import (
    Rule,
    anything,
    flag,
    list_of,
    needs_one,
    one_of,
    optional,
    shape,
    string,
    typed,
    typed_shape,
    whole,
)


def _plain_text(high: int) -> Rule:
    return typed({"plain_text": typed_shape({"text": string(high)}, {"emoji": flag})})


def _any_text(high: int) -> Rule:
    mrkdwn = typed_shape({"text": string(high)}, {"verbatim": flag})
    plain = typed_shape({"text": string(high)}, {"emoji": flag})
    return typed({"mrkdwn": mrkdwn, "plain_text": plain})


# Rich text.
_marks = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")
_style = {"style": shape({}, dict.fromkeys(_marks, flag))}
_id = string(limits.BLOCK_ID)
_rich_leaf = typed(
    {
        "text": typed_shape({"text": string(limits.MESSAGE_TEXT)}, _style),
        "link": typed_shape({"url": string(limits.URL)}, {"text": string(limits.URL), "unsafe": flag, **_style}),
        "emoji": typed_shape({"name": _id}, {"unicode": _id, "skin_tone": whole(1, 6), "url": _id, **_style}),
        "user": typed_shape({"user_id": _id}, _style),
        "usergroup": typed_shape({"usergroup_id": _id}, _style),
        "channel": typed_shape({"channel_id": _id}, _style),
        "team": typed_shape({"team_id": _id}, _style),
        "broadcast": typed_shape({"range": one_of("here", "channel", "everyone")}, _style),
        "date": typed_shape(
            {"timestamp": whole(0, 2**53), "format": _id}, {"url": string(limits.URL), "fallback": _id, **_style}
        ),
        "color": typed_shape({"value": _id}, _style),
    }
)
_ANY_COUNT = 2_000  # no number is documented; the limit on all text together comes first
_leaves = {"elements": list_of(_rich_leaf, _ANY_COUNT, low=0)}
_border = {"border": one_of(0, 1)}
_rich_section = typed_shape(_leaves)
_rich_list = typed_shape(
    {
        "style": one_of("bullet", "ordered"),
        "elements": list_of(typed({"rich_text_section": _rich_section}), _ANY_COUNT),
    },
    {"indent": whole(0, limits.LIST_INDENT), "offset": whole(0, _ANY_COUNT), **_border},
)
_rich_part = typed(
    {
        "rich_text_section": _rich_section,
        "rich_text_preformatted": typed_shape(_leaves, {**_border, "language": _id}),
        "rich_text_quote": typed_shape(_leaves, _border),
        "rich_text_list": _rich_list,
    }
)
_block_id = {"block_id": _id}
_rich_text = typed_shape({"elements": list_of(_rich_part, _ANY_COUNT)}, _block_id)

# Elements.
_action_id = {"action_id": string(limits.ACTION_ID)}
_confirm = {
    "confirm": shape(
        {
            "title": _plain_text(limits.CONFIRM_TITLE),
            "text": _any_text(limits.CONFIRM_TEXT),
            "confirm": _plain_text(limits.CONFIRM_BUTTON),
            "deny": _plain_text(limits.CONFIRM_BUTTON),
        },
        {"style": one_of("primary", "danger")},
    )
}
_slack_file = needs_one(shape({}, {"id": _id, "url": string(limits.URL)}), "id", "url")
_picture = {"image_url": string(limits.URL), "slack_file": _slack_file}
_image_element = needs_one(
    typed_shape({"alt_text": string(limits.IMAGE_ALT_TEXT)}, _picture), "image_url", "slack_file"
)
_button = typed_shape(
    {"text": _plain_text(limits.BUTTON_TEXT)},
    {
        "url": string(limits.URL),
        "value": string(limits.BUTTON_VALUE, low=0),
        "style": one_of("primary", "danger"),
        "accessibility_label": string(limits.ACCESSIBILITY_LABEL),
        **_action_id,
        **_confirm,
    },
)
_option = shape(
    {"text": _any_text(limits.OPTION_TEXT), "value": string(limits.OPTION_VALUE)},
    {"description": _any_text(limits.OPTION_TEXT), "url": string(limits.URL)},
)
_choice = typed_shape(
    {"options": list_of(_option, limits.CHOICE_OPTIONS)},
    {"initial_option": _option, "initial_options": list_of(_option, limits.CHOICE_OPTIONS), "focus_on_load": flag}
    | _action_id
    | _confirm,
)


def _picker(**values: Rule) -> Rule:
    """A menu or date picker: common keys, and its own with or without a rule."""
    common = {"placeholder": _plain_text(limits.PLACEHOLDER), "focus_on_load": flag, **_action_id, **_confirm}
    return typed_shape({}, common | values)


def _menu(**values: Rule) -> dict[str, Rule]:
    """The single and the multiple menu of one kind."""
    return {"select": _picker(**values), "multi": _picker(**values, max_selected_items=whole(1, limits.OPTIONS))}


_options = list_of(_option, limits.OPTIONS)
_menus = {
    "static": _menu(options=_options, option_groups=anything, initial_option=_option, initial_options=_options),
    "external": _menu(min_query_length=anything, initial_option=_option, initial_options=_options),
    "users": _menu(initial_user=_id, initial_users=anything),
    "conversations": _menu(
        initial_conversation=_id,
        initial_conversations=anything,
        default_to_current_conversation=flag,
        filter=anything,
        response_url_enabled=flag,
    ),
    "channels": _menu(initial_channel=_id, initial_channels=anything, response_url_enabled=flag),
}
_elements: dict[str, Rule] = {
    "button": _button,
    "workflow_button": typed_shape(
        {"text": _plain_text(limits.BUTTON_TEXT), "workflow": anything},
        {"style": one_of("primary", "danger"), "accessibility_label": string(limits.ACCESSIBILITY_LABEL)} | _action_id,
    ),
    "overflow": typed_shape({"options": list_of(_option, limits.OVERFLOW_OPTIONS)}, {**_action_id, **_confirm}),
    "checkboxes": _choice,
    "radio_buttons": _choice,
    "datepicker": _picker(initial_date=_id),
    "timepicker": _picker(initial_time=_id, timezone=_id),
    "datetimepicker": _picker(initial_date_time=anything),
    **{f"{kind}_select": menu["select"] for kind, menu in _menus.items()},
    **{f"multi_{kind}_select": menu["multi"] for kind, menu in _menus.items()},
}

# Blocks.
_section = needs_one(
    typed_shape(
        {},
        {
            "text": _any_text(limits.SECTION_TEXT),
            "fields": list_of(_any_text(limits.FIELD_TEXT), limits.SECTION_FIELDS),
            "accessory": typed({**_elements, "image": _image_element}),
            "expand": flag,
            **_block_id,
        },
    ),
    "text",
    "fields",
)
_context_text = _any_text(limits.SECTION_TEXT)
_context_element = typed({"image": _image_element, "mrkdwn": _context_text, "plain_text": _context_text})
_image_block = needs_one(
    typed_shape(
        {"alt_text": string(limits.IMAGE_ALT_TEXT)},
        {"title": _plain_text(limits.IMAGE_TITLE), **_picture, **_block_id},
    ),
    "image_url",
    "slack_file",
)
_video = typed_shape(
    {
        "alt_text": string(limits.IMAGE_ALT_TEXT),
        "title": _plain_text(limits.VIDEO_TITLE),
        "thumbnail_url": string(limits.URL),
        "video_url": string(limits.URL),
    },
    {
        "author_name": string(limits.VIDEO_AUTHOR),
        "description": _plain_text(limits.VIDEO_DESCRIPTION),
        "provider_icon_url": string(limits.URL),
        "provider_name": string(limits.VIDEO_AUTHOR),
        "title_url": string(limits.URL),
        **_block_id,
    },
)
_cell = typed({"raw_text": typed_shape({"text": string(limits.TABLE_TEXT)}), "rich_text": _rich_text})
_column = shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": flag})
_table = typed_shape(
    {"rows": list_of(list_of(_cell, limits.TABLE_CELLS), limits.TABLE_ROWS)},
    {"column_settings": list_of(optional(_column), limits.TABLE_CELLS, low=0), **_block_id},
)
block: Rule = typed(
    {
        "section": _section,
        "header": typed_shape({"text": _plain_text(limits.HEADER_TEXT)}, _block_id),
        "context": typed_shape({"elements": list_of(_context_element, limits.CONTEXT_ELEMENTS)}, _block_id),
        "divider": typed_shape({}, _block_id),
        "image": _image_block,
        "actions": typed_shape({"elements": list_of(typed(_elements), limits.ACTIONS_ELEMENTS)}, _block_id),
        "rich_text": _rich_text,
        "table": _table,
        "markdown": typed_shape({"text": string(limits.MARKDOWN_TEXT)}, _block_id),
        "video": _video,
        # Not looked into: new, or of little use in an alert. Slack itself has the word on them.
        **dict.fromkeys(
            ("card", "carousel", "container", "context_actions", "data_table", "input", "plan", "task_card"), anything
        ),
    }
)
