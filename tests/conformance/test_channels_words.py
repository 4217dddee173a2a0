"""Slack's words, on the webhook and in the Web API, and what follows from each."""

import pytest
from samples import ALERT, HTML, asked
from servers import answers, says

from bongsu.delivery import words
from bongsu.delivery.answer import Answer, Delivered, Rejected, RetryAfter, Unknown
from bongsu.delivery.channel import Channel
from bongsu.messages.delivery import Verb
from bongsu.testing import ScriptedSlack


def listed(text: str) -> list[str]:
    return text.split()


# Independent of the table in the library.
DEAD = listed("""
    access_denied accesslimited account_inactive action_prohibited channel_is_archived channel_not_found
    ekm_access_denied enterprise_is_restricted invalid_auth invalid_channel invalid_token is_archived
    message_limit_exceeded messages_tab_disabled missing_scope no_active_hooks no_permission no_service no_service_id
    no_team not_allowed_token_type not_authed not_in_channel posting_to_general_channel_denied restricted_action
    restricted_action_read_only_channel restricted_action_thread_only_channel team_access_not_granted team_disabled
    team_not_found token_expired token_revoked user_not_found
""")
LAYOUT = listed("""
    invalid_arguments invalid_attachments invalid_blocks invalid_blocks_format invalid_metadata_format
    invalid_metadata_schema invalid_payload markdown_text_conflict metadata_too_large msg_blocks_too_long msg_too_long
    too_many_attachments
""")
GONE = listed("""
    cannot_reply_to_message cant_update_message edit_window_closed is_inactive message_not_found
    restricted_action_non_threadable_channel restricted_action_thread_locked thread_not_found
""")
REFUSED = listed("""
    invalid_json json_not_object no_text
""")
LATER = listed("""
    external_channel_migrating org_login_required rate_limited ratelimited request_timeout rollup_error
    service_unavailable team_added_to_org update_failed
""")
UNSURE = listed("""
    fatal_error internal_error
""")

SLACKS_WORDS: list[tuple[str, Answer]] = [
    *((word, Rejected(word, dead=True)) for word in DEAD),
    *((word, Rejected(word, plain=True)) for word in LAYOUT),
    *((word, Rejected(word, gone=True)) for word in GONE),
    *((word, Rejected(word)) for word in REFUSED),
    *((word, RetryAfter(word)) for word in LATER),
    *((word, Unknown(word)) for word in UNSURE),
    ("a_word_of_tomorrow", Rejected("a_word_of_tomorrow")),
]


def test_every_word_of_the_table_is_tested() -> None:
    assert {word for word, _ in SLACKS_WORDS} == {word for word, *_ in words.SLACK} | {"a_word_of_tomorrow"}


@pytest.mark.parametrize(("word", "answer"), SLACKS_WORDS)
def test_a_webhooks_word_has_its_answer(slack: ScriptedSlack, hook: Channel, word: str, answer: Answer) -> None:
    slack.script(word=word)
    assert hook.send(Verb.POST, ALERT) == answer


@pytest.mark.parametrize(("word", "answer"), SLACKS_WORDS)
def test_a_word_of_the_web_api_has_its_answer(slack: ScriptedSlack, bot: Channel, word: str, answer: Answer) -> None:
    slack.script(word=word)
    assert bot.send(Verb.POST, ALERT) == answer


@pytest.mark.parametrize(
    "word", [*DEAD, *LAYOUT, *GONE, *REFUSED, *LATER, *UNSURE, "captive_portal", "tls_untrusted: x"]
)
def test_every_word_has_a_remedy_of_one_sentence(word: str) -> None:
    remedy = words.remedy(word)
    assert remedy.endswith(".")
    assert remedy != words.remedy("a_word_of_tomorrow")


@pytest.mark.parametrize(
    ("status", "headers", "answer"),
    [
        (429, {"Retry-After": "4"}, RetryAfter("ratelimited", 4.0)),
        (200, {"Retry-After": "4"}, RetryAfter("ratelimited", 4.0)),
        (200, {}, RetryAfter("ratelimited")),
    ],
)
def test_a_rate_limit_of_the_web_api_counts_with_any_status(
    slack: ScriptedSlack, bot: Channel, status: int, headers: dict[str, str], answer: Answer
) -> None:
    slack.script(status=status, body='{"ok":false,"error":"ratelimited"}', headers=headers)
    assert bot.send(Verb.POST, ALERT) == answer


WEBHOOK_YES = {
    "Slack and Mattermost": answers(200, "ok"),
    "Slack with its type": answers(200, "ok", {"Content-Type": "text/html"}),
    "with a line break": answers(200, "ok\n"),
    "Rocket.Chat": answers(200, '{"success":true}', {"Content-Type": "application/json"}),
    "in chunks": says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n"),
    "until it closes": says(b"HTTP/1.0 200 OK\r\n\r\nok"),
    "after 100 Continue": says(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
}


@pytest.mark.parametrize("server", WEBHOOK_YES)
def test_a_webhook_says_yes_in_one_of_these_forms(server: str) -> None:
    assert asked("webhook", WEBHOOK_YES[server]) == Delivered()


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (200, "", Unknown("not_understood")),
        (200, "OK!", Unknown("not_understood")),
        (200, "1", Unknown("not_understood")),
        (200, '{"success":false}', Unknown("not_understood")),
        (200, '{"ok":false,"error":"ratelimited"}', RetryAfter("ratelimited")),
        (201, "ok", Unknown("not_understood")),
        (204, "", Unknown("not_understood")),
        (400, "something_new", Rejected("something_new")),
        (400, '{"id":"api.webhook","message":"Invalid webhook","status_code":400}', Rejected("no_reason: 400")),
        (404, HTML, Rejected("no_reason: 404")),
        (410, "something_new", Rejected("something_new")),
        (413, "", Rejected("too_large", plain=True)),
        (500, "rollup_error", RetryAfter("rollup_error")),
    ],
)
def test_a_webhook_says_nothing_else_for_yes(status: int, body: str, answer: Answer) -> None:
    assert asked("webhook", answers(status, body)) == answer
