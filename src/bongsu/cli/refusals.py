"""Layouts that a destination refused, as `bongsu doctor` tells of them and `bongsu doctor --refused` prints them."""

import json
import sys
from collections.abc import Iterator, Sequence

from bongsu.cli.folders import Folder
from bongsu.clock import SYSTEM
from bongsu.messages.judge import judge
from bongsu.messages.locales import WORDS, duration
from bongsu.store import Refusal, StoreError

TOLD_S = 86_400.0  # a day: the messages went out as plain text, so nobody has to hurry
_SOUND = "Bongsu finds nothing wrong with it: please report it, with the payload"


def told(found: Sequence[Refusal], app: str, now: float) -> Iterator[tuple[str, str]]:
    """Each of the last day, and what to do about it."""
    for refusal in found:
        if now - refusal.at < TOLD_S:
            age = duration(max(0.0, now - refusal.at), WORDS["en"])
            more = f" `bongsu doctor --refused --app {app}` prints it." if refusal.layout else ""
            yield (
                f"{refusal.channel}: {age} ago a layout was refused: {refusal.word}; the message is sent as plain text",
                f"{opinion(refusal)}.{more}",
            )


def opinion(refusal: Refusal) -> str:
    """What Bongsu's own judge says of it."""
    if not refusal.layout:
        return "It was too long to be kept"
    problems = judge(refusal.layout)
    return "; ".join(f"{each.path or 'payload'}: {each.text}" for each in problems[:3]) or _SOUND


def show(folders: Sequence[Folder]) -> int:
    """Print them as JSON lines, the newest last: stdout has the payloads, stderr what is said of each."""
    return max([_show_one(folder) for folder in folders], default=0)


def _show_one(folder: Folder) -> int:
    try:
        store = folder.open()
        if store is None:
            return 0
        try:
            with store.reading() as book:
                found = book.refusals()
        finally:
            store.close()
    except StoreError as error:
        print(f"{folder.database} cannot be used: {error}. See `bongsu doctor`.", file=sys.stderr)
        return 1
    for refusal in found:
        age = duration(max(0.0, SYSTEM.now() - refusal.at), WORDS["en"])
        said = f"{folder.app}, {refusal.channel}, {age} ago: {refusal.word}. {opinion(refusal)}."
        print(said, file=sys.stderr, flush=True)
        print(json.dumps(refusal.layout, ensure_ascii=False), flush=True)
    return 0
