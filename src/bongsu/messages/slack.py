"""The message as Slack's JSON: blocks above, a coloured attachment below, one line of text for phones."""

import json
import re
from typing import Any

from bongsu.alerting.decision import Reason
from bongsu.event import Level
from bongsu.messages import limits, sentences, summary_lists, text
from bongsu.messages.characters import clean, clip, escape, escaped, literal
from bongsu.messages.locales import WORDS
from bongsu.messages.message import Message, State
from bongsu.messages.sentences import Fact
from bongsu.messages.spoken import spoken
from bongsu.messages.style import Calling, Mention, Style
from bongsu.messages.summary_lists import Row

Json = dict[str, Any]

# Colour is state. The four hues are those of Grafana OnCall, which people already read this way.
COLOURS = {
    State.FIRING: "#a30200",
    State.ACKNOWLEDGED: "#daa038",
    State.QUIET: "#2eb886",
    State.SILENCED: "#dddddd",
}
_MARKUP = re.compile(r"[*_~`>]")
_MARKUP_AT_AN_EDGE = re.compile(r"[*~`>|]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")  # my_file.py is none
_URL = re.compile(r"https?://[^\s<>\"|]+")
_CODE_FENCE = str.maketrans("`", "'")


def payload(message: Message, style: Style, *, plain: bool = False, brief: bool = False) -> Json:
    """The whole message without `channel` and `ts`.

    `plain` is for the re-send after Slack refused the blocks: text alone, still one message. `brief` is for a follow-up
    where the first message cannot be edited: no stack, and only the facts that change.
    """
    if raw := _raw(message):
        return _raw_payload(raw, message, style, plain=plain)
    if plain:
        told = clip(escape(text.plain(message, style)), limits.BUDGET_PLAIN - limits.MENTION)
        return _text_alone(_call(message, style) + told)
    blocks = _blocks(message, style, brief=brief)
    call = _call(message, style)
    line = text.line(message, style, encode=escape, limit=limits.BUDGET_TEXT - len(call))
    result = {"text": call + line, **NO_PREVIEWS, "blocks": blocks}
    if attached := _attached(message, style, brief=brief):
        colour = {"color": COLOURS[message.state]} if message.state in COLOURS else {}
        result["attachments"] = [{**colour, "blocks": attached}]
    return result


def reply(message: Message, style: Style) -> Json:
    """The short text that goes into the thread of a message already posted."""
    title = [f"{sentences.title(message, style)} ·"] if message.reason is Reason.WORSENED else []
    parts = [sentences.mark(message), *title, sentences.reason(message, style)]
    newest = message.request_ids[::-1] or sentences.request_ids(message)[:1]
    if named := ", ".join(literal(one, limits.REQUEST_ID) for one in newest[: limits.REQUEST_IDS]):
        parts.append(f"· {named}")
    sample = sentences.sample(message, style)
    told, call = "\n".join([" ".join(parts), *([sample] if sample else [])]), _call(message, style)
    alone = _text_alone(call + clip(escape(told), limits.REPLY_TEXT))
    if not call:
        return alone
    elements = [*_called(message, style), _text(clip(told, limits.REPLY_TEXT))]
    return alone | {"blocks": [_rich(_section(*elements))]}


NO_PREVIEWS = {"unfurl_links": False, "unfurl_media": False}


def _text_alone(content: str) -> Json:
    return {"text": content, "mrkdwn": False, **NO_PREVIEWS}


def _blocks(message: Message, style: Style, *, brief: bool) -> list[Json]:
    blocks = [_rich(_section(*_heading(message, style)))]
    if message.entries:
        blocks.append(_rich(*_entries(message, style)))
    if lists := _summary(message, style):
        blocks.append(_rich(*lists))
    if not brief and (told := text.detail(message, style)):
        blocks.append(_rich(_section(*_linked(told)) if message.is_record else _preformatted(told)))
    why = [_text(told) for told in [sentences.reason(message, style)] if told]
    hints = [_text(f"⚠️ {hint}") for hint in sentences.hints(message, style)]
    if said := [_section(*part) for part in (why, hints, _next_steps(message, style)) if part]:
        blocks.append(_rich(*said))
    return blocks


