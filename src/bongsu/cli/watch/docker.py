"""`bongsu watch docker`: the containers of this host."""

import os
from argparse import Namespace

from bongsu.cli.watch.setting_up import alone, at_stop, sending, settings_or
from bongsu.clock import SYSTEM
from bongsu.config import Settings
from bongsu.watchers import tables
from bongsu.watchers.docker.daemon import Daemon
from bongsu.watchers.docker.watching import Watching
from bongsu.watchers.tables import Wishes

APP = "docker"


def run(arguments: Namespace) -> int:
    """Watch until told to stop."""
    settings = settings_or(APP, arguments.app)
    wishes = tables.wishes("docker", settings.watch)
    with alone(settings.state_dir, f"docker {os.path.abspath(arguments.socket)}") as is_alone:
        return _watch(arguments.socket, settings, wishes) if is_alone else 1


def _watch(socket: str, settings: Settings, wishes: Wishes) -> int:
    with sending(settings) as client:
        watching = Watching(daemon=Daemon(socket), wishes=wishes, report=client.processes.report, clock=SYSTEM)
        at_stop(watching.stop)
        print(f"Watching the containers of {socket}. Ctrl-C ends it.", flush=True)
        return watching.run()
