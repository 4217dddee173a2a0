"""`bongsu config`: the settings before a program starts with them."""

import os
from argparse import Namespace
from collections.abc import Mapping

from bongsu import config
from bongsu.cli import terminal
from bongsu.config import Settings
from bongsu.errors import ConfigError


def run(arguments: Namespace) -> int:
    """Check, show or begin them. Raises ConfigError with every problem."""
    environ = {**os.environ, **({"BONGSU_CONFIG": arguments.file} if arguments.file else {})}
    match arguments.what:
        case "check":
            return _check(environ)
        case "show":
            from bongsu.cli.config import show

            print(show.text(config.load({"app": arguments.app}, environ), _places(environ, arguments.app)))
            return 0
        case "init":
            from bongsu.cli.config import init

            return init.run(arguments, environ)
    raise AssertionError(f"no such command: config {arguments.what}")


def _check(environ: Mapping[str, str]) -> int:
    settings = _sound(environ)
    has_file = "BONGSU_CONFIG" in environ or os.path.isfile(config.DEFAULT_FILE)
    what = (environ.get("BONGSU_CONFIG") or config.DEFAULT_FILE) if has_file else "no bongsu.toml here; the environment"
    print(f"{terminal.sign(True)} {what}: no problems")
    for hint in _hints(settings):
        print(f"  → {hint}")
    return 0


def _sound(environ: Mapping[str, str]) -> Settings:
    """The settings, if the tables of our commands are sound too. Raises ConfigError."""
    problems = config.problems_of_commands(environ)
    try:
        settings = config.load({}, environ)
    except ConfigError as error:
        raise ConfigError([*error.problems, *problems]) from None
    if problems:
        raise ConfigError(problems)
    return settings


def _hints(settings: Settings) -> list[str]:
    """What is allowed, and perhaps not meant."""
    hints = []
    if settings.is_default_destination:
        hints.append("No destination: messages go to the console. Set BONGSU_TO, or write [channels].")
    if settings.router.rules and all(rule.when or rule.goes_on for rule in settings.router.rules):
        hints.append("No [[route]] takes everything: what none takes goes by its environment and level.")
    calling = {each.hash for name, each in settings.destinations.items() if settings.channels[name].calls}
    places = {each.hash for each in settings.destinations.values()}
    if settings.escalations and len(places) == 1 and not calling:
        hints.append("[[escalate]] leads nowhere else: all channels have one address, and none has a mention.")
    return hints


def _places(environ: Mapping[str, str], app: str | None) -> dict[str, str]:
    return config.places(environ) | ({"app": "--app"} if app else {})
