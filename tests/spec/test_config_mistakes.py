"""What is written in bongsu.toml is right, or a problem with its line; nothing else, and never another error."""

from pathlib import Path

import pytest

from bongsu import config
from bongsu.errors import ConfigError

SOUND = '\n[channels]\nalarm = "http://127.0.0.1:9/services/T0/B0/x"\n'
VALUES = (
    *("0", "-1", "1.5", "nan", "inf", "true", '""', '"x"', "[]", "[1]", "[[]]", "{}", "{a = 1}", "[{}]", "[{a = 1}]"),
    *("2020-01-01", "12:30:00", "2020-01-01T00:00:00Z", '"\\u0000"', "99999999999999999999"),
)
PLACES = (
    *config.KEYS,
    *config.SECTIONS,
    *config.TABLES,
    *config.LISTS,
    *("alerting.quiet_after", "alerting.storm_budget", "deliver.fallback", "deliver.heartbeat_url"),
    *("quiet_hours.from", "quiet_hours.push", "channels.devops.to", "channels.devops.mention", "channels.devops.push"),
    *("run.web.command", "run.web.health", "watch.pm2.channels", "watch.pm2.servername", "watch.docker.ignore"),
)
IN_LISTS = ("route.to", "route.when", "route.when.level", "route.when.tag", "escalate.after", "escalate.to")


@pytest.mark.parametrize("value", VALUES)
def test_whatever_is_written_is_right_or_a_problem_with_its_line(tmp_path: Path, value: str) -> None:
    wrong = [f"{place} = {value}\n" + ("" if place.startswith(("to", "channels")) else SOUND) for place in PLACES]
    for place in IN_LISTS:
        name, _, key = place.partition(".")
        wrong.append(f"{SOUND}[[{name}]]\n{key} = {value}\n")
    for number, text in enumerate(wrong):
        for problem in _problems(tmp_path / f"{number}.toml", text):
            assert problem.startswith(f"{tmp_path / str(number)}.toml:"), text


# what stands in the file: the problem
MISTAKES = {
    'to = ""': "1: to: is empty; write an address, or leave it out",
    "to = {}": "1: to: is empty; write an address, or leave it out",
    "to = []": "1: to: needs a URL as text, not list",
    "app = 0": "1: app: must be a text of 1 to 80 printable characters, not 0",
    "state_dir = false": "1: state_dir: must be the path of a directory, not False",
    '[[route]]\nto = "alarm"\nwhen.tag = {}': "3: route 1: unknown condition 'tag'; known are app,",
    "[watch.pm]": "1: watch.pm: nothing reads this table; did you mean pm2?",
    '[watch.pm2.channels]\napi = "bill"': "1: watch.pm2.channels: there is no channel 'bill'; known are alarm,",
    "[watch.docker]\nignored = []": "2: watch.docker: unknown key 'ignored'; did you mean ignore?",
    "[watch.pm2]\nstart = 1": "2: watch.pm2.start: write true or false, not 1",
    '[run.web]\ncomand = "x"\ncommand = "x"': "2: run.web: unknown key 'comand'; did you mean command?",
    '[run.web]\ncommand = "x"\nmax_memory = 5': "3: run.web.max_memory: write a size from 1M, such as 500M or 2G",
    '[run.web]\ncommand = "x"\nenv_file = "a\\u0000"': "3: run.web.env_file: write a text, not 'a\\x00'",
    '[[alerting]]\nquiet_after = "5m"': "1: alerting: must be a table; write [alerting], and below it",
    '[[channels]]\nalarm = "console:"': "1: channels: must be a table; write [channels], and below it",
    "[[route]]\n\nto = 5": "3: route 1: to must name a channel or several, such as",
    '[[route]]\nto = "alarm"\ncontinue = 1': "3: route 1: continue must be true or false",
    '[quiet_hours]\nfrom = "22:00"': '1: quiet_hours.to: is missing; write a time of the day, such as "22:00"',
    '[[escalate]]\nto = "alarm"': "1: escalate 1: after: is missing; write a duration such as 15m",
    "[run.web]": "1: run.web.command: is missing; write a text or a list of texts, such as",
    "http_burst_min = -1": "1: http_burst_min: must be a number from 0 to 1000000, not -1",
    "\ufeffapp = 0": "1: app: must be a text of 1 to 80 printable characters, not 0",  # as some editors save it
}


@pytest.mark.parametrize(("text", "problem"), MISTAKES.items())
def test_a_mistake_is_told_with_line_and_remedy(tmp_path: Path, text: str, problem: str) -> None:
    [told, *_] = _problems(tmp_path / "bongsu.toml", text)
    assert told.startswith(f"{tmp_path / 'bongsu.toml'}:{problem}")


MANY = 2_000  # a file that is another program's, or a list that somebody generated
ENDLESS = {
    "unknown keys": SOUND + "[alerting]\n" + "".join(f"key{number} = 1\n" for number in range(MANY)),
    "conditions": SOUND + '[[route]]\nto = "alarm"\n[route.when]\n' + "".join(f"a{n} = 1\n" for n in range(MANY)),
    "tags": SOUND + '[[route]]\nto = "alarm"\n[route.when.tag]\n' + "".join(f't{n} = "x"\n' for n in range(MANY)),
    "channels": "[channels]\n" + "".join(f"c{number} = 5\n" for number in range(MANY)),
    "addresses": "[to]\n" + "".join(f"c{number} = 5\n" for number in range(MANY)),
    "tables": SOUND + "".join(f"[watch.w{number}]\n" for number in range(MANY)),
    "services": SOUND + "[watch.pm2.channels]\n" + "".join(f's{number} = "x"\n' for number in range(MANY)),
}


@pytest.mark.parametrize("text", ENDLESS.values(), ids=ENDLESS)
def test_mistakes_without_end_are_told_by_a_hundred(tmp_path: Path, text: str) -> None:
    file = tmp_path / "bongsu.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        config.load({"config": file}, {})
    assert 1 <= len(caught.value.problems) <= 100


def test_a_program_that_starts_does_not_look_into_the_tables_of_our_commands(tmp_path: Path) -> None:
    file = tmp_path / "bongsu.toml"
    file.write_text("[run.web]\ncomand = 1\n")
    assert config.load({"config": file}, {}).run == {"web": {"comand": 1}}


def test_an_empty_address_of_an_argument_is_none_given(tmp_path: Path) -> None:
    assert config.load({"to": "", "state_dir": tmp_path}, {}).is_default_destination


def _problems(file: Path, text: str) -> list[str]:
    file.write_text(text)
    found = config.problems_of_commands({"BONGSU_CONFIG": str(file)})
    try:
        config.load({"config": file}, {})
    except ConfigError as error:
        return [*error.problems, *found]
    return found
