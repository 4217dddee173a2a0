"""What began soon after a deploy says so, and asks whether to roll back."""

from dataclasses import replace

import pytest
from cards import BEGAN, ENGLISH, FIRST_SEEN, KOREAN
from timelines import HOUR, MINUTE, START, desk

from bongsu.alerting import deploys
from bongsu.alerting.deploys import DEPLOYS_MAX, RELATED_S, Deploy
from bongsu.messages import sentences, text
from bongsu.messages.message import Message, State, from_json, to_json
from bongsu.routing import Ability

V1, V2 = Deploy(release="v1.4.1", at=START - HOUR), Deploy(release="v1.4.2", at=START)


@pytest.mark.parametrize(
    ("at", "deploy"),
    [(START - 2 * HOUR, None), (START - 1, V1), (START, V2), (START + 4 * MINUTE, V2), (START + RELATED_S, None)],
)
def test_a_problem_has_to_do_with_the_last_deploy_before_it_if_any(at: float, deploy: Deploy | None) -> None:
    assert deploys.before([V2, V1], at) == deploy


def test_only_the_last_ones_are_remembered() -> None:
    kept: tuple[Deploy, ...] = ()
    for number in range(DEPLOYS_MAX + 5):
        kept = deploys.kept(kept, Deploy(release=str(number), at=START + number))
    assert [each.release for each in kept] == [str(number) for number in range(5, DEPLOYS_MAX + 5)]
    assert deploys.from_json(deploys.to_json(V1)) == V1


def messages(*, before: bool) -> list[Message]:
    """A deploy, and four minutes later a problem that was there before, or was not."""
    hook = desk(Ability.POSTS)
    if before:
        hook.happens("no room")
    hook.wait(2 * HOUR)
    hook.policy = replace(hook.policy, deploys=(Deploy(release="v1.4.2", at=hook.now),))
    hook.wait(4 * MINUTE)
    hook.happens("no room")
    hook.wait(2 * HOUR)
    return [sent.message for _, sent in hook.deliveries][-2:]


def test_what_nobody_had_before_asks_whether_to_roll_back_while_it_fires() -> None:
    first, quiet = messages(before=False)
    assert sentences.hints(first, ENGLISH) == [
        "Not seen before v1.4.2, which was deployed 4 min before: is rolling back an option?"
    ]
    assert sentences.hints(first, KOREAN) == ["v1.4.2 배포 4분 뒤에 처음 나타난 문제입니다. 롤백을 검토하십시오"]
    assert sentences.hints(quiet, ENGLISH) == []


def test_what_was_there_before_says_how_long_after_the_deploy_it_came_back_and_no_more() -> None:
    back, _ = messages(before=True)
    assert sentences.hints(back, ENGLISH) == []
    assert "DEPLOY v1.4.2, 4 min before" in text.card(back, ENGLISH)


def test_what_began_an_hour_after_it_asks_for_nothing() -> None:
    late = replace(FIRST_SEEN, deploy=Deploy(release="v1", at=BEGAN - HOUR), state=State.FIRING)
    assert sentences.hints(late, ENGLISH) == []
    assert "DEPLOY v1, 1 h before" in text.card(late, ENGLISH)


def test_it_is_kept_with_the_message() -> None:
    message = replace(FIRST_SEEN, deploy=V2)
    assert from_json(to_json(message)) == message