def _next_steps(message: Message, style: Style) -> list[Json]:
    """Links, not buttons: where an app has no interactivity, a click on one shows a warning (node-slack-sdk#869)."""
    elements: list[Json] = []
    for link in sentences.next_steps(message, style):
        elements += [_text(" · " if elements else "→ "), {"type": "link", "url": link.url, "text": link.name}]
    return elements


def _heading(message: Message, style: Style) -> list[Json]:
    """Literal text throughout: what the exception says can be neither markup nor a mention."""
    whole, title = text.heading(message, style), sentences.title(message, style)
    return [*_called(message, style), _text(whole.removesuffix(title)), _text(title, bold=True)]


def _called(message: Message, style: Style) -> list[Json]:
    """Who is called, as an element of rich text: the only live thing in it."""
    mention = _mention(message, style)
    if mention is None:
        return []
    match mention.calling:
        case Calling.HERE | Calling.CHANNEL:
            element = {"type": "broadcast", "range": mention.calling.value}
        case Calling.USER:
            element = {"type": "user", "user_id": mention.id}
        case Calling.GROUP:
            element = {"type": "usergroup", "usergroup_id": mention.id}
    return [element, _text(" ")]


def _call(message: Message, style: Style) -> str:
    """The same as markup before a text; empty where nobody is called."""
    mention = _mention(message, style)
    if mention is None:
        return ""
    match mention.calling:
        case Calling.HERE | Calling.CHANNEL:
            return f"<!{mention.calling.value}> "
        case Calling.USER:
            return f"<@{mention.id}> "
        case Calling.GROUP:
            return f"<!subteam^{mention.id}> "


def _mention(message: Message, style: Style) -> Mention | None:
    is_bad = message.event is not None and message.event.level.rank >= Level.ERROR.rank
    return style.mention if is_bad and message.reason in _CALLING else None


_CALLING = (Reason.FIRST_SEEN, Reason.CAME_BACK, Reason.WORSENED, Reason.ESCALATED)


def _entries(message: Message, style: Style) -> list[Json]:
    items = []
    for name, location, count in text.entries(message, style):
        place = [_text(" "), _text(location, code=True)] if location else []
        items.append(_section(_text(f"{count} "), _text(name, bold=True), *place))
    result: list[Json] = [{"type": "rich_text_list", "style": "bullet", "elements": items}]
    if sentences.left_out(message):
        result.append(_section(_text(sentences.more(message, style))))
    return result


def _summary(message: Message, style: Style) -> list[Json]:
    told: list[Json] = []
    for section in summary_lists.sections(message.summary, message.at, style) if message.summary else ():
        items = [_section(*_row(row)) for row in section.rows]
        told.append(_section(_text(section.title, bold=True)))
        told.append({"type": "rich_text_list", "style": "bullet", "elements": items})
        if section.more:
            told.append(_section(_text(section.more)))
    return told


def _row(row: Row) -> list[Json]:
    before = [_text(f"{row.before} ")] if row.before else []
    where = [_text(" "), _text(row.place, code=True)] if row.place else []
    after = [_text(f" · {row.after}")] if row.after else []
    return [*before, _text(row.name, bold=True), *where, *after]


def _attached(message: Message, style: Style, *, brief: bool) -> list[Json]:
    fields = [_field(fact) for fact in sentences.facts(message, style, brief=brief)]
    rows = [fields[at : at + limits.SECTION_FIELDS] for at in range(0, len(fields), limits.SECTION_FIELDS)]
    blocks: list[Json] = [{"type": "section", "fields": row} for row in rows]
    if (command := sentences.trail_command(message)) and not brief:
        told = escape(WORDS[style.language].trail).format(f"`{command}`")
        blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": told, "verbatim": True}]})
    if notes := sentences.notes(message, style):
        blocks.append(_context([f"⚠️ {escaped(note, limits.NOTE)}" for note in notes]))
    return blocks


