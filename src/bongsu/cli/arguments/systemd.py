"""What can be written behind `bongsu systemd-event` and `bongsu systemd-unit`."""

from bongsu.cli.arguments import Commands, add_app, command, word


def add(commands: Commands) -> None:
    """`bongsu systemd-event` and `bongsu systemd-unit`."""
    _add_event(commands)
    _add_unit(commands)


def _add_event(commands: Commands) -> None:
    event = command(
        commands,
        "systemd-event",
        "tell what systemd says of a unit; for ExecStopPost= and OnFailure=",
        "systemd runs it: `bongsu systemd-unit` prints the lines for the unit. It reads the result from the\n"
        "environment, asks systemctl and the journal for more, and takes 3 s at most.\n"
        "Exit status: 0, so that no unit fails because of it; 2 if there is no valid configuration.",
        "ExecStopPost=-/usr/local/bin/bongsu systemd-event %n",
    )
    event.add_argument("unit", type=word, metavar="UNIT", help="the unit's full name: %%n in a unit file")
    event.add_argument("--started", action="store_true", help="it has started; for ExecStartPost=")
    add_app(event)


def _add_unit(commands: Commands) -> None:
    unit = command(
        commands,
        "systemd-unit",
        "print what systemd needs to tell of a unit",
        "Prints a drop-in for the unit and bongsu-alert@.service, and says where to put them.",
        "bongsu systemd-unit shop.service",
    )
    unit.add_argument("unit", type=word, nargs="?", default="", metavar="UNIT", help="the unit to be watched")
    unit.add_argument("--user", action="store_true", help="for a unit of `systemctl --user`")
    add_app(unit)
