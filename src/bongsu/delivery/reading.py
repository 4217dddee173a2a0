"""From what came back over HTTP to an answer: the part that all HTTP channels share."""

import json
from typing import Any

from bongsu.delivery import words
from bongsu.delivery.answer import Answer, Rejected, RetryAfter, Unknown
from bongsu.delivery.http import NoAnswer, NotSent, Response
from bongsu.delivery.retry import retry_after


def unheard(result: NotSent | NoAnswer) -> Answer:
    """What a request means that got no answer."""
    return RetryAfter(result.word) if isinstance(result, NotSent) else Unknown(result.word)


def understood(word: object, response: Response, now: float) -> Answer:
    """What an answer means that is not the destination's yes: by its word if that is Slack's, else by its status."""
    text = word if isinstance(word, str) and words.looks_like_one(word) else ""
    return words.answer(text, wish(response, now)) or _by_status(text, response, now)


def refused(word: object, response: Response, now: float) -> Answer:
    """What a clear no means whose status says nothing: by its word."""
    if not isinstance(word, str) or not words.looks_like_one(word):
        return Rejected("no_reason")
    return words.answer(word, wish(response, now)) or Rejected(word)


def _by_status(word: str, response: Response, now: float) -> Answer:
    """Redirects and web pages are a "not now": a captive portal or a moved server is put right by a person while the
    alerts wait; a destination that stays so is told as down.
    """
    status = response.status
    match status:
        case 429:
            return RetryAfter("rate_limited", wish(response, now))
        case 408 | 425 | 500 | 503:
            return RetryAfter(f"overloaded: {status}", wish(response, now))
        case 413:
            return Rejected("too_large", plain=True)
        case 511:
            return RetryAfter("captive_portal")
        case _ if 300 <= status < 400:
            return RetryAfter(f"redirected: {status}")
        case _ if 400 <= status < 500:
            return Rejected(word or f"no_reason: {status}")
        case _ if status >= 500:
            return Unknown(f"gateway: {status}")
    return RetryAfter("captive_portal") if is_web_page(response) else Unknown("not_understood")


def wish(response: Response, now: float) -> float | None:
    """How long the destination asks to wait, in seconds."""
    return retry_after(response.headers.get("retry-after"), response.body, now)


def json_object(body: str) -> dict[str, Any]:
    """The body as a JSON object; empty if it is anything else."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def is_web_page(response: Response) -> bool:
    """Whether a page for people came back, as captive portals and log-in walls send it."""
    return "html" in response.headers.get("content-type", "").lower() or response.body.lstrip().startswith("<")