def _field(fact: Fact) -> Json:
    values = "\n".join(_linked_value(value, fact) for value in fact.values)
    return {"type": "mrkdwn", "text": f"*{fact.label}*\n{values}", "verbatim": True}


def _linked_value(value: str, fact: Fact) -> str:
    """The value as a link; beside it, where it holds what mrkdwn would take for markup."""
    if not fact.url:
        return _value(value, fact)
    url = escape(fact.url)
    if _MARKUP_AT_AN_EDGE.search(value):
        return f"{_value(value, fact)} <{url}|↗>"
    return f"<{url}|{escaped(value, limits.FACT)}>"


def _value(value: str, fact: Fact) -> str:
    """mrkdwn has no escape for its own signs, so a value that holds one is shown as code, where they rest."""
    told = escaped(value, limits.FACT)
    if fact.at is not None and 0 < fact.at < _LAST_DATE:
        return f"<!date^{int(fact.at)}^{{date_short_pretty}} {{time_secs}} ({{ago}})|{told}>"
    if fact.exact or _MARKUP.search(value):
        return f"`{told.translate(_CODE_FENCE)}`"
    return told


_LAST_DATE = 2**32  # the year 2106; Slack does not say how far its dates reach


def _linked(told: str) -> list[Json]:
    """Text with its web addresses as links: rich_text makes none by itself."""
    elements, at = [], 0
    for match in _URL.finditer(told):
        if len(match[0]) <= limits.URL:
            elements += [_text(told[at : match.start()]), {"type": "link", "url": match[0]}]
            at = match.end()
    return [one for one in [*elements, _text(told[at:])] if one.get("text") != ""]


def _text(content: str, **style: bool) -> Json:
    return {"type": "text", "text": content, "style": style} if style else {"type": "text", "text": content}


def _section(*elements: Json) -> Json:
    return {"type": "rich_text_section", "elements": [one for one in elements if one.get("text") != ""]}


def _preformatted(content: str) -> Json:
    return {"type": "rich_text_preformatted", "elements": [_text(content)]}


def _rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def _context(contents: list[str]) -> Json:
    elements = [{"type": "plain_text", "text": content} for content in contents]
    return {"type": "context", "elements": elements}


def _raw(message: Message) -> Json | None:
    if message.reason is not Reason.RECORD or message.event is None or message.event.payload is None:
        return None
    try:
        found = _encodable(json.loads(message.event.payload, parse_constant=str))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _raw_payload(raw: Json, message: Message, style: Style, *, plain: bool) -> Json:
    """The caller's own payload; only `channel` and `ts` are ours, and what Bongsu has to add goes below."""
    raw = {key: value for key, value in raw.items() if key not in ("channel", "ts")}
    own = raw.get("text")
    told = own if isinstance(own, str) and own.strip() else text.line(message, style, encode=escape)
    added = sentences.notes(message, style)
    if message.repeat:
        added.append(sentences.reason(message, style))
    if plain:
        added = [said for said in [spoken(raw, limits.BUDGET_PLAIN), *added] if said]
        return {"text": clip("\n".join([told, *map(escape, added)]), limits.BUDGET_PLAIN), **NO_PREVIEWS}
    attachments = raw.get("attachments", [])
    if added and isinstance(attachments, list) and len(attachments) < limits.MESSAGE_ATTACHMENTS:
        raw["attachments"] = [*attachments, {"blocks": [_context([escape(one) for one in added])]}]
    return {**raw, "text": told}


def _encodable(value: Any, depth: int = 0) -> Any:
    """The same JSON with every text fit for UTF-8. Raises ValueError for what is nested deeper than any layout."""
    if depth > limits.PAYLOAD_DEPTH:
        raise ValueError("nested too deeply")
    match value:
        case str():
            return clean(value)
        case list():
            return [_encodable(item, depth + 1) for item in value]
        case dict():
            return {clean(key): _encodable(item, depth + 1) for key, item in value.items()}
    return value
