"""What can be written behind `bongsu run`."""

from argparse import REMAINDER

from bongsu.cli.arguments import Commands, add_app, command


def add(commands: Commands) -> None:
    """`bongsu run`."""
    run = command(
        commands,
        "run",
        "keep a command alive, and tell how it ends",
        "Starts a command, passes its input, output and signals through, starts it again when it fails, and tells of\n"
        "each end with its cause: exit code, signal, out of memory, the traceback in its last lines. Works as PID 1.\n"
        "Exit status: that of the command; 128 + n when signal n ended it; 127 not found, 126 not executable; when it\n"
        "is started no more, that of the last one, but never 0; 2 wrong use.",
        "bongsu run --name checkin --max-memory 500M -- gunicorn checkin:app",
    )
    run.add_argument("--name", metavar="NAME", help="how people call it (default: from the command)")
    run.add_argument("--restart", metavar="WHEN", help="on-failure, always or never (default: on-failure)")
    run.add_argument("--max-restarts", metavar="N", help="give up after so many short runs in a row (default: 16)")
    run.add_argument("--backoff-max", metavar="TIME", help="longest pause before a restart (default: 10s)")
    run.add_argument("--stop-timeout", metavar="TIME", help="kill it when it does not stop in time (default: 10s)")
    run.add_argument("--max-memory", metavar="SIZE", help="stop it above that, such as 500M, and start it again")
    run.add_argument("--health", metavar="ASK", help="an address or a command; three failures in a row: it hangs")
    run.add_argument("--no-output-for", metavar="TIME", help="it hangs when it writes nothing for so long")
    run.add_argument("--env-file", metavar="FILE", help="NAME=VALUE lines, added to the command's environment")
    run.add_argument(
        "--file", metavar="FILE", help="several commands: a Procfile, or [run.NAME] tables of a bongsu.toml"
    )
    add_app(run)
    run.add_argument("words", nargs=REMAINDER, metavar="-- COMMAND", help="what to run, with its arguments")
