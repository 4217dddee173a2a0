"""`bongsu watch pm2 --import-pm2-slack`: from what pm2-slack is set up to do to a bongsu.toml that works."""

import json
from pathlib import Path

import pytest
from pm2_daemon import Daemon
from shell import Shell

WEBHOOK = "https://hooks.slack.com/services/T00000000/B00000000/every"


def test_what_a_real_pm2_has_written_becomes_a_file_that_doctor_accepts(bongsu: Shell) -> None:
    with Daemon() as pm2:
        for key, value in (("slack_url", WEBHOOK), ("slack_url-web", f"{WEBHOOK}-web"), ("log", "true")):
            pm2("set", f"pm2-slack:{key}", value)
        done = bongsu("watch", "pm2", "--import-pm2-slack", "--home", str(pm2.home))
        (bongsu.folder / "conf.txt").write_text(pm2("conf"))
    printed = bongsu("watch", "pm2", "--import-pm2-slack", "conf.txt")
    assert (done.returncode, done.stderr) == (0, "")
    assert printed.stdout == done.stdout
    assert f'alarm = "{WEBHOOK}"' in done.stdout
    (bongsu.folder / "bongsu.toml").write_text(done.stdout)
    assert "web" in bongsu("doctor", "--no-send").stdout


@pytest.mark.parametrize(("content", "problem"), [(None, "cannot be read"), ("{}", "has no settings of pm2-slack")])
def test_where_there_is_nothing_it_says_so(bongsu: Shell, tmp_path: Path, content: str | None, problem: str) -> None:
    if content is not None:
        (tmp_path / "module_conf.json").write_text(content)
    done = bongsu("watch", "pm2", "--import-pm2-slack", PM2_HOME=str(tmp_path))
    assert done.returncode == 1
    assert problem in done.stderr
    assert done.stdout == ""


def test_a_wrong_key_of_the_file_is_told_before_anything_is_watched(bongsu: Shell) -> None:
    (bongsu.folder / "bongsu.toml").write_text("[watch.pm2]\nexeption = true\nkill = 1\n")
    done = bongsu("watch", "pm2")
    assert done.returncode == 2
    assert "did you mean exception?" in done.stderr
    assert "watch.pm2.kill: write true or false, not 1" in done.stderr


def test_a_file_of_pm2_slack_may_hold_anything(bongsu: Shell, tmp_path: Path) -> None:
    (tmp_path / "module_conf.json").write_text(json.dumps({"pm2-slack": {"slack_url": ["x"], "error": {}, "": None}}))
    assert bongsu("watch", "pm2", "--import-pm2-slack", PM2_HOME=str(tmp_path)).returncode == 0
