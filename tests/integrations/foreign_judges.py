"""Two judges of payloads that others wrote: Slack's own types with the TypeScript compiler, and `slackblocks`."""

import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

from slackblocks import Attachment, Block, DividerBlock
from slackblocks import Message as OtherMessage
from slackblocks.errors import InvalidUsageError

REPOSITORY = Path(__file__).parents[2]

# `language` is documented for this element, and missing in the types: docs.slack.dev, rich-text-preformatted-element.
_HEAD = """
import type { KnownBlock, MessageAttachment, RichTextPreformatted } from '@slack/types';
declare module '@slack/types' { interface RichTextPreformatted { language?: string } }
type Attachment = Omit<MessageAttachment, 'blocks'> & { blocks?: KnownBlock[] };
interface Payload {
  text?: string; blocks?: KnownBlock[]; attachments?: Attachment[];
  mrkdwn?: boolean; unfurl_links?: boolean; unfurl_media?: boolean;
}
""".strip()
_ERROR = re.compile(r"payloads\.ts\((\d+),\d+\): error (TS\d+: .*)")


class Verdict(Enum):
    """What a judge says of a payload."""

    PASSES = "passes"
    REFUSES = "refuses"
    SILENT = "cannot read it"


def by_types(payloads: Sequence[Mapping[str, Any]], folder: Path) -> list[str]:
    """What is wrong with each by Slack's types; empty: nothing. One run of the compiler for all."""
    installed = Path(os.environ.get("BONGSU_TEST_SLACK_TYPES", REPOSITORY / ".venv" / "slack_types")) / "node_modules"
    assert (installed / "@slack" / "types").exists(), f"no @slack/types in {installed}: run `make dev`"
    first = len(_HEAD.splitlines()) + 1
    lines = (f"export const payload{at}: Payload = {json.dumps(each)};" for at, each in enumerate(payloads))
    (folder / "payloads.ts").write_text("\n".join([_HEAD, *lines, ""]), encoding="ascii")
    options = {
        "strict": True,
        "noEmit": True,
        "skipLibCheck": True,
        "types": [],
        "paths": {"@slack/types": [str(installed / "@slack" / "types" / "dist" / "index.d.ts")]},
    }
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": ["payloads.ts"]}))
    command = [installed / ".bin" / "tsc", "--project", folder, "--pretty", "false"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=folder)
    wrong = {int(line) - first: text for line, text in reversed(_ERROR.findall(done.stdout))}
    assert (done.returncode == 0) is (not wrong), done.stdout + done.stderr
    assert all(0 <= at < len(payloads) for at in wrong), done.stdout
    return [wrong.get(at, "") for at in range(len(payloads))]


def by_slackblocks(payload: Mapping[str, Any]) -> Verdict:
    """It reads some types of blocks; of the others it can count how many there are."""
    try:
        blocks, are_read = _read(payload.get("blocks"))
        attached = []
        for one in payload.get("attachments") or []:
            inner, are_inner_read = _read(one.get("blocks"))
            are_read = are_read and are_inner_read
            attached.append(Attachment(blocks=inner or [DividerBlock()], color=one.get("color")))
        OtherMessage(channel="C1", text=payload.get("text") or "", blocks=blocks, attachments=attached)
    except (InvalidUsageError, KeyError, TypeError, AttributeError):
        return Verdict.REFUSES
    return Verdict.PASSES if are_read else Verdict.SILENT


def _read(blocks: Any) -> tuple[list[Any], bool]:
    read: list[Any] = []
    are_read = True
    for block in blocks or []:
        try:
            read.append(Block.from_dict(block))
        except NotImplementedError:
            read.append(DividerBlock())
            are_read = False
    return read, are_read
