"""What can be written behind `bongsu demo`, `send`, `doctor`, `outbox` and `logs`."""

from argparse import ArgumentTypeError

from bongsu.cli.arguments import Commands, add_app, between, command, port, word
from bongsu.clock import SYSTEM
from bongsu.event import Level
from bongsu.messages.style import LANGUAGES

_VISITORS_MAX = 10_000  # of the demo: enough to see that a storm is one message


def add(commands: Commands) -> None:
    """These commands."""
    for add_command in (_add_demo, _add_send, _add_doctor, _add_outbox, _add_logs):
        add_command(commands)


def _add_demo(commands: Commands) -> None:
    demo = command(
        commands,
        "demo",
        "break a check-in service, and see what Slack shows",
        "Runs a small check-in service with a real defect, sends visitors through it, and shows what the team's Slack\n"
        "shows, here and on a local page. With BONGSU_TO set, the alert goes to that destination instead.",
        "BONGSU_TO=https://hooks.slack.com/services/T…/B…/… bongsu demo --once",
    )
    demo.add_argument("--once", action="store_true", help="end by itself; exit status 0 only if the alert arrived")
    demo.add_argument("--port", type=port, default=0, metavar="N", help="port of the local page (default: any free)")
    demo.add_argument("--language", choices=LANGUAGES, help="language of the messages")
    demo.add_argument("--visitors", type=_visitors, default=23, metavar="N", help="how many come (default: 23)")


def _add_send(commands: Commands) -> None:
    send = command(
        commands,
        "send",
        "send one message",
        "Sends an operational record (deploy finished, job done), and waits up to 10 s for its delivery.\n"
        "Exit status: 0 delivered, 1 kept and sent later, 2 wrong configuration or a payload that Slack would refuse.",
        'bongsu send "Deployed checkin 2021.09.07"',
    )
    send.add_argument("text", nargs="?", help="the message; without it, or with -, standard input is read")
    send.add_argument(
        "--file", metavar="FILE", help="a payload as Slack's Block Kit Builder makes it, as JSON; -: stdin"
    )
    send.add_argument("--channel", default="devops", help="where to (default: devops)")
    levels = [each.value for each in Level if each is not Level.DEBUG]
    send.add_argument("--level", choices=levels, default=Level.INFO.value, help="its mark (default: info)")
    add_app(send)


def _add_doctor(commands: Commands) -> None:
    doctor = command(
        commands,
        "doctor",
        "find out why no message comes",
        "Checks the configuration, the state directory and each destination, with a test card, and says what to do.\n"
        "Exit status: 0 if all is well, else 1; 2 if there is no valid configuration.",
        "bongsu doctor --no-send",
    )
    doctor.add_argument("--no-send", action="store_true", help="leave out the test cards")
    doctor.add_argument(
        "--refused", action="store_true", help="only print the layouts that Slack refused, as JSON, with its word"
    )
    add_app(doctor)


def _add_outbox(commands: Commands) -> None:
    outbox = command(
        commands,
        "outbox",
        "see what waits and what died, and why",
        "list    what is not delivered yet, what died, and which destinations are dead or down\n"
        "retry   let dead messages wait again, and try dead and blocked destinations again at once\n"
        "drop    give messages up",
        "bongsu outbox retry 17",
    )
    outbox.add_argument("action", nargs="?", choices=("list", "retry", "drop"), default="list", help="(default: list)")
    outbox.add_argument("ids", nargs="*", type=int, metavar="ID", help="only these messages")
    outbox.add_argument("--all", action="store_true", help="every message")
    outbox.add_argument("--yes", action="store_true", help="drop without asking")
    add_app(outbox)


def _add_logs(commands: Commands) -> None:
    logs = command(
        commands,
        "logs",
        "show every log line of a request",
        "Prints the lines that are wanted from all files, in order of time; every line if nothing is asked for.\n"
        "Reads the lines of bongsu.logs, JSON of other loggers and plain text; rotated files in any order, also .gz.\n"
        "Exit status: 0 found, 1 nothing found.",
        "bongsu logs --request 4f2c9a7be1d04c5f /var/log/shop/app.log*",
    )
    logs.add_argument("files", nargs="*", metavar="FILE", help="what to read (default: -, standard input)")
    logs.add_argument("--request", type=word, metavar="ID", help="only lines of this request")
    logs.add_argument("--group", type=word, metavar="FINGERPRINT", help="only lines of the requests that had it")
    logs.add_argument(
        "--level", type=str.lower, choices=[each.value for each in Level], help="only lines of this level, and worse"
    )
    logs.add_argument("--since", type=_moment, metavar="WHEN", help="only lines from then on: 10m, 2h, 14:26, a date")
    logs.add_argument("--follow", action="store_true", help="go on with what is written later, as tail -F does")
    form = logs.add_mutually_exclusive_group()
    form.add_argument("--full", action="store_true", help="all fields, and all calls of a traceback")
    form.add_argument("--json", action="store_true", help="the lines as they stand in the files")


def _visitors(text: str) -> int:
    return between(text, 1, _VISITORS_MAX)


def _moment(text: str) -> float:
    from bongsu.logs.moments import since

    at = since(text, SYSTEM.now())
    if at is None:
        raise ArgumentTypeError(f"write 10m, 2h, 3d, 14:26 or 2021-09-07T14:26:00+09:00, not {text!r}")
    return at
