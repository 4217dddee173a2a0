"""init and close: they come and go without a trace, as often as the host likes."""

import faulthandler
import logging
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from children import Launch
from seen import text

import bongsu
from bongsu.testing import ScriptedSlack


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    bongsu.close()


def _hooks() -> tuple[object, ...]:
    return (
        sys.excepthook,
        threading.excepthook,
        sys.unraisablehook,
        logging.Logger.callHandlers,
        logging.basicConfig,
        tuple(logging.root.handlers),
        faulthandler.is_enabled(),
    )


def _threads() -> set[str]:
    return {thread.name for thread in threading.enumerate() if thread.name.startswith("bongsu")}


def test_close_leaves_the_program_as_it_was_before_init(slack: ScriptedSlack, tmp_path: Path) -> None:
    before, threads = _hooks(), _threads()
    for _ in range(3):
        bongsu.init(slack.webhook_url("alarm"), app="checkin", state_dir=tmp_path)
        assert _hooks() != before
    bongsu.capture_message("hello")
    bongsu.close()
    bongsu.close()
    assert _hooks() == before
    assert _threads() == threads
    assert list((tmp_path / "checkin" / "spool").iterdir()) == []


def test_a_hook_that_the_host_sets_after_init_stays_after_close(slack: ScriptedSlack, tmp_path: Path) -> None:
    before = sys.excepthook
    bongsu.init(slack.webhook_url("alarm"), app="checkin", state_dir=tmp_path)
    ours = sys.excepthook
    seen: list[type[BaseException]] = []
    sys.excepthook = lambda kind, *rest: seen.append(kind)
    try:
        bongsu.close()
        sys.excepthook(ValueError, ValueError(), None)
        ours(KeyError, KeyError("passed on"), None)
        assert seen == [ValueError]
    finally:
        sys.excepthook = before


def test_a_second_init_replaces_the_first_and_nothing_is_told_twice(slack: ScriptedSlack, tmp_path: Path) -> None:
    bongsu.init(slack.webhook_url("first"), app="checkin", state_dir=tmp_path)
    bongsu.capture_message("to the first")
    bongsu.init(slack.webhook_url("second"), app="checkin", state_dir=tmp_path)
    logging.getLogger("shop").error("to the second")
    bongsu.close()
    assert [(message.channel, text(message).split(" · ")[0].split(": ", 1)[1]) for message in slack.messages] == [
        ("first", "to the first"),
        ("second", "to the second"),
    ]


def test_what_one_client_could_not_deliver_the_next_one_does(slack: ScriptedSlack, tmp_path: Path) -> None:
    slack.script(close=True)
    bongsu.init(slack.webhook_url("alarm"), app="checkin", state_dir=tmp_path)
    bongsu.capture_message("kept")
    bongsu.flush(0.2)
    bongsu.init(slack.webhook_url("alarm"), app="checkin", state_dir=tmp_path)
    slack.wait_for(lambda message: "kept" in text(message), timeout_s=20)


def test_two_apps_on_one_machine_do_not_meet(slack: ScriptedSlack, launch: Launch) -> None:
    with launch.start("idle", BONGSU_APP="other") as other:
        assert other.line() == "ready"
        launch.run("die_after_capture", "_exit", 1)
        other.say("end")
        assert other.end().code == 0
    assert slack.messages == []
    launch.run("idle")
    slack.wait_for(1)


def test_without_a_destination_init_warns_at_the_callers_line_and_uses_the_console(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        bongsu.init(app="checkin", state_dir=tmp_path)
    [warning] = caught
    assert (warning.filename, "BONGSU_TO" in str(warning.message)) == (__file__, True)
    bongsu.capture_message("on the console")
    assert bongsu.flush(5)
    assert "on the console" in capfd.readouterr().err


def test_a_wrong_configuration_is_raised_at_the_callers_line_and_nothing_begins(tmp_path: Path) -> None:
    before = _hooks()
    with pytest.raises(bongsu.ConfigError) as caught:
        bongsu.init("alerts", app="", state_dir=tmp_path)
    assert len(caught.value.problems) == 1
    frames = traceback.extract_tb(caught.tb)
    assert [frame.filename.endswith("client/__init__.py") for frame in frames] == [False, True]
    assert _hooks() == before


def test_without_init_everything_is_harmless() -> None:
    assert bongsu.capture_exception(ValueError()) is None
    assert bongsu.capture_message("nobody hears it") is None
    assert bongsu.notify("nobody hears it") is None
    assert bongsu.flush() is True


@pytest.mark.parametrize("thing", ["a text", 42, LookupError, (LookupError, LookupError("gone"), None)])
def test_what_is_no_exception_is_told_all_the_same(slack: ScriptedSlack, tmp_path: Path, thing: object) -> None:
    bongsu.init(slack.webhook_url("alarm"), app="checkin", state_dir=tmp_path)
    assert bongsu.capture_exception(thing) is not None  # type: ignore[arg-type]
    bongsu.close()
    assert len(slack.posts) == 1
