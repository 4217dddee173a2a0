"""`bongsu run --file`, `--env-file`, and what is wrong with what is written."""

import signal
from collections.abc import Mapping

import pytest
import seen
from children import Launch
from running import ONCE, begin, shell, through
from shell import wait_until

from bongsu.testing import ScriptedSlack


def test_the_commands_of_a_procfile_run_and_stop_together(launch: Launch, slack: ScriptedSlack) -> None:
    (launch.folder / "Procfile").write_text(
        "# the shop\nweb: sh -c 'echo web; exec sleep 1000'\n\n"
        "worker: echo worker; trap 'exit 7' TERM; while :; do sleep 0.1; done\n"
    )
    with begin(launch, "--file", "Procfile") as child:
        assert {child.line(), child.line()} == {"web", "worker"}
        child.signal(signal.SIGTERM)
        assert child.end().code == 128 + signal.SIGTERM
    texts = "\n".join(map(seen.text, slack.posts))
    assert "web" in texts
    assert "worker" in texts


def test_one_that_is_given_up_leaves_the_others_alone(launch: Launch) -> None:
    (launch.folder / "bongsu.toml").write_text(
        '[run.bad]\ncommand = "exit 3"\nmax_restarts = 1\nbackoff_max = "0s"\n'
        '[run.good]\ncommand = ["sh", "-c", "echo good; exec sleep 1000"]\n'
    )
    with begin(launch, "--file", "bongsu.toml") as child:
        assert child.line() == "good"
        wait_until(lambda: (launch.state_dir / "checkin").exists())
        child.signal(signal.SIGTERM)
        ended = child.end()
    assert ended.code == 143


def test_variables_of_a_file_reach_the_command_and_no_message(launch: Launch, slack: ScriptedSlack) -> None:
    (launch.folder / "secrets").write_text("# ours\nexport SHOP_KEY='k e y'\nSHOP_URL=\"a\\nb\"\n")
    line = 'printf \'%s|\' "$SHOP_KEY" "$SHOP_URL" "$PATH"; exit 3'
    ended = through(launch, *ONCE, "--env-file", "secrets", *shell(line))
    assert ended.out.startswith("k e y|a\nb|/")
    assert not any("k e y" in seen.everything(post) for post in slack.posts)


WRONG: Mapping[tuple[str, ...], str] = {
    (): "no command",
    ("--",): "no command",
    ("--restart", "sometimes", "--", "true"): "run.restart: write one of on-failure, always, never, not 'sometimes'",
    ("--max-restarts", "-1", "--", "true"): "run.max_restarts: write a number from 0",
    ("--stop-timeout", "soon", "--", "true"): "run.stop_timeout: 'soon' is no duration",
    ("--max-memory", "much", "--", "true"): "run.max_memory: write a size from 1M, such as 500M or 2G, not 'much'",
    ("--env-file", "missing", "--", "true"): "env_file: missing cannot be read",
    ("--file", "missing"): "--file: missing cannot be read",
    ("--file", "missing.toml"): "missing.toml",
    ("--file", "Procfile", "--", "true"): "a command and --file: write one of them",
    ("--health", "http:/x", "--", "true"): "run.health: write an address",
}


@pytest.mark.parametrize(("words", "problem"), WRONG.items(), ids=" ".join)
def test_what_is_wrong_is_told_before_anything_starts(launch: Launch, words: tuple[str, ...], problem: str) -> None:
    ended = through(launch, *words)
    assert (ended.code, ended.out) == (2, "")
    assert problem in ended.err


def test_an_unknown_key_is_told_with_the_right_one(launch: Launch) -> None:
    (launch.folder / "bongsu.toml").write_text('[run.web]\ncommand = "true"\nmax_memroy = "1G"\n')
    ended = through(launch, "--file", "bongsu.toml")
    assert ended.code == 2
    assert "run.web: unknown key 'max_memroy'; did you mean max_memory?" in ended.err
