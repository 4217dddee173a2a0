"""`bongsu preview`: every card, or a payload of one's own, as Slack draws it."""

import os
import signal
import sys
import webbrowser
from argparse import Namespace
from contextlib import ExitStack
from pathlib import Path
from threading import Event

from bongsu.cli import WRONG_USE, loopback
from bongsu.cli.preview import judged
from bongsu.cli.preview.choice import Choice, Theme, payload, samples
from bongsu.config.words import nearest, short
from bongsu.messages.gallery import Mode

LOOK_EVERY_S = 0.2
TERMINATED = 128 + signal.SIGTERM  # as shells have it


class _Refused(Exception):
    """What was asked for cannot be shown; the text says what to do."""


def run(arguments: Namespace) -> int:
    """Exit status 0 when it was shown, 1 when no picture could be made, 2 for wrong use."""
    try:
        choice = _choice(arguments)
        if arguments.png is not None:
            return _picture(arguments, choice)
        return _pages(arguments, choice)
    except _Refused as refused:
        print(refused, file=sys.stderr)
        return WRONG_USE


def _choice(arguments: Namespace) -> Choice:
    if arguments.card is not None and arguments.card not in samples():
        raise _Refused(f"There is no card {short(arguments.card)}{nearest(arguments.card, samples())}")
    if arguments.card is not None and arguments.file is not None:
        raise _Refused("Either a file or --card, not both.")
    mode = Mode(arguments.mode.replace("-", "_"))
    is_picture_of_a_card = arguments.png is not None and arguments.file is None
    card = arguments.card or (next(iter(samples())) if is_picture_of_a_card else "")
    if card and mode not in samples()[card].modes:
        raise _Refused(f"The card {card!r} has these modes: {', '.join(map(_word, samples()[card].modes))}.")
    theme: Theme = "dark" if arguments.dark else "light"
    return Choice(card=card, mode=mode, language=arguments.language, theme=theme)


def _word(mode: Mode) -> str:
    return mode.value.replace("_", "-")


def _read(path: str) -> str:
    """The file, bounded. Raises _Refused."""
    try:
        if path == "-":
            content = sys.stdin.buffer.read(loopback.BODY_BYTES_MAX + 1) if sys.stdin else b""
        else:
            with Path(path).open("rb") as file:
                content = file.read(loopback.BODY_BYTES_MAX + 1)
    except OSError as error:
        raise _Refused(f"{path}: {error.strerror}") from error
    if len(content) > loopback.BODY_BYTES_MAX:
        raise _Refused(f"{path}: more than {loopback.BODY_BYTES_MAX >> 10} KiB; Slack takes far less.")
    return content.decode("utf-8-sig", "replace")


# -- a picture


def _picture(arguments: Namespace, choice: Choice) -> int:
    from bongsu.cli.preview import picture
    from bongsu.cli.preview.chromium import ChromiumError

    shown, to = _payload(arguments, choice), Path(arguments.png)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))  # Chromium and its files go with us
    try:
        size = picture.written(to, shown, language=choice.language, theme=choice.theme)
    except ChromiumError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        raise _Refused(f"{to}: {error.strerror}") from error
    print(f"{to}: {max(1, size >> 10)} KiB")
    return 0


def _payload(arguments: Namespace, choice: Choice) -> dict[str, object]:
    if arguments.file is None:
        return payload(choice)
    text = _read(arguments.file)
    seen = judged.judged(text)
    _tell(seen, arguments.file)
    if not seen.html:
        raise _Refused(f"{arguments.file}: there is nothing to draw.")
    return dict(judged.loaded(text))


def _tell(seen: judged.Judged, name: str) -> None:
    for one in seen.problems:
        print(f"{name}:{one.line}: {one.path or one.word}: {one.text}", file=sys.stderr)


# -- pages


def _pages(arguments: Namespace, choice: Choice) -> int:
    from bongsu.cli.preview.site import site

    given, place = None, ""
    if arguments.file is not None:
        first = _read(arguments.file)
        _tell(judged.judged(first), arguments.file)
        place = "edit"
        given = (lambda: first) if arguments.file == "-" else (lambda: _again(arguments.file, first))
    with ExitStack() as stack:
        try:
            address = stack.enter_context(loopback.served(site(choice, given), arguments.port))
        except OSError as error:
            raise _Refused(f"Port {arguments.port}: {error.strerror}. Choose another with --port.") from error
        _show(f"{address}{place}?{choice.query}".removesuffix("?"), opens=not arguments.no_open and _has_screen())
    return 0


def _show(page: str, *, opens: bool) -> None:
    """Until Ctrl-C, which is the usual end."""
    try:
        print(f"{page}\nCtrl-C ends it.", flush=True)
        if opens:
            webbrowser.open(page)
        while not Event().wait(LOOK_EVERY_S):
            pass  # a signal between two looks would not wake a wait without an end
    except KeyboardInterrupt:
        print()  # behind the terminal's ^C


def _again(path: str, otherwise: str) -> str:
    """The file as it is by now."""
    try:
        return _read(path)
    except _Refused:
        return otherwise


def _has_screen() -> bool:
    """Whether a browser would open a window: one inside of the terminal would take that away."""
    if not sys.stdout.isatty():
        return False
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
