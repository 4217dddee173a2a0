"""`bongsu config init`: a commented bongsu.toml, and a test card to each channel of it."""

import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from bongsu import config
from bongsu.cli import WRONG_USE, doctor, folders, terminal
from bongsu.config.channels import CHANNELS_MAX
from bongsu.config.homes import default_app, working_directory
from bongsu.config.values import REFERENCE
from bongsu.delivery.destination import parse
from bongsu.errors import ConfigError
from bongsu.messages.style import LANGUAGES
from bongsu.routing import ALARM, DEV_TEST, DEVOPS

NOT_GIVEN = "nothing to write: give --to or --from-slack-urls, or call it on a terminal, where it asks"
AS_ABOVE = "as above"
PURPOSES = {
    ALARM: "outages and errors in production",
    DEVOPS: "operational records: deploys, restarts, warnings",
    DEV_TEST: "everything that is not production",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the file is to say."""

    app: str
    environment: str
    language: str
    addresses: Mapping[str, str]  # by channel; env:NAME stands for what a variable holds


def run(arguments: Namespace, environ: Mapping[str, str]) -> int:
    """Write it, unless it is there already. Raises ConfigError."""
    path = environ.get("BONGSU_CONFIG") or config.DEFAULT_FILE
    if os.path.lexists(path) and not arguments.force:
        print(f"{path} exists already; --force replaces it.", file=sys.stderr)
        return WRONG_USE
    try:
        answers = _answers(arguments, environ)
    except EOFError:
        print("\nNothing is written.", file=sys.stderr)
        return WRONG_USE
    if answers is None:
        print(NOT_GIVEN, file=sys.stderr)
        return WRONG_USE
    _must_be_sound(answers, environ)
    _write(path, text(answers, environ))
    print(f"{terminal.sign(True)} {path} is written, for you alone to read")
    return 0 if arguments.no_send else _send({**environ, "BONGSU_CONFIG": path})


def _send(environ: Mapping[str, str]) -> int:
    """A test card to each channel, as `bongsu doctor` sends it."""
    settings = config.load({}, environ)
    well = [doctor.told(check) for check in doctor.cards(settings, folders.wanted(settings, settings.app))]
    return 0 if all(well) else 1


# -- what it is to say


def _answers(arguments: Namespace, environ: Mapping[str, str]) -> Answers | None:
    given = _given_addresses(arguments)
    if given is None and not terminal.is_interactive():
        return None
    asks = given is None
    folder = default_app("", working_directory())
    return Answers(
        app=arguments.app or (_asked("The program's name", folder) if asks else folder),
        environment=arguments.environment or (_asked("Where does it run", "production") if asks else "production"),
        language=arguments.language or (_asked_language() if asks else LANGUAGES[0]),
        addresses=_asked_addresses(environ) if given is None else given,
    )


def _given_addresses(arguments: Namespace) -> dict[str, str] | None:
    if arguments.to:
        return {ALARM: arguments.to}
    if not arguments.from_slack_urls:
        return None
    found: dict[str, str] = {}
    free = iter(config.CHANNELS)
    for given in arguments.from_slack_urls[:CHANNELS_MAX]:
        name, sign, url = given.partition("=")
        if not sign or ":" in name:
            name, url = next(free, ""), given
        if not name or name in found:
            raise ConfigError(["--from-slack-urls: a channel has two addresses; write CHANNEL=URL for your own"])
        found[name] = url
    return found


def _asked(question: str, otherwise: str, wrong: Callable[[str], str | None] = lambda _: None) -> str:
    """A person's answer, asked for until it is right. Raises EOFError."""
    while True:
        answer = input(f"{question} [{otherwise}]: " if otherwise else f"{question}: ").strip() or otherwise
        problem = wrong(answer) if answer else "An answer is needed; Ctrl-C ends."
        if problem is None:
            return answer
        print(problem)


def _asked_language() -> str:
    choices = " or ".join(LANGUAGES)
    return _asked(
        f"Language of the messages, {choices}",
        LANGUAGES[0],
        lambda answer: None if answer in LANGUAGES else f"Write {choices}.",
    )


def _asked_addresses(environ: Mapping[str, str]) -> dict[str, str]:
    print("An address is an incoming webhook of Slack, slack://#channel, env:NAME of a variable, or console:")
    found: dict[str, str] = {}
    for channel in config.CHANNELS:
        question = f"Address of {channel}, for {PURPOSES[channel]}"
        otherwise = AS_ABOVE if found else ""
        answer = _asked(question, otherwise, partial(_wrong, channel=channel, environ=environ))
        if answer != otherwise:
            found[channel] = answer
    return found


def _wrong(address: str, *, channel: str, environ: Mapping[str, str]) -> str | None:
    if address == AS_ABOVE:
        return None
    url = environ.get(address.removeprefix(REFERENCE), "") if address.startswith(REFERENCE) else address
    if not url:
        return "That variable is not set."
    try:
        parse(url, token=environ.get("BONGSU_SLACK_TOKEN"), slack_api=environ.get("BONGSU_SLACK_API"), channel=channel)
    except ValueError as error:
        return str(error)
    return None


def _must_be_sound(answers: Answers, environ: Mapping[str, str]) -> None:
    """Raises ConfigError before anything is written."""
    given = {"app": answers.app, "environment": answers.environment, "language": answers.language}
    config.load({**given, "to": dict(answers.addresses), "config": os.devnull}, environ)


# -- how it says it


def text(answers: Answers, environ: Mapping[str, str]) -> str:
    """The file."""
    lines = [_channel(name, address, environ) for name, address in answers.addresses.items()]
    return _FORM.format(
        app=_quoted(answers.app),
        environment=_quoted(answers.environment),
        language=_quoted(answers.language),
        channels="\n".join(lines),
    )


def _channel(name: str, address: str, environ: Mapping[str, str]) -> str:
    line = f"{_key(name)} = {{ to = {_quoted(_referred(address, environ))} }}"
    return f"{line}  # {PURPOSES[name]}" if name in PURPOSES else line


def _referred(address: str, environ: Mapping[str, str]) -> str:
    """The variable that holds the address, if one does: the file may be committed."""
    names = sorted(
        (name for name, value in environ.items() if value == address and name.isidentifier() and name.isascii()),
        key=lambda name: (name.startswith("BONGSU_"), name),
    )
    return f"{REFERENCE}{names[0]}" if names else address


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if name.isascii() and "." not in name else _quoted(name)


def _write(path: str, content: str) -> None:
    """Whole or not at all; it may hold addresses, which are credentials. Raises ConfigError."""
    draft = f"{path}.{os.getpid()}.draft"
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(content)
        os.replace(draft, path)
    except OSError as error:
        if os.path.exists(draft):
            os.unlink(draft)
        raise ConfigError([f"{path}: cannot be written ({error.strerror}); name another FILE"]) from None


_FORM = """\
# Settings of Bongsu. `bongsu config check` reads them as the program does, `bongsu config show` says what is in force.
# Arguments of bongsu.init() win over BONGSU_... variables, and these over this file.

app = {app}
environment = {environment}
language = {language}
# timezone = "Asia/Seoul"  # of the times in messages; the machine's own if it is not given

# Where messages go. A channel without an address goes where another one does.
# env:NAME stands for the value of a variable: an address is a credential, and needs not stand here.
# mention = "@here" beside `to` calls people when an error begins or gets worse; push = false calls nobody.
[channels]
{channels}

# The first rule that matches decides, several channels are a list. Without rules, environment and level decide.
# [[route]]
# when = {{ exception = "sqlalchemy.*", tag.team = "login" }}
# to = "alarm"

# [alerting]
# quiet_after = "30m"  # a problem is over after so long without it
# remind_every = "4h"  # and told again after so long, while it lasts

# [deliver]
# fallback = "devops"  # told when the right channel cannot be reached ...
# fallback_after = "5m"  # ... for so long
"""
