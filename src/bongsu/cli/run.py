"""`bongsu run`: starts the command as early as can be, and loads what is needed to watch it while it starts."""

import os
import sys

from bongsu.watchers.run import launch, quick
from bongsu.watchers.run.foreground import Foreground

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from bongsu.client.client import Client
    from bongsu.config import Settings
    from bongsu.watchers.run.copying import Copy
    from bongsu.watchers.run.life import World
    from bongsu.watchers.run.loop import Inbox
    from bongsu.watchers.run.settings import Service

STOPPED_S = 2.0  # to deliver after an operator's stop: who stopped us may wait no longer
ENDED_S = 5.0  # to deliver after the command's own end
LAST_OUTPUT_S = 600.0  # for a slow reader to take the last of the command's output
STDOUT, STDERR = 1, 2
FILE_BYTES_MAX = 1 << 20


class Early:
    """A command that runs already, and what it was started with."""

    __slots__ = ("foreground", "held", "pid", "wires")

    def __init__(self, outputs: tuple[int, ...]) -> None:
        self.held = launch.hold_signals()
        self.wires = launch.wires(outputs)
        self.foreground = Foreground()
        self.pid: int | None = None  # None: it could not be started

    def start(self, command: "Sequence[str]", environ: "Mapping[str, str]") -> None:
        """What cannot be started is tried once more by the loop, which tells why."""
        outputs = [(wire.theirs, wire.to) for wire in self.wires]
        try:
            self.pid = launch.spawn(command, environ, self.held, outputs=outputs)
        except OSError:
            return
        if self.foreground.is_wanted_at_once:
            self.foreground.give(self.pid)

    def abandon(self) -> None:
        """What was written was wrong after all."""
        if self.pid is not None:
            os.killpg(self.pid, launch.SIGKILL)
            os.waitpid(self.pid, 0)
            self.foreground.take(restore=True)


def main(argv: "Sequence[str]") -> int:
    """`bongsu run …`, from the words behind `run`; its exit status."""
    early = start_early(argv)
    from bongsu.cli import WRONG_USE, parser
    from bongsu.errors import ConfigError

    options, words = split(argv)
    arguments = parser().parse_args(["run", *options])
    arguments.words = words
    try:
        return run(arguments, early)
    except ConfigError as error:
        _complain(str(error))
        return WRONG_USE


def _complain(text: str) -> None:
    if sys.stderr is not None:  # it is closed; `print` would take stdout instead
        print(text, file=sys.stderr)


def split(argv: "Sequence[str]") -> "tuple[Sequence[str], Sequence[str]]":
    """Our options, and the command: what is behind the first `--`, or from the first word on that is no option."""
    place = 0
    while place < len(argv) and argv[place].startswith("-"):
        if argv[place] == "--":
            return argv[:place], argv[place + 1 :]
        place += 1 if "=" in argv[place] or argv[place] in ("-h", "--help") else 2
    return argv[:place], argv[place:]


def start_early(argv: "Sequence[str]") -> Early | None:
    """Start the command of `run …`, if all that is written is surely right."""
    command = quick.command(argv, os.environ)
    return None if command is None else _begin(command, launch.inherited(), (STDERR,))


def _begin(command: "Sequence[str] | None", environ: "Mapping[str, str]", outputs: tuple[int, ...]) -> Early:
    early = Early(outputs)
    if command is not None:
        early.start(command, environ)
    launch.adopt_orphans()
    return early


def run(arguments: "Namespace", early: Early | None = None) -> int:
    """Keep the command alive until it is over; its exit status."""
    from bongsu.errors import ConfigError

    try:
        services, settings = _wanted(arguments)
    except ConfigError:
        if early is not None:
            early.abandon()
        raise
    if early is None:
        alone = services[0] if len(services) == 1 else None
        early = _begin(
            alone.command if alone else None,
            {**launch.inherited(), **alone.environ} if alone else {},
            _outputs(services),
        )
    return _carry(services, settings, early)


