"""What can be written behind `bongsu problems`."""

from bongsu.cli.arguments import Commands, add_app, command, word


def add(commands: Commands) -> None:
    """`bongsu problems`."""
    problems = command(
        commands,
        "problems",
        "see what fires, and take it on",
        "list   what fires at present, with the fingerprints that `bongsu silence` and `bongsu logs` take\n"
        "ack    say that somebody has taken it on: its card turns yellow, and nobody else is told by an escalation",
        "bongsu problems ack 1:8f14e45f",
    )
    actions = problems.add_subparsers(dest="action", metavar="ACTION", required=True)
    add_app(
        command(
            actions, "list", "what fires at present", "What fires, the most frequent first.", "bongsu problems list"
        )
    )
    acknowledge = command(
        actions, "ack", "say that somebody has taken it on", "Its card turns yellow.", "bongsu problems ack 1:8f14e45f"
    )
    acknowledge.add_argument("fingerprint", type=word, metavar="FINGERPRINT", help="its first characters will do")
    add_app(acknowledge)
