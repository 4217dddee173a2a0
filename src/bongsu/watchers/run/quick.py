"""Whether a call of `bongsu run` is surely right, seen without loading anything: then the command starts at once.

It answers yes only where the full reading would accept everything; `tests/spec/test_run_quick.py` holds it to that. In
all other cases the full reading comes first, and it alone finds the values.
"""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

CONFIG_FILE = "bongsu.toml"
PLAIN_LENGTH_MAX = 80
WEBHOOK = "https://hooks.slack.com/services/"

_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
_WORD = _LETTERS | frozenset("._-")


def command(argv: "Sequence[str]", environ: "Mapping[str, str]") -> tuple[str, ...] | None:
    """The command of `[OPTION VALUE]… -- COMMAND…`; None: look closer."""
    place = 0
    while place + 1 < len(argv) and argv[place] != "--":
        is_right = _OPTIONS.get(argv[place])
        if is_right is None or not is_right(argv[place + 1]):
            return None
        place += 2
    found = tuple(argv[place + 1 :]) if place < len(argv) and argv[place] == "--" else ()
    return found if found and found[0].strip() and _is_configured(environ) else None


def _is_configured(environ: "Mapping[str, str]") -> bool:
    """Whether the configuration is in the environment, and of the usual kind."""
    settings = {name: value for name, value in environ.items() if name.startswith("BONGSU_")}
    known = all(name in _SETTINGS and _SETTINGS[name](value) for name, value in settings.items())
    return known and bool(environ.get("HOME")) and not os.path.lexists(CONFIG_FILE)


def _is_word(text: str) -> bool:
    return 0 < len(text) <= PLAIN_LENGTH_MAX and _WORD.issuperset(text) and text[0] in _LETTERS


def _is_path(text: str) -> bool:
    return text.startswith("/") and text.isprintable()


def _is_address(text: str) -> bool:
    """A webhook of Slack, in three parts; or a file, or the console."""
    parts = text.removeprefix(WEBHOOK).split("/")
    is_webhook = (
        text.startswith(WEBHOOK) and len(parts) == 3 and all(_LETTERS.issuperset(part) and part for part in parts)
    )
    is_file = text.startswith("file:/") and _WORD.issuperset(text[6:].replace("/", "")) and text[-1:] in _LETTERS
    return is_webhook or is_file or text == "console:"


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 4


def _is_span(text: str) -> bool:
    return text[-1:] in ("s", "m") and text[:-1].isascii() and text[:-1].isdecimal() and len(text) <= 3


def _is_size(text: str) -> bool:
    return text[-1:] in ("M", "G") and _is_number(text[:-1]) and not text.startswith("0")


_OPTIONS: "Mapping[str, Callable[[str], bool]]" = {
    "--name": _is_word,
    "--app": _is_word,
    "--restart": ("on-failure", "always", "never").__contains__,
    "--max-restarts": _is_number,
    "--stop-timeout": _is_span,
    "--backoff-max": _is_span,
    "--max-memory": _is_size,
}
_SETTINGS: "Mapping[str, Callable[[str], bool]]" = {
    "BONGSU_TO": _is_address,
    "BONGSU_TO_ALARM": _is_address,
    "BONGSU_TO_DEVOPS": _is_address,
    "BONGSU_TO_DEV_TEST": _is_address,
    "BONGSU_APP": _is_word,
    "BONGSU_ENVIRONMENT": _is_word,
    "BONGSU_RELEASE": _is_word,
    "BONGSU_LANGUAGE": ("en", "ko").__contains__,
    "BONGSU_STATE_DIR": _is_path,
}
