"""What can be written behind `bongsu watch`."""

from argparse import ArgumentParser

from bongsu.cli.arguments import Commands, add_app, command, docker, pm2, supervisor


def add(commands: Commands) -> None:
    """`bongsu watch`, and what can be watched."""
    watch = command(
        commands,
        "watch",
        "watch from outside what cannot tell itself",
        "Runs until Ctrl-C or SIGTERM, and tells where the program would.",
        "bongsu watch heartbeats --app shop",
    )
    whats = watch.add_subparsers(title="what to watch", dest="what", metavar="WHAT", required=True)
    for add_what in (_add_heartbeats, pm2.add, supervisor.add, docker.add):
        add_what(whats)


def _add_heartbeats(whats: Commands) -> None:
    heartbeats: ArgumentParser = command(
        whats,
        "heartbeats",
        "what a program expects of itself, when it is gone",
        "Watches what the program expects of itself: missed heartbeats, runs that do not end, too few successes.\n"
        "Runs until Ctrl-C or SIGTERM, and tells where the program would. Exit status with --once: 1 if something is\n"
        "wrong, else 0.",
        "bongsu watch heartbeats --app shop",
    )
    heartbeats.add_argument("--once", action="store_true", help="look once, and show how everything stands")
    heartbeats.add_argument("--forget", metavar="NAME", help="watch this one no more")
    add_app(heartbeats)
