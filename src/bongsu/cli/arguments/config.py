"""What can be written behind `bongsu config`."""

from argparse import ArgumentParser

from bongsu.cli.arguments import Commands, add_app, command, word
from bongsu.messages.style import LANGUAGES


def add(commands: Commands) -> None:
    """`bongsu config`, and what can be done with settings."""
    config = command(
        commands,
        "config",
        "check, show or begin the settings",
        "What bongsu.toml and the BONGSU_… variables say, before a program starts with it.",
        "bongsu config check",
    )
    whats = config.add_subparsers(title="what to do", dest="what", metavar="WHAT", required=True)
    for add_what in (_add_check, _add_show, _add_init):
        add_what(whats)


def _add_check(whats: Commands) -> None:
    check = command(
        whats,
        "check",
        "tell every problem, with its line",
        "Reads the settings as a program would, and tells every problem with its line and its remedy.\n"
        "Exit status: 0 if there is none, else 2.",
        "bongsu config check deploy/bongsu.toml",
    )
    _add_file(check)


def _add_show(whats: Commands) -> None:
    show = command(
        whats,
        "show",
        "tell what is in force, and where it comes from",
        "Every setting with its value and the variable or line that gives it. No address or token is shown whole.",
        "bongsu config show",
    )
    _add_file(show)
    add_app(show)


def _add_init(whats: Commands) -> None:
    init = command(
        whats,
        "init",
        "write a bongsu.toml to begin with",
        "Asks on a terminal for what is not given, writes the file with comments, and sends a test card to each\n"
        "channel. An address that a variable of the environment holds is written as env:NAME.\n"
        "Exit status: 0 if all test cards arrived, 1 if not, 2 if nothing was written.",
        'bongsu config init --app checkin --from-slack-urls "$SLACK_ALARM" "$SLACK_DEVOPS"',
    )
    _add_file(init)
    where = init.add_mutually_exclusive_group()
    where.add_argument("--to", type=word, metavar="URL", help="the address of all channels")
    where.add_argument(
        "--from-slack-urls",
        type=word,
        nargs="+",
        metavar="URL",
        help="the addresses of alarm, devops and dev-test, in this order; or CHANNEL=URL",
    )
    init.add_argument("--app", type=word, metavar="NAME", help="the program's name")
    init.add_argument("--environment", type=word, metavar="NAME", help="where it runs (default: production)")
    init.add_argument("--language", choices=LANGUAGES, help="of the messages (default: en)")
    init.add_argument("--force", action="store_true", help="replace the file that is there")
    init.add_argument("--no-send", action="store_true", help="send no test card")


def _add_file(to: ArgumentParser) -> None:
    to.add_argument("file", nargs="?", metavar="FILE", help="the file (default: BONGSU_CONFIG, or bongsu.toml)")
