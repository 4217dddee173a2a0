"""What can be written behind `bongsu silence`."""

from argparse import ArgumentTypeError

from bongsu.cli.arguments import Commands, add_app, command, word

COUNT_MAX = 1_000_000_000


def add(commands: Commands) -> None:
    """`bongsu silence`, and its three actions."""
    silence = command(
        commands,
        "silence",
        "count something for a while, and do not tell it",
        "add     begin a silence; it holds in all processes of the app, from their next look on\n"
        "list    those there are, and what each has held back\n"
        "remove  end one: what still fires is told",
        'bongsu silence add --match "exception=sqlalchemy.*" --for 2h --why "the database moves"',
    )
    actions = silence.add_subparsers(dest="action", metavar="ACTION", required=True)
    _add_add(actions)
    listed = command(
        actions, "list", "those there are", "What is silenced, and what each has held back.", "bongsu silence list"
    )
    add_app(listed)
    remove = command(
        actions, "remove", "end one", "What it held back and still fires is told.", "bongsu silence remove fa39ea90"
    )
    remove.add_argument("id", type=word, metavar="ID", help="as `list` shows it")
    add_app(remove)


def _add_add(actions: Commands) -> None:
    begin = command(
        actions,
        "add",
        "begin a silence",
        "What is meant is counted and not told. It ends with the first of its ends; what still fires is told then.",
        'bongsu silence add --group 1:8f14e45fceea167a --for 1d --why "v1.5 mends it" --until-release v1.4',
    )
    begin.add_argument("--group", type=word, metavar="FINGERPRINT", help="this problem; its first characters will do")
    begin.add_argument(
        "--match",
        action="append",
        default=[],
        type=word,
        metavar="FIELD=PATTERN",
        help="as in a route: app, environment, exception, http_status, kind, level, logger, release, tag.NAME;"
        " several must all match",
    )
    begin.add_argument("--for", dest="span", type=word, required=True, metavar="TIME", help="30m, 2h, 1d; 30d at most")
    begin.add_argument("--until-count", type=_count, metavar="N", help="or until so many are held back")
    begin.add_argument("--until-release", type=word, metavar="RELEASE", help="or until another one than this is seen")
    begin.add_argument("--why", type=word, required=True, metavar="TEXT", help="for those who wonder")
    add_app(begin)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:11]) <= COUNT_MAX:
        raise ArgumentTypeError(f"must be a number from 1 to {COUNT_MAX:,}, not {text!r}")
    return int(text)
