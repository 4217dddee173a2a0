"""What can be written behind `bongsu watch pm2`."""

from bongsu.cli.arguments import Commands, add_app, command


def add(whats: Commands) -> None:
    """`bongsu watch pm2`."""
    pm2 = command(
        whats,
        "pm2",
        "the apps of pm2, in place of pm2-slack",
        "Tells of crashes, crash loops, exceptions and the death of pm2 itself; what operators do is a record.\n"
        "Runs until Ctrl-C or SIGTERM. Settings: [watch.pm2] in bongsu.toml.",
        "bongsu watch pm2 --import-pm2-slack > bongsu.toml && bongsu watch pm2",
    )
    pm2.add_argument("--home", metavar="DIR", help="the home of pm2 (default: PM2_HOME, or ~/.pm2)")
    pm2.add_argument(
        "--import-pm2-slack",
        nargs="?",
        const="",
        metavar="FILE",
        help="print what pm2-slack is set up to do as a bongsu.toml; from module_conf.json of pm2, or from a FILE"
        " like it, or with what `pm2 conf` prints",
    )
    add_app(pm2)
