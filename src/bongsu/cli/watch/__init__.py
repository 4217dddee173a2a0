"""`bongsu watch`: one file for each thing that can be watched."""

from argparse import Namespace


def run(arguments: Namespace) -> int:
    """Watch it; the exit status."""
    match arguments.what:
        case "pm2":
            from bongsu.cli.watch import pm2

            return pm2.run(arguments)
        case "supervisor":
            from bongsu.cli.watch import supervisor

            return supervisor.run(arguments)
        case "docker":
            from bongsu.cli.watch import docker

            return docker.run(arguments)
    from bongsu.cli.watch import heartbeats

    return heartbeats.run(arguments)
