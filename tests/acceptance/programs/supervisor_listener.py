"""An event listener of supervisord that writes each report as one line of JSON to the file that is named."""

import json
import os
import signal
import sys
from pathlib import Path

from bongsu.clock import SYSTEM
from bongsu.event import process_to_json
from bongsu.watchers.report import Report
from bongsu.watchers.supervisor import protocol
from bongsu.watchers.supervisor.listener import Listener
from bongsu.watchers.supervisor.rpc import Supervisor
from bongsu.watchers.supervisor.turns import Turns
from bongsu.watchers.tables import Wishes

path = Path(sys.argv[1])


def write(report: Report) -> None:
    data = {
        "turn": report.turn,
        "at": report.at,
        "instance": report.instance,
        "is_announced": report.is_announced,
        "is_told": report.is_told,
        "cwd": report.cwd,
        "error": report.trace.errors[0].type if report.trace else "",
        "message": report.trace.errors[0].message if report.trace else "",
        **process_to_json(report.process),
    }
    with path.open("a") as file:
        file.write(json.dumps(data) + "\n")


with open(os.dup(1), "w", encoding="ascii", newline="\n") as answers:
    listener = Listener(
        pipe=protocol.stream(0),
        answers=answers,
        supervisor=Supervisor(os.environ),
        turns=Turns(os.environ["SUPERVISOR_GROUP_NAME"], lambda _pid, _since: False),
        wishes=Wishes(),
        report=write,
        clock=SYSTEM,
    )
    signal.signal(signal.SIGTERM, lambda *_: listener.stop())
    sys.exit(listener.run())
