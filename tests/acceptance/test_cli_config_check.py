"""`bongsu config check`: all that a program or a command of ours would refuse, in one go."""

from shell import Shell

WRONG = """\
level = "loud"
[run.web]
comand = "gunicorn shop:app"
[watch.pm2]
restarts = true
[[route]]
to = "alarm"
when = { app = "shop*" }
[[route]]
to = "devops"
when = { app = "shop-web", level = "fatal" }
"""


def test_the_tables_of_our_commands_are_checked_with_all_the_rest(bongsu: Shell) -> None:
    (bongsu.folder / "bongsu.toml").write_text(WRONG)
    done = bongsu("config", "check")
    assert (done.returncode, done.stdout) == (2, "")
    told = [line.removeprefix("  - ") for line in done.stderr.splitlines()[1:]]
    assert [line.partition(": ")[0] for line in told] == [f"bongsu.toml:{line}" for line in (1, 9, 2, 3, 5)]
    assert told[1] == "bongsu.toml:9: route 2: is never reached, since route 1 takes all that it would"


def test_a_file_that_only_our_commands_refuse_is_refused(bongsu: Shell) -> None:
    (bongsu.folder / "bongsu.toml").write_text("[watch.docker]\nstarted = 1\n")
    done = bongsu("config", "check")
    assert done.returncode == 2
    assert "bongsu.toml:2: watch.docker.started: write true or false, not 1" in done.stderr


def test_an_escalation_that_leads_nowhere_else_is_hinted_at(bongsu: Shell) -> None:
    step = '[[escalate]]\nafter = "15m"\nto = "devops"\n'
    (bongsu.folder / "bongsu.toml").write_text(f'to = "console:"\n{step}')
    assert "[[escalate]] leads nowhere else" in bongsu("config", "check").stdout
    (bongsu.folder / "bongsu.toml").write_text(f'to = "console:"\n{step}[channels.devops]\nmention = "@here"\n')
    assert "[[escalate]]" not in bongsu("config", "check").stdout
