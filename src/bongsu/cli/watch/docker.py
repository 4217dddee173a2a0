"""`bongsu watch docker`: the containers of this host."""

import os
import signal
from argparse import Namespace

from bongsu.cli.watch.setting_up import alone, settings_or
from bongsu.client.client import Client
from bongsu.clock import SYSTEM
from bongsu.config import Settings
from bongsu.watchers import tables
from bongsu.watchers.docker.daemon import Daemon
from bongsu.watchers.docker.watching import Watching
from bongsu.watchers.tables import Wishes

APP = "docker"
CLOSE_S = 2.0


def run(arguments: Namespace) -> int:
    """Watch until told to stop."""
    settings = settings_or(APP, arguments.app)
    wishes = tables.wishes("docker", settings.watch)
    with alone(settings.state_dir, f"docker {os.path.abspath(arguments.socket)}") as is_alone:
        return _watch(arguments.socket, settings, wishes) if is_alone else 1


def _watch(socket: str, settings: Settings, wishes: Wishes) -> int:
    client = Client(settings)  # not started: no hooks, no log handler
    client.worker.start()
    watching = Watching(daemon=Daemon(socket), wishes=wishes, report=client.processes.report, clock=SYSTEM)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: watching.stop())
    print(f"Watching the containers of {socket}. Ctrl-C ends it.", flush=True)
    try:
        return watching.run()
    finally:
        client.close(CLOSE_S)
