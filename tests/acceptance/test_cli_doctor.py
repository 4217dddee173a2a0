"""`bongsu doctor`: every check, what it says, and what it leaves alone."""

import pytest
from shell import APP, Shell

from bongsu.testing import ScriptedSlack


def test_a_sound_set_up_is_well_before_its_first_start(bongsu: Shell, slack: ScriptedSlack) -> None:
    done = bongsu("doctor", BONGSU_TO=slack.webhook_url("all"), BONGSU_APP=APP)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "✗" not in done.stdout
    assert "app shop (BONGSU_APP), environment production (default)" in done.stdout
    assert "✓ destinations from BONGSU_TO" in done.stdout
    assert "✓ alarm, devops, dev-test: delivered to http://127.0.0.1" in done.stdout
    assert "is made at the first start" in done.stdout
    assert not bongsu.state.exists()
    [card] = slack.posts
    assert "Test card of `bongsu doctor` for alarm, devops, dev-test" in str(card.payload)


def test_the_file_is_named_as_the_origin(bongsu: Shell) -> None:
    (bongsu.folder / "bongsu.toml").write_text('app = "bakery"\nto = "console:"\nlanguage = "ko"\n')
    done = bongsu("doctor", BONGSU_LANGUAGE="en")
    assert "app bakery (bongsu.toml), environment production (default), language en (BONGSU_LANGUAGE)" in done.stdout


def test_no_secret_is_shown(bongsu: Shell, slack: ScriptedSlack) -> None:
    webhook = bongsu("doctor", BONGSU_TO=slack.webhook_url("hush-hush"))
    bot = {"BONGSU_TO": "slack://#alarm", "BONGSU_SLACK_TOKEN": "xoxb-hush-hush", "BONGSU_SLACK_API": slack.api_url}
    assert "delivered to" in webhook.stdout
    assert "hush-hush" not in webhook.stdout + webhook.stderr + bongsu("doctor", **bot).stdout


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("no_active_hooks", "refused by http://127.0.0.1"),
        ("channel_is_archived", "refused by http://127.0.0.1"),
        ("rate_limited", "not now, says http://127.0.0.1"),
    ],
)
def test_slacks_exact_word_is_shown_with_what_to_do(bongsu: Shell, slack: ScriptedSlack, word: str, told: str) -> None:
    slack.script(word=word, times=None)
    done = bongsu("doctor", BONGSU_TO=slack.webhook_url("devops"))
    assert done.returncode == 1
    [line] = [line for line in done.stdout.splitlines() if line.startswith("✗")]
    assert told in line
    assert line.endswith(f": {word}")
    assert "\n  → " in done.stdout.partition(line)[2]


def test_a_bots_word_is_shown_too(bongsu: Shell, slack: ScriptedSlack) -> None:
    bot = {"BONGSU_TO": "slack://#alarm", "BONGSU_SLACK_TOKEN": "xoxb-other", "BONGSU_SLACK_API": slack.api_url}
    done = bongsu("doctor", **bot)
    assert done.returncode == 1
    assert "refused by slack://#alarm: invalid_auth" in done.stdout


def test_a_lost_answer_is_called_that(bongsu: Shell, slack: ScriptedSlack) -> None:
    slack.script(lose=True)
    assert "✗ alarm, devops, dev-test: no answer from" in bongsu("doctor", BONGSU_TO=slack.webhook_url("all")).stdout


def test_each_destination_is_asked_once(bongsu: Shell, slack: ScriptedSlack) -> None:
    ways = {"BONGSU_TO": slack.webhook_url("all"), "BONGSU_TO_ALARM": slack.webhook_url("alarm")}
    assert bongsu("doctor", **ways).returncode == 0
    assert sorted(post.channel for post in slack.posts) == ["alarm", "all"]


def test_no_send_sends_nothing(bongsu: Shell, slack: ScriptedSlack) -> None:
    done = bongsu("doctor", "--no-send", BONGSU_TO=slack.webhook_url("all"))
    assert (done.returncode, slack.messages) == (0, [])


def test_a_dead_destination_that_answers_again_is_used_again_at_once(bongsu: Shell, slack: ScriptedSlack) -> None:
    slack.script(word="no_active_hooks")
    to = {"BONGSU_TO": slack.webhook_url("devops"), "BONGSU_APP": APP}
    assert bongsu("send", "first", **to).returncode == 1
    assert bongsu("send", "second", **to).returncode == 1, "it is held back"
    assert "it is no longer held back" in bongsu("doctor", **to).stdout
    assert bongsu("send", "third", **to).returncode == 0
    told = {str(post.payload["text"]).rpartition(": ")[2] for post in slack.wait_for(4)}
    assert told >= {"first", "second", "third"}


def test_no_destination_is_not_well(bongsu: Shell) -> None:
    done = bongsu("doctor")
    assert done.returncode == 1
    assert "✗ no destination" in done.stdout


def test_a_directory_that_cannot_be_used_is_not_well(bongsu: Shell) -> None:
    bongsu.state.write_text("a file where the directory should be")
    done = bongsu("doctor", "--no-send", BONGSU_TO="console:")
    assert done.returncode == 1
    assert "cannot be written\n  → " in done.stdout


def test_a_damaged_database_is_not_well_and_is_left_as_it_is(bongsu: Shell) -> None:
    assert bongsu("send", "hi", "--app", APP, BONGSU_TO="console:").returncode == 0
    path = bongsu.state / APP / "bongsu.db"
    path.write_bytes(b"this is no database" * 1_000)
    path.with_name(f"{path.name}-wal").unlink(missing_ok=True)  # what it may hold would mend the file
    done = bongsu("doctor", "--no-send", BONGSU_TO="console:")
    assert done.returncode == 1
    assert "bongsu.db is damaged" in done.stdout
    assert path.read_bytes().startswith(b"this is no database")


def test_what_an_ended_process_left_is_not_well(bongsu: Shell) -> None:
    code = (
        "import bongsu, os\nfrom bongsu import client\nbongsu.init('console:', app='shop')\n"
        "client._client.worker.gate.acquire()\nbongsu.notify('last words')\nos._exit(0)"
    )
    assert bongsu.python("-c", code).returncode == 0
    done = bongsu("doctor", "--no-send", BONGSU_TO="console:")
    assert done.returncode == 1
    assert "what 1 ended process(es) captured is not taken in yet" in done.stdout
    assert "1 process has ended before all was taken in" in bongsu("outbox").stdout


def test_messages_that_died_are_not_well(bongsu: Shell, slack: ScriptedSlack) -> None:
    slack.script(word="no_text")
    assert bongsu("send", "hi", "--app", APP, BONGSU_TO=slack.webhook_url("devops")).returncode == 1
    done = bongsu("doctor", "--no-send", BONGSU_TO="console:")
    assert done.returncode == 1
    assert "✗ 0 messages wait, 1 are dead" in done.stdout


def test_a_destination_that_takes_nothing_is_not_well(bongsu: Shell, later: str) -> None:
    to = {"BONGSU_TO": later, "BONGSU_APP": APP}
    assert bongsu("send", "hi", **to).returncode == 1
    assert "is not reached since" in bongsu("doctor", "--no-send", **to).stdout