def _outputs(services: "Sequence[Service]") -> tuple[int, ...]:
    is_silence_watched = any(service.no_output_for_s is not None for service in services)
    return (STDOUT, STDERR) if is_silence_watched else (STDERR,)


def _carry(services: "Sequence[Service]", settings: "Settings", early: Early) -> int:
    from bongsu.clock import SYSTEM
    from bongsu.watchers.run.copying import Copy
    from bongsu.watchers.run.life import Life
    from bongsu.watchers.run.loop import Inbox, Loop

    inbox = Inbox()
    every = [early.wires, *(launch.wires(_outputs([service])) for service in services[1:])]
    copies = [[Copy(wire, SYSTEM, inbox.wake) for wire in wires] for wires in every]
    for copy in _flat(copies):
        copy.start()
    client = _client(settings)
    world = _world(client, inbox, early.held, has_input=len(services) == 1)
    environ = launch.inherited()
    lives = [
        Life(service, {**environ, **service.environ}, own, world) for service, own in zip(services, copies, strict=True)
    ]
    inbox.take_signals(early.held)
    loop = Loop(lives, inbox, SYSTEM, early.foreground)
    try:
        return loop.run(early.pid)
    finally:
        for life in lives:
            life.kill()  # one that is left here, a defect of ours has left
        if not loop.is_stopping:
            inbox.let_stops_end_us()
        for copy in _flat(copies):
            copy.end(STOPPED_S if loop.is_stopping else LAST_OUTPUT_S)
        client.close(STOPPED_S if loop.is_stopping else ENDED_S)


def _flat(copies: "list[list[Copy]]") -> "list[Copy]":
    return [copy for own in copies for copy in own]


def _client(settings: "Settings") -> "Client":
    from bongsu.client.client import Client

    return Client(settings)  # not started: no hooks, no log handler


def _world(client: "Client", inbox: "Inbox", held: frozenset[int], *, has_input: bool) -> "World":
    from bongsu.client.guard import guarded
    from bongsu.clock import SYSTEM
    from bongsu.watchers import traces
    from bongsu.watchers.run.life import World

    cwd = _cwd()
    return World(
        clock=SYSTEM,
        report=guarded(None)(client.processes.report),  # what goes wrong in telling must not end the command
        say=_say,
        post=inbox.post,
        has_told=guarded(False)(client.processes.has_told),
        trace_in=guarded(None)(lambda lines: traces.newest(lines, cwd)),
        held=held,
        has_input=has_input,
    )


def _say(sentence: str) -> None:
    """To stderr, unless that would have to wait: its reader may be slow, and the loop must not be."""
    import select

    poll = select.poll()
    try:
        poll.register(STDERR, select.POLLOUT)
        if poll.poll(0):
            os.write(STDERR, f"bongsu: {sentence}\n".encode("utf-8", "backslashreplace")[: select.PIPE_BUF])
    except OSError:
        return


# -- what is wanted


def _wanted(arguments: "Namespace") -> "tuple[tuple[Service, ...], Settings]":
    """What to run, and how to tell of it. Raises ConfigError with every problem."""
    from bongsu.errors import ConfigError

    problems: list[str] = []
    words = tuple(arguments.words)
    if arguments.file is None:
        services = _one(arguments, words, problems)
        settings = _settings_or_stderr(arguments.app, services[0].name if services else None)
    else:
        services, settings = _several(arguments, words, problems)
    services = tuple(_with_environ(service, problems) for service in services)
    if problems or settings is None or not services:
        raise ConfigError(problems)
    return services, settings


def _settings_or_stderr(app: str | None, name: str | None) -> "Settings | None":
    """As configured. A wrong configuration of ours keeps no program from running: its alerts go to stderr meanwhile."""
    from dataclasses import replace

    from bongsu import config
    from bongsu.errors import ConfigError

    problems: list[str] = []
    settings = _settings(app, name, problems)
    if settings is not None:
        return settings
    _complain(f"{ConfigError(problems)}\nThe command runs all the same; alerts go to stderr until that is mended.")
    own = {key: os.environ[key] for key in ("XDG_STATE_HOME", "HOME") if key in os.environ}
    meanwhile = config.load({"app": _fit(name or ""), "to": "console:", "config": os.devnull}, own)
    return replace(meanwhile, reading=config.reading({"app": app or name}, os.environ))


