"""`[channels]`, `[alerting]`, `[deliver]` and `timezone`: what they mean, and every mistake with its remedy."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bongsu.alerting.group import Schedule
from bongsu.clock import utc_offset_s
from bongsu.config import ChannelSettings, Settings, alerting, load
from bongsu.config.channels import CHANNELS_MAX
from bongsu.delivery.deliver import Deliver
from bongsu.errors import ConfigError
from bongsu.messages.style import Calling, Mention

HOOK = "https://hooks.slack.com/services/T0/B0/s3cr3t"
OTHER = "https://hooks.slack.com/services/T1/B1/s3cr3t"
ENVIRON = {"SLACK_ALARM": HOOK, "SLACK_DEVOPS": OTHER, "EMPTY": ""}


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def loaded(text: str, environ: Mapping[str, str] = ENVIRON, **arguments: object) -> Settings:
    Path("bongsu.toml").write_text(text, encoding="utf-8")
    return load(arguments, environ)


def problems(text: str, environ: Mapping[str, str] = ENVIRON, **arguments: object) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        loaded(text, environ, **arguments)
    return caught.value.problems


def urls(settings: Settings) -> dict[str, str]:
    return {name: each.url for name, each in settings.destinations.items()}


ADDRESSES = [
    # the file, what goes where
    ('[channels]\nalarm = { to = "env:SLACK_ALARM" }', {"alarm": HOOK}),
    ('[channels]\nalarm = "env:SLACK_ALARM"', {"alarm": HOOK}),
    (f'[channels.alarm]\nto = "{HOOK}"', {"alarm": HOOK}),
    ('to = "env:SLACK_ALARM"', {"alarm": HOOK, "devops": HOOK, "dev-test": HOOK}),
    ('[to]\nalarm = "env:SLACK_ALARM"', {"alarm": HOOK}),
    (
        f'to = "{HOOK}"\n[channels]\ndevops = {{ to = "{OTHER}" }}\nown = {{ mention = "@here" }}',
        {"alarm": HOOK, "devops": OTHER, "dev-test": HOOK, "own": HOOK},
    ),
    (
        f'[to]\nalarm = "{HOOK}"\n[channels]\nalarm = {{ push = false }}\nown = "{OTHER}"',
        {"alarm": HOOK, "own": OTHER},
    ),
    (f'[channels]\n"pay.ments" = "{HOOK}"\n"결제" = "{OTHER}"', {"pay.ments": HOOK, "결제": OTHER}),
]


@pytest.mark.parametrize(("text", "expected"), ADDRESSES, ids=[text for text, _ in ADDRESSES])
def test_each_channel_has_its_address(text: str, expected: dict[str, str]) -> None:
    settings = loaded(text)
    assert urls(settings) == expected
    assert settings.channels.keys() == settings.destinations.keys()
    assert not settings.is_default_destination


def test_what_ranks_above_the_file_replaces_its_addresses_and_keeps_its_mentions() -> None:
    text = f'[channels]\nalarm = {{ to = "{HOOK}", mention = "@here" }}\nown = "{HOOK}"\n[[route]]\nto = "own"'
    for settings in (loaded(text, {"BONGSU_TO": OTHER}), loaded(text, to=OTHER)):
        assert urls(settings) == dict.fromkeys(("alarm", "devops", "dev-test", "own"), OTHER)
        assert settings.channels["alarm"].mention == Mention(calling=Calling.HERE)
    assert urls(loaded(text, {"BONGSU_TO_ALARM": OTHER})) == {"alarm": OTHER}


def test_a_table_without_any_address_leaves_the_console() -> None:
    assert loaded("[channels]").is_default_destination


MENTIONS = [
    ("@here", Mention(calling=Calling.HERE)),
    ("<!here>", Mention(calling=Calling.HERE)),
    ("@channel", Mention(calling=Calling.CHANNEL)),
    ("<@U012AB3CD>", Mention(calling=Calling.USER, id="U012AB3CD")),
    ("<@W012AB3CD>", Mention(calling=Calling.USER, id="W012AB3CD")),
    ("<!subteam^S012AB3CD>", Mention(calling=Calling.GROUP, id="S012AB3CD")),
    ("<!subteam^S012AB3CD|@ops>", Mention(calling=Calling.GROUP, id="S012AB3CD")),
]


@pytest.mark.parametrize(("written", "mention"), MENTIONS)
def test_who_is_called(written: str, mention: Mention) -> None:
    channels = f'alarm = {{ mention = "{written}" }}\ndevops = {{ mention = "@here", push = false }}'
    text = f'to = "{HOOK}"\n[channels]\n{channels}'
    found = loaded(text).channels
    assert found["alarm"] == ChannelSettings(mention=mention)
    assert [found[name].calls for name in ("alarm", "devops", "dev-test")] == [mention, None, None]


NO_MENTIONS = [
    "@her",
    "@jane",
    "here",
    "@everyone",
    "<@U1> <@U2>",
    "<!date^1^{date}|x>",
    "@here x",
    "",
    "<@U" + "A" * 60,
]


@pytest.mark.parametrize("written", NO_MENTIONS)
def test_what_calls_nobody_is_a_mistake(written: str) -> None:
    [problem] = problems(f'to = "{HOOK}"\n[channels]\nalarm = {{ mention = "{written}" }}')
    assert problem.startswith("bongsu.toml:3: channels.alarm.mention: ")
    assert '"@here", "@channel", "<@U…>"' in problem


WRONG_CHANNELS = [
    ("channels = 3", "1: channels: must be a table", "env:NAME"),
    ("[channels]\nalarm = 3", "2: channels.alarm: must be a table", "env:NAME"),
    ('[channels]\nalarm = { too = "x" }\n[to]\nalarm = "console:"', "2: channels.alarm: unknown key 'too'", "mean to?"),
    ('[channels]\nalarm = { mention = "@here" }\nown = "console:"', "2: channels.alarm: needs an address", "env:NAME"),
    ('[channels]\nalarm = "env:NOT_THERE"', "2: channels.alarm: the variable NOT_THERE is not set", "export it"),
    ('[channels]\nalarm = "env:EMPTY"', "2: channels.alarm: the variable EMPTY is not set", "export it"),
    (f'[channels]\nalarm = "env:{HOOK}"', "2: channels.alarm: behind env: stands no name", "env:SLACK_ALARM"),
    ("[channels]\nalarm = { to = 3 }", "2: channels.alarm: needs a URL as text", "not int"),
    ('[channels]\nalarm = "alerts"', "2: The destination of channel 'alarm'", "https://"),
    (f'[channels]\n"{HOOK}" = "alarm"', "1: channels: an address stands where", "{'alarm': address}"),
    ('[channels]\n"a b" = "console:"', "1: channels: 'a b' is no channel name", "letters, digits"),
    (
        '[to]\nalarm = "console:"\n[channels]\nalarm = "console:"',
        "4: channels.alarm: has an address in `to`",
        "keep one",
    ),
    ('to = "env:NOT_THERE"', "1: to: the variable NOT_THERE is not set", "export it"),
    ('[channels]\nalarm = { to = "console:", push = "no way" }', "2: channels.alarm.push: ", "true or false"),
]


@pytest.mark.parametrize(("text", "wrong", "remedy"), WRONG_CHANNELS, ids=[wrong for _, wrong, _ in WRONG_CHANNELS])
def test_a_mistake_in_the_channels_is_told_with_line_and_remedy(text: str, wrong: str, remedy: str) -> None:
    [problem] = problems(text)
    assert problem.startswith(f"bongsu.toml:{wrong}")
    assert remedy in problem
    assert "s3cr3t" not in problem


def test_there_are_not_more_channels_than_threads_for_them() -> None:
    text = "[channels]\n" + "\n".join(f'c{number} = "console:"' for number in range(CHANNELS_MAX + 1))
    assert problems(text)[0].startswith("bongsu.toml:1: channels: there are more than 100")


# -- timezone


def test_the_zone_decides_the_offset_with_its_summer_time() -> None:
    winter, summer = (datetime(2026, month, 1, tzinfo=UTC).timestamp() for month in (1, 7))
    assert loaded('timezone = "Asia/Seoul"').timezone == "Asia/Seoul"
    assert loaded("", {"BONGSU_TIMEZONE": "Europe/Berlin"}).timezone == "Europe/Berlin"
    assert [utc_offset_s(at, "Asia/Seoul") for at in (winter, summer)] == [9 * 3_600] * 2
    assert [utc_offset_s(at, "Europe/Berlin") for at in (winter, summer)] == [3_600, 7_200]
    assert (loaded("").timezone, utc_offset_s(summer)) == (None, utc_offset_s(summer, None))


WRONG_ZONES = [
    ('"Asia/Soul"', "did you mean Asia/Seoul?"),
    ('"asia/seoul"', "Asia/Seoul"),
    ('"KST-9"', "write one such as Asia/Seoul"),
    ('"../../etc/passwd"', "Asia/Seoul"),
    ('"/etc/localtime"', "there is no time zone"),
    ('"Asia"', "there is no time zone"),
    ('""', "Asia/Seoul"),
    ("9", "such as Asia/Seoul, not 9"),
    (f'"{"x" * 500}"', "such as Asia/Seoul"),
    ('"a\\u0000b"', "there is no time zone"),
]


@pytest.mark.parametrize(("written", "remedy"), WRONG_ZONES)
def test_a_wrong_zone_is_told_with_the_nearest_right_one(written: str, remedy: str) -> None:
    [problem] = problems(f"timezone = {written}")
    assert problem.startswith("bongsu.toml:1: timezone: ")
    assert remedy in problem
    assert len(problem) < 300


# -- alerting and deliver


def test_when_to_speak_again_comes_from_the_file() -> None:
    text = """\
