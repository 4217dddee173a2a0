"""`[watch.pm2]`: switches with pm2-slack's names; all problems at once, each with the nearest right name."""

import pytest

from bongsu.watchers.pm2.settings import DEFAULTS, Pm2Settings, Switch, read


def problems(**table: object) -> list[str]:
    found: list[str] = []
    read(table, found)
    return found


def settings(**table: object) -> Pm2Settings:
    found: list[str] = []
    read_settings = read(table, found)
    assert found == []
    return read_settings


def test_what_is_on_without_a_word() -> None:
    assert settings().on == DEFAULTS
    assert frozenset(Switch) - DEFAULTS == {Switch.LOG, Switch.ERROR, Switch.ONLINE}


def test_a_switch_has_the_name_it_has_in_pm2_slack() -> None:
    on = settings(**{"restart overlimit": False, "error": True}).on
    assert on == DEFAULTS - {Switch.OVERLIMIT} | {Switch.ERROR}


def test_every_problem_is_told_with_the_nearest_name() -> None:
    assert problems(exeption=True, kil=False, log="yes", servername=7, ignore="x", channels=[]) == [
        "watch.pm2: unknown key 'exeption'; did you mean exception?",
        "watch.pm2: unknown key 'kil'; did you mean kill?",
        'watch.pm2.ignore: write a list of at most 256 names, as in ["cron-*"]',
        'watch.pm2.channels: write at most 256 lines like "billing-*" = "billing"',
        "watch.pm2.log: write true or false, not 'yes'",
        "watch.pm2.servername: write a text of at most 80 printable characters",
    ]


def test_a_key_that_is_like_none_names_them_all() -> None:
    [problem] = problems(zzz=1)
    assert all(f" {name}" in problem for name in ("servername", "restart overlimit", "ignore", "channels"))


@pytest.mark.parametrize(
    ("name", "is_module", "is_ignored"),
    [
        ("web", False, False),
        ("cron-7", False, True),
        ("pm2-logrotate", True, True),
        ("pm2-slack", True, True),
        ("pm2-monit", True, False),  # named
    ],
)
def test_modules_of_pm2_have_to_be_named(name: str, is_module: bool, is_ignored: bool) -> None:
    wanted = settings(ignore=["cron-*"], channels={"pm2-monit": "devops"})
    assert wanted.ignores(name, is_module=is_module) is is_ignored
