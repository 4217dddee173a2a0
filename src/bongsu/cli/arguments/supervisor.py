"""What can be written behind `bongsu watch supervisor`."""

from bongsu.cli.arguments import Commands, add_app, command


def add(whats: Commands) -> None:
    """`bongsu watch supervisor`."""
    supervisor = command(
        whats,
        "supervisor",
        "the programs of supervisord, as one of its event listeners",
        "Runs inside supervisord and tells which program ended, loops or was given up, with code or signal and stack.\n"
        "supervisord starts it: --print-config prints what its configuration needs.",
        "bongsu watch supervisor --print-config >> /etc/supervisor/supervisord.conf",
    )
    supervisor.add_argument("--print-config", action="store_true", help="print the block for supervisord.conf")
    add_app(supervisor)
