"""The lines that supervisord's configuration needs."""

import shlex

BUFFER_SIZE = 1_000  # events; a group of 300 programs makes them within one round, and the usual 10 overflow


def block(command: list[str]) -> str:
    """`[eventlistener:bongsu]` with the command that runs us."""
    words = " ".join(shlex.quote(word) for word in command).replace("%", "%%")  # supervisord expands %(…)s
    return f"""\
[eventlistener:bongsu]
command={words}
events=PROCESS_STATE,PROCESS_LOG_STDERR,SUPERVISOR_STATE_CHANGE,TICK_5
buffer_size={BUFFER_SIZE}
"""