def _settings(app: str | None, name: str | None, problems: list[str], **more: str) -> "Settings | None":
    from bongsu import config
    from bongsu.cli import folders
    from bongsu.errors import ConfigError

    is_named = app is not None or "app" in config.origins(os.environ)
    try:
        return folders.settings(app if is_named else name, **more)
    except ConfigError as error:
        problems.extend(error.problems)
        return None


def _one(arguments: "Namespace", words: tuple[str, ...], problems: list[str]) -> "tuple[Service, ...]":
    from bongsu.watchers.run import settings

    if not words or not words[0]:
        problems.append("no command: write `bongsu run -- COMMAND`, or name a file with --file")
        return ()
    table = {key: getattr(arguments, key) for key in settings.OPTIONS} | {"command": words}
    name = arguments.name if arguments.name is not None else name_of(words, _cwd())
    found = settings.service(name, table, "run", problems)
    return (found,) if found else ()


def _several(
    arguments: "Namespace", words: tuple[str, ...], problems: list[str]
) -> "tuple[tuple[Service, ...], Settings | None]":
    from bongsu.watchers.run import settings

    if words:
        problems.append("a command and --file: write one of them")
    given = [key.replace("_", "-") for key in ("name", *settings.OPTIONS) if getattr(arguments, key) is not None]
    if given:
        problems.append(f"--{given[0]}: is for one command; with --file, write it into the file")
    name = os.path.basename(_cwd()) or "app"
    if arguments.file.endswith(".toml"):
        found = _settings(arguments.app, name, problems, config=arguments.file)
        tables = found.run if found else {}
    else:
        found = _settings_or_stderr(arguments.app, name)
        tables = settings.procfile(_text(arguments.file, "--file", problems), problems)
    services = settings.read(tables, problems)
    if not services and not problems:
        problems.append(f"{arguments.file}: no service in it; write {_EXAMPLES[arguments.file.endswith('.toml')]}")
    return services, found


_EXAMPLES = {True: '[run.web] and below it command = "gunicorn shop:app"', False: "web: gunicorn shop:app"}


def _with_environ(service: "Service", problems: list[str]) -> "Service":
    from dataclasses import replace

    from bongsu.watchers.run import settings

    if service.env_file is None:
        return service
    found: list[str] = []
    environ = settings.environment(_text(service.env_file, "env_file", problems), found)
    problems.extend(f"{service.env_file}: {problem}" for problem in found)
    return replace(service, environ=environ)


def _text(path: str, what: str, problems: list[str]) -> str:
    try:
        with open(path, "rb") as file:
            return file.read(FILE_BYTES_MAX).decode("utf-8")
    except OSError as error:
        problems.append(f"{what}: {path} cannot be read ({error.strerror})")
    except UnicodeDecodeError:
        problems.append(f"{what}: {path} is not UTF-8")
    return ""


def name_of(words: tuple[str, ...], cwd: str) -> str:
    """A name for a command that was given none: its program's, or what an interpreter is told to run."""
    from bongsu import config

    left = iter(words)
    for word in left:
        stem = os.path.basename(word).rstrip("0123456789.")
        if word == "-c":
            break
        if word == "-m":
            return _fit(config.default_app(next(left, ""), cwd))
        if not word.startswith("-") and stem not in INTERPRETERS and "=" not in word:
            return _fit(config.default_app(word, cwd))
    return _fit(config.default_app("", cwd))


INTERPRETERS = frozenset({"python", "pypy", "node", "bun", "deno", "ruby", "perl", "php", "java", "sh", "bash", "env"})


def _fit(name: str) -> str:
    from bongsu.watchers.run.settings import NAME_LENGTH_MAX

    return "".join(filter(str.isprintable, name))[:NAME_LENGTH_MAX].strip() or "app"


def _cwd() -> str:
    try:
        return os.getcwd()
    except OSError:  # removed under us
        return os.sep
