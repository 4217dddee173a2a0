"""Who is started before the full reading is one whom the full reading accepts."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from bongsu import config
from bongsu.cli import parser
from bongsu.cli.run import split
from bongsu.watchers.run import quick, settings

HOME = {"HOME": "/home/kim"}
HOOK = "https://hooks.slack.com/services/T0123/B0123/abcDEF456"


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))


QUICK = [
    (["--", "true"], {}),
    (["--name", "shop", "--restart", "always", "--", "a", "--", "b"], {}),
    (["--max-restarts", "16", "--stop-timeout", "10s", "--backoff-max", "1m", "--max-memory", "500M", "--", "a"], {}),
    (["--", "true"], {"BONGSU_TO": HOOK, "BONGSU_ENVIRONMENT": "staging", "BONGSU_APP": "shop"}),
    (["--", "true"], {"BONGSU_TO": "file:/var/log/alerts.jsonl", "BONGSU_STATE_DIR": "/var/lib/bongsu"}),
]


@pytest.mark.parametrize(("argv", "environ"), QUICK)
def test_the_usual_calls_are_quick(argv: Sequence[str], environ: Mapping[str, str]) -> None:
    assert quick.command(argv, HOME | environ) == tuple(argv[argv.index("--") + 1 :])


SLOW = [
    ([], {}),
    (["--"], {}),
    (["true"], {}),
    (["--", ""], {}),
    (["--restart", "sometimes", "--", "true"], {}),
    (["--health", "true", "--", "true"], {}),
    (["--no-output-for", "1m", "--", "true"], {}),
    (["--env-file", "env", "--", "true"], {}),
    (["--name", "--", "true"], {}),
    (["--help"], {}),
    (["--", "true"], {"BONGSU_TOO": HOOK}),
    (["--", "true"], {"BONGSU_CONFIG": "x.toml"}),
    (["--", "true"], {"BONGSU_TO": "https://hooks.slack.com/services/T0123"}),
    (["--", "true"], {"BONGSU_TO": "slack://#alarm"}),
    (["--", "true"], {"BONGSU_LANGUAGE": "fr"}),
]


@pytest.mark.parametrize(("argv", "environ"), SLOW)
def test_what_may_be_wrong_is_read_first(argv: Sequence[str], environ: Mapping[str, str]) -> None:
    assert quick.command(argv, HOME | environ) is None


def test_with_a_file_of_settings_it_is_read_first() -> None:
    Path("bongsu.toml").touch()
    assert quick.command(["--", "true"], HOME) is None


TEXTS = st.text(max_size=6) | st.sampled_from(
    [
        "shop",
        "always",
        "never",
        "16",
        "0",
        "9999",
        "10s",
        "99h",
        "0s",
        "24h",
        "1M",
        "0M",
        "9999G",
        "01M",
        "²",
        "١s",
        "--",
    ]
)
SETTINGS = st.sampled_from([*quick._SETTINGS, "BONGSU_LEVEL", "BONGSU_X"])
ADDRESSES = TEXTS | st.sampled_from(
    [HOOK, HOOK + "/x", "console:", "file:/a", "file:/", "en", "ko", "/a", "/\n", "a" * 81]
)


@settings_of_hypothesis(max_examples=1_000)
@given(
    options=st.lists(st.tuples(st.sampled_from(list(quick._OPTIONS)), TEXTS), max_size=4),
    words=st.lists(TEXTS, max_size=3),
    environ=st.dictionaries(SETTINGS, ADDRESSES, max_size=3),
)
def test_what_is_quick_is_right(options: list[tuple[str, str]], words: list[str], environ: dict[str, str]) -> None:
    argv = [word for option in options for word in option] + ["--", *words]
    found = quick.command(argv, HOME | environ)
    if found is None or any("\0" in word for word in found):  # which no command line can have
        return
    ours, theirs = split(argv)
    assert tuple(theirs) == found
    arguments = parser().parse_args(["run", *ours])
    problems: list[str] = []
    table = {key: getattr(arguments, key) for key in settings.OPTIONS} | {"command": found}
    name = arguments.name if arguments.name is not None else "name"
    assert settings.service(name, table, "run", problems) is not None, problems
    assert config.load({"app": arguments.app or name}, HOME | environ)
