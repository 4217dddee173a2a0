"""The texts that systemd needs to call us."""

SETTINGS = "/etc/bongsu.env"
SETTINGS_OF_USER = "%h/.config/bongsu.env"


def alert_unit(program: str, app: str, settings: str) -> str:
    """`bongsu-alert@.service`: started when a unit is given up."""
    return f"""\
[Unit]
Description=Tell that %i is started no more

[Service]
Type=oneshot
EnvironmentFile=-{settings}
ExecStart={program} systemd-event{app} %i
"""


def drop_in(program: str, app: str, settings: str) -> str:
    """For the unit itself."""
    return f"""\
[Unit]
OnFailure=bongsu-alert@%n.service

[Service]
EnvironmentFile=-{settings}
ExecStartPost=-{program} systemd-event{app} --started %n
ExecStopPost=-{program} systemd-event{app} %n
"""
