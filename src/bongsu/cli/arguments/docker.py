"""What can be written behind `bongsu watch docker`."""

from bongsu.cli.arguments import Commands, add_app, command, word

SOCKET = "/var/run/docker.sock"


def add(whats: Commands) -> None:
    """`bongsu watch docker`."""
    docker = command(
        whats,
        "docker",
        "the containers of this host",
        "Listens to Docker's events, and tells which container died, was out of memory or is unhealthy, with its last\n"
        "lines and the stack in them. Runs until Ctrl-C or SIGTERM.",
        "bongsu watch docker",
    )
    docker.add_argument(
        "--socket", type=word, default=SOCKET, metavar="PATH", help=f"where Docker listens (default: {SOCKET})"
    )
    add_app(docker)
