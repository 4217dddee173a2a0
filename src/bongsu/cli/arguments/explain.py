"""What can be written behind `bongsu explain`."""

from bongsu.cli.arguments import Commands, add_app, command, word


def add(commands: Commands) -> None:
    """`bongsu explain`."""
    explain = command(
        commands,
        "explain",
        "why an event was told, where, and how",
        "The journey of one event, step by step: what is kept of it, the problem that it belongs to and why, how that\n"
        "stands, which route it takes and why not the others, what is decided and why, and the card. Changes nothing\n"
        "and sends nothing.",
        "bongsu explain 0af7651916cd43dd8448eb211c80319c",
    )
    what = explain.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "event",
        nargs="?",
        type=word,
        metavar="EVENT_ID",
        help="as capture_exception returned it, or a fingerprint from `bongsu problems list`; the first characters do",
    )
    what.add_argument("--sample", action="store_true", help="an exception that nobody has seen before")
    explain.add_argument("--payload", action="store_true", help="print the payload for Slack as JSON, and nothing else")
    add_app(explain)
