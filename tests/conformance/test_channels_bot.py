"""A bot: one message that is edited, with a thread and the full stack as a file in it."""

import pytest
from samples import ALERT, DEADLINE_S, DIGEST, LATE_S, LINE, PATIENT, TOKEN

from bongsu.clock import SYSTEM
from bongsu.delivery.answer import Answer, Delivered, Rejected, RetryAfter, Unknown
from bongsu.delivery.channel import Channel
from bongsu.delivery.channels import open_channel
from bongsu.delivery.destination import parse
from bongsu.messages.delivery import Verb
from bongsu.messages.style import Style
from bongsu.testing import FakeClock, ScriptedSlack


def posted(bot: Channel) -> Delivered:
    answer = bot.send(Verb.POST, ALERT)
    assert isinstance(answer, Delivered)
    return answer


def test_a_bots_message_can_be_edited_and_replied_to(slack: ScriptedSlack, bot: Channel) -> None:
    receipt = posted(bot).receipt
    root = slack.posts[-1]
    assert receipt["ts"] == root.ts
    assert receipt["channel"].startswith("C")
    assert bot.send(Verb.EDIT, ALERT, receipt) == Delivered(receipt)
    assert isinstance(bot.send(Verb.REPLY, ALERT, receipt), Delivered)
    assert bot.send(Verb.STACK, ALERT, receipt) == Delivered()
    assert slack.edits[-1].ts == root.ts
    assert slack.replies[-1].thread_ts == root.ts
    assert slack.files[-1].thread_ts == root.ts
    assert "app/login.py:48" in slack.files[-1].payload["text"]


def test_a_plain_edit_takes_the_old_card_away(slack: ScriptedSlack, bot: Channel) -> None:
    bot.send(Verb.EDIT, ALERT, posted(bot).receipt, plain=True)
    payload = slack.edits[-1].payload
    assert (payload["blocks"], payload["attachments"]) == ([], [])
    assert "IntegrityError" in payload["text"]


@pytest.mark.parametrize("verb", [Verb.EDIT, Verb.REPLY])
@pytest.mark.parametrize(
    "word", ["message_not_found", "edit_window_closed", "cant_update_message", "thread_not_found", "a_word_of_tomorrow"]
)
def test_a_message_that_is_gone_may_be_posted_anew(slack: ScriptedSlack, bot: Channel, verb: Verb, word: str) -> None:
    receipt = posted(bot).receipt
    slack.script(word=word)
    assert bot.send(verb, ALERT, receipt) == Rejected(word, gone=True)


@pytest.mark.parametrize(
    ("verb", "word"),
    [(Verb.EDIT, "message_not_found"), (Verb.REPLY, "thread_not_found"), (Verb.STACK, "thread_not_found")],
)
def test_a_receipt_of_another_message_leads_nowhere(bot: Channel, verb: Verb, word: str) -> None:
    receipt = {**posted(bot).receipt, "ts": "1.000001"}
    assert bot.send(verb, ALERT, receipt) == Rejected(word, gone=True)


def test_the_full_stack_is_a_nicety_for_which_an_app_may_lack_the_scope(slack: ScriptedSlack, bot: Channel) -> None:
    receipt = posted(bot).receipt
    slack.script(word="missing_scope")
    assert bot.send(Verb.STACK, ALERT, receipt) == Delivered(word="missing_scope")


UPLOADS: list[tuple[str, dict[str, object], int, Answer]] = [
    # what happens, how, after so many requests, answer
    ("asking is refused", {"word": "invalid_auth"}, 0, Rejected("invalid_auth", dead=True)),
    ("asking is not answered", {"close": True}, 0, RetryAfter("closed")),
    ("asking gives no URL", {"status": 200, "body": '{"ok":true}'}, 0, RetryAfter("not_understood")),
    (
        "asking gives a wrong URL",
        {"status": 200, "body": '{"ok":true,"upload_url":"http://h:x/"}'},
        0,
        RetryAfter("not_understood"),
    ),
    (
        "asking gives no http",
        {"status": 200, "body": '{"ok":true,"upload_url":"file:///etc"}'},
        0,
        RetryAfter("not_understood"),
    ),
    ("the upload fails", {"status": 500}, 1, RetryAfter("overloaded: 500")),
    ("the upload is too large", {"status": 413}, 1, Rejected("too_large", plain=True)),
    ("the upload is not answered", {"close": True}, 1, RetryAfter("closed")),
    ("sharing is refused", {"word": "thread_not_found"}, 2, Rejected("thread_not_found", gone=True)),
    ("sharing is not answered", {"lose": True}, 2, Unknown("closed")),
]


@pytest.mark.parametrize(("script", "after", "answer"), [row[1:] for row in UPLOADS], ids=[row[0] for row in UPLOADS])
def test_an_upload_is_unsure_only_once_it_may_be_seen(
    slack: ScriptedSlack, bot: Channel, script: dict[str, object], after: int, answer: Answer
) -> None:
    receipt = posted(bot).receipt
    slack.script(times=after)
    slack.script(**script)  # type: ignore[arg-type]
    assert bot.send(Verb.STACK, ALERT, receipt) == answer


def test_an_upload_of_three_requests_has_one_deadline(slack: ScriptedSlack, bot: Channel) -> None:
    receipt = posted(bot).receipt
    destination = parse("slack://#000-alarm", token=TOKEN, slack_api=slack.api_url, channel="alarm")
    hurried = open_channel(destination, Style(), clock=FakeClock(), line=LINE)
    slack.script(delay_s=DEADLINE_S * 0.6, times=3)
    began_at = SYSTEM.monotonic()
    assert hurried.send(Verb.STACK, ALERT, receipt) == RetryAfter("timeout")
    assert SYSTEM.monotonic() - began_at < LATE_S


def test_a_wrong_token_is_a_dead_destination(slack: ScriptedSlack) -> None:
    destination = parse("slack://#000-alarm", token="xoxb-wrong", slack_api=slack.api_url, channel="alarm")
    answer = open_channel(destination, Style(), clock=FakeClock(), line=PATIENT).send(Verb.POST, ALERT)
    assert answer == Rejected("invalid_auth", dead=True)


def test_an_accepted_message_whose_answer_is_lost_may_have_arrived(slack: ScriptedSlack, hook: Channel) -> None:
    before = len(slack.posts)
    slack.script(lose=True)
    assert hook.send(Verb.POST, ALERT) == Unknown("closed")
    assert len(slack.posts) == before + 1


def test_slack_refuses_no_card_of_ours(slack: ScriptedSlack, hook: Channel, bot: Channel) -> None:
    for message in (ALERT, DIGEST):
        for plain in (False, True):
            assert hook.send(Verb.POST, message, plain=plain) == Delivered()
            assert isinstance(bot.send(Verb.POST, message, plain=plain), Delivered)
