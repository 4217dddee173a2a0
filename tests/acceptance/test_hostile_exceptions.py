"""Whatever the host raises becomes one valid card, and nothing of ours reaches the host."""

import copy
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hostile import ACTS
from seen import text

import bongsu
from bongsu.testing import ScriptedSlack


@pytest.fixture
def watched(slack: ScriptedSlack, tmp_path: Path) -> Iterator[None]:
    bongsu.init(slack.webhook_url("alarm"), app="checkin", state_dir=tmp_path, environment="production")
    yield
    bongsu.close()


@pytest.mark.parametrize("with_locals", [False, True], ids=["", "and its locals"])
@pytest.mark.parametrize("act", ACTS)
def test_an_exception_becomes_one_valid_card(
    slack: ScriptedSlack, tmp_path: Path, capsys: pytest.CaptureFixture[str], act: str, with_locals: bool
) -> None:
    raising, title = ACTS[act]
    bongsu.init(slack.webhook_url("alarm"), app="checkin", state_dir=tmp_path, locals=with_locals)
    event_id = _captured(raising)
    bongsu.close()
    assert event_id is not None
    assert capsys.readouterr().err == ""
    assert [message.answered for message in slack.messages] == ["ok"]
    assert title in text(slack.messages[0])


@pytest.mark.usefixtures("watched")
@pytest.mark.parametrize("passed_on", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_a_captured_exception_can_be_copied_and_sent_to_another_process(passed_on: object) -> None:
    error = LookupError("gone")
    with pytest.raises(LookupError), bongsu.context(request_id="r1", connection=iter([])):
        raise error
    bongsu.capture_exception(error)
    assert callable(passed_on)
    assert str(passed_on(error)) == "'gone'" or str(passed_on(error)) == "gone"


def _captured(raising: Callable[[], NoReturn]) -> str | None:
    try:
        raising()
    except BaseException as error:
        return bongsu.capture_exception(error)
