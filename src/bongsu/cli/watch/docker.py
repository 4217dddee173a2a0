"""`bongsu watch docker`: the containers of this host."""

import signal
from argparse import Namespace

from bongsu.cli.watch.setting_up import settings_or
from bongsu.client.client import Client
from bongsu.clock import SYSTEM
from bongsu.watchers import tables
from bongsu.watchers.docker.daemon import Daemon
from bongsu.watchers.docker.watching import Watching

APP = "docker"
CLOSE_S = 2.0


def run(arguments: Namespace) -> int:
    """Watch until told to stop."""
    settings = settings_or(APP, arguments.app)
    wishes = tables.wishes("docker", settings.watch)
    client = Client(settings)  # not started: no hooks, no log handler
    client.worker.start()
    try:
        watching = Watching(
            daemon=Daemon(arguments.socket), wishes=wishes, report=client.processes.report, clock=SYSTEM
        )
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: watching.stop())
        print(f"Watching the containers of {arguments.socket}. Ctrl-C ends it.", flush=True)
        return watching.run()
    finally:
        client.close(CLOSE_S)
