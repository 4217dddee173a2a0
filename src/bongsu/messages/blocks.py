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
        "agent_prompt": string(limits.AGENT_PROMPT),
        "agent_prompt_display": string(limits.AGENT_PROMPT),
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
_number = {"text": string(limits.TABLE_TEXT), "value": anything}
_cells = {
    "raw_text": typed_shape({"text": string(limits.TABLE_TEXT)}),
    "raw_number": typed_shape(_number),
    "rich_text": _rich_text,
}
_cell = typed(_cells)
_column = shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": flag})
_table = typed_shape(
    {"rows": list_of(list_of(_cell, limits.TABLE_CELLS), limits.TABLE_ROWS)},
    {"column_settings": list_of(optional(_column), limits.TABLE_CELLS, low=0), **_block_id},
)
_title = _any_text(limits.CARD_TITLE)
_card = needs_one(
    typed_shape(
        {},
        {
            "hero_image": _image_element,
            "icon": _image_element,
            "slack_icon": anything,
            "title": _title,
            "subtitle": _title,
            "body": _any_text(limits.CARD_BODY),
            "subtext": _any_text(limits.CARD_BODY),
            "actions": list_of(typed({"button": _button}), limits.CARD_ACTIONS),
            **_block_id,
        },
    ),
    "hero_image",
    "title",
    "actions",
    "body",
)
_feedback = shape(
    {"text": _plain_text(limits.BUTTON_TEXT), "value": string(limits.BUTTON_VALUE)},
    {"accessibility_label": string(limits.ACCESSIBILITY_LABEL)},
)
_context_action = typed(
    {
        "feedback_buttons": typed_shape({"positive_button": _feedback, "negative_button": _feedback}, _action_id),
        "icon_button": typed_shape(
            {"icon": _id, "text": _plain_text(limits.BUTTON_TEXT)},
            {
                "accessibility_label": string(limits.ACCESSIBILITY_LABEL),
                "value": string(limits.BUTTON_VALUE, low=0),
                "visible_to_user_ids": list_of(_id, limits.ACTIONS_ELEMENTS),
                **_action_id,
                **_confirm,
            },
        ),
    }
)
_data_table = typed_shape(
    {
        "caption": string(limits.MESSAGE_TEXT),
        "rows": list_of(list_of(typed(_cells), limits.TABLE_CELLS), limits.DATA_TABLE_ROWS, low=2),
    },
    {
        "page_size": whole(1, limits.DATA_TABLE_PAGE),
        "row_header_column_index": whole(0, limits.TABLE_CELLS - 1),
        **_block_id,
    },
)
_label = string(limits.CHART_LABEL)
_point = shape({"label": _label, "value": anything}, {})
_series = shape({"name": _label, "data": list_of(_point, limits.CHART_POINTS)}, {})
_axes = shape(
    {"categories": list_of(_label, limits.CHART_POINTS)},
    {"x_label": string(limits.CHART_TITLE), "y_label": string(limits.CHART_TITLE)},
)
_curves = typed_shape({"series": list_of(_series, limits.CHART_SERIES), "axis_config": _axes})
_chart = typed(
    {
        "pie": typed_shape({"segments": list_of(_point, limits.CHART_SERIES)}),
        **dict.fromkeys(("bar", "area", "line"), _curves),
    }
)
_source = typed({"url": typed_shape({"url": string(limits.URL), "text": string(limits.MESSAGE_TEXT)})})
_task = typed_shape(
    {
        "task_id": _id,
        "title": string(limits.MESSAGE_TEXT),
        "status": one_of("pending", "in_progress", "complete", "error"),
    },
    {
        "details": typed({"rich_text": _rich_text}),
        "output": typed({"rich_text": _rich_text}),
        "sources": list_of(_source, _ANY_COUNT, low=0),
        **_block_id,
    },
)
_input = typed_shape(
    {"label": _plain_text(limits.INPUT_LABEL), "element": anything},
    {"hint": _plain_text(limits.INPUT_LABEL), "optional": flag, "dispatch_action": flag, **_block_id},
)
_children: dict[str, Rule] = {
    "section": _section,
    "header": typed_shape({"text": _plain_text(limits.HEADER_TEXT)}, _block_id),
    "context": typed_shape({"elements": list_of(_context_element, limits.CONTEXT_ELEMENTS)}, _block_id),
    "divider": typed_shape({}, _block_id),
    "image": _image_block,
    "actions": typed_shape({"elements": list_of(typed(_elements), limits.ACTIONS_ELEMENTS)}, _block_id),
    "rich_text": _rich_text,
    "table": _table,
    "video": _video,
    "input": _input,
}
_container = needs_one(
    typed_shape(
        {"child_blocks": list_of(typed(_children), limits.CONTAINER_BLOCKS)},
        {
            "title": _plain_text(limits.CARD_TITLE),
            "rich_text_title": typed({"rich_text": _rich_text}),
            "subtitle": _title,
            "width": one_of("narrow", "standard", "wide", "full"),
            "icon": _image_element,
            "is_collapsible": flag,
            "default_collapsed": flag,
            "has_header_divider": flag,
            **_block_id,
        },
    ),
    "title",
    "rich_text_title",
)
block: Rule = typed(
    {
        **_children,
        "markdown": typed_shape({"text": string(limits.MARKDOWN_TEXT)}, _block_id),
        "card": _card,
        "carousel": typed_shape({"elements": list_of(typed({"card": _card}), limits.CAROUSEL_CARDS)}, _block_id),
        "container": _container,
        "context_actions": typed_shape({"elements": list_of(_context_action, limits.CONTEXT_ACTIONS)}, _block_id),
        "data_table": _data_table,
        "data_visualization": typed_shape({"title": string(limits.CHART_TITLE), "chart": _chart}, _block_id),
        "task_card": _task,
        "plan": typed_shape(
            {"title": string(limits.MESSAGE_TEXT)},
            {"tasks": list_of(typed({"task_card": _task}), limits.PLAN_TASKS, low=0), **_block_id},
        ),
    }
)