[alerting]
quiet_after = "10m"
remind_every = "1d"
growth_every = "5m"
growth_factor = 100
storm_budget = 3
storm_window = "2m"
detail_every = "10s"
ignore = ["BrokenPipeError"]
"""
    assert loaded(text).schedule == Schedule(
        quiet_after_s=600,
        remind_every_s=86_400,
        growth_every_s=300,
        growth_factor=100,
        storm_budget=3,
        storm_window_s=120,
    )
    assert loaded(text).detail_every_s == 10
    assert set(tomllib.loads(text)["alerting"]) == set(alerting.ALERTING)
    assert loaded("[alerting]").schedule == loaded("").schedule == Schedule()


def test_what_to_do_when_telling_fails_comes_from_the_file() -> None:
    channels = f'[channels]\nalarm = "{HOOK}"\nbackup = "{OTHER}"\n[deliver]\n'
    text = f'{channels}fallback = "backup"\nfallback_after = "10m"\nheartbeat_url = "https://beat.example/s3cr3t"'
    wanted = Deliver(fallback="backup", fallback_after_s=600, heartbeat_url="https://beat.example/s3cr3t")
    assert loaded(text).deliver == wanted
    assert loaded(f'{channels}heartbeat_url = "env:SLACK_ALARM"').deliver == Deliver(heartbeat_url=HOOK)
    assert loaded(channels).deliver == loaded("").deliver == Deliver()


def test_a_developers_one_address_leaves_nothing_to_fall_back_to_and_is_no_mistake() -> None:
    text = f'[channels]\nalarm = "env:NOT_THERE"\nbackup = "{OTHER}"\n[deliver]\nfallback = "backup"'
    for environ in ({"BONGSU_TO": "console:"}, {"BONGSU_TO_ALARM": "console:"}):
        assert loaded(text, environ).deliver == Deliver()
    assert problems(text.replace('"backup"', '"bakup"'), to="console:")[0].startswith("bongsu.toml:5: deliver.fallback")


WRONG_SECTIONS = [
    ("alerting = 3", "1: alerting: must be a table", "[alerting]"),
    ("[alerting]\nquiet = 3", "2: alerting: unknown key 'quiet'", "did you mean quiet_after"),
    ('[alerting]\nquiet_after = "half an hour"', "2: alerting.quiet_after: ", "'10m'"),
    ("[alerting]\nquiet_after = 30", "2: alerting.quiet_after: ", "'10m'"),
    ('[alerting]\nquiet_after = "1s"', "2: alerting.quiet_after: ", "from 10s to 1d"),
    ('[alerting]\nremind_every = "40d"', "2: alerting.remind_every: ", "from 1m to 30d"),
    ('[alerting]\ngrowth_every = "0s"', "2: alerting.growth_every: ", "from 10s to 1d"),
    ('[alerting]\nstorm_window = "2h"', "2: alerting.storm_window: ", "from 10s to 1h"),
    ("[alerting]\nstorm_budget = 0", "2: alerting.storm_budget: ", "from 1 to 100"),
    ("[alerting]\nstorm_budget = 2.5", "2: alerting.storm_budget: ", "from 1 to 100"),
    ("deliver = []", "1: deliver: must be a table", "[deliver]"),
    ('[deliver]\nfalback = "alarm"', "2: deliver: unknown key 'falback'", "did you mean fallback?"),
    ('[deliver]\nfallback = "alrm"', "2: deliver.fallback: there is no channel 'alrm'", "did you mean alarm?"),
    ("[deliver]\nfallback = 3", "2: deliver.fallback: there is no channel 3", "with an address"),
    ('[deliver]\nfallback = "devops"', "2: deliver.fallback: all channels have the address of devops", "of its own"),
    ('[deliver]\nfallback_after = "1s"', "2: deliver.fallback_after: ", "from 10s to 1d"),
    ('[deliver]\nheartbeat_url = "beat.example/s3cr3t"', "2: deliver.heartbeat_url: must be an address", "https://"),
    ('[deliver]\nheartbeat_url = "https://s3cr3t x"', "2: deliver.heartbeat_url: must be an address", "spaces"),
    ("[deliver]\nheartbeat_url = 3", "2: deliver.heartbeat_url: must be an address", "https://"),
    ('[deliver]\nheartbeat_url = "env:NOT_THERE"', "2: deliver.heartbeat_url: the variable NOT_THERE", "export it"),
]


@pytest.mark.parametrize(("text", "wrong", "remedy"), WRONG_SECTIONS, ids=[text for text, _, _ in WRONG_SECTIONS])
def test_a_mistake_in_a_table_is_told_with_line_and_remedy(text: str, wrong: str, remedy: str) -> None:
    [problem] = problems(f'{text}\n[to]\nalarm = "file:x"\ndevops = "file:x"')
    assert problem.startswith(f"bongsu.toml:{wrong}")
    assert remedy in problem
    assert "s3cr3t" not in problem
