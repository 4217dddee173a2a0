"""What can be written behind `bongsu deploy`."""

from bongsu.cli.arguments import Commands, add_app, command, word


def add(commands: Commands) -> None:
    """`bongsu deploy`."""
    deploy = command(
        commands,
        "deploy",
        "say that a release went out",
        "Writes it down in #devops, and remembers it: a problem that begins within a day says how long after it,\n"
        "and one that nobody had before asks within half an hour whether to roll back.\n"
        "Exit status: that of `bongsu send`.",
        "bongsu deploy --release v1.4.2 --by minji",
    )
    deploy.add_argument("--release", type=word, required=True, metavar="RELEASE", help="what went out")
    deploy.add_argument("--by", type=word, metavar="NAME", help="who did it")
    deploy.add_argument("--url", type=word, metavar="URL", help="where to read more")
    add_app(deploy)
