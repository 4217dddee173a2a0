"""The promises, each with the measurement that proves it. Every peer runs in the same run, between our rounds."""

import json
import re
from collections.abc import Iterable, Iterator
from statistics import median, quantiles

from bench import harness
from bench.adapters import MODULES
from bench.asgi import middleware
from bench.cards import rendering
from bench.deciding import deciding
from bench.logs import writing_and_searching
from bench.supervising import supervising
from bench.table import Row, seconds, times
from bongsu.testing import Received, ScriptedSlack

IMPORT_MAX_S = 0.025
NEW_MAX_S = 0.000_130
STORM = 100_000
STORM_OF_PEERS = 5_000  # scaled: 100 000 take sentry-sdk about eight minutes
STORM_ADDS_MAX_S = 1.0
STORM_ADDS_MAX_MIB = 5.0
STORM_WATCHED_S = 120
STORM_MESSAGES_MAX = 3
LATENCY_MAX_S = 0.5
LATENCY_SAMPLES = 201
LATENCY_BURST = 3  # distinct errors that pacing lets through at once, so that its one second is not measured


def importing(rounds: int) -> Iterator[Row]:
    """`import` over a bare interpreter."""
    figures = harness.import_cost(MODULES, max(rounds, 3) * 5)
    ours, peer = figures["bongsu"], figures["sentry-sdk"]
    yield Row(
        what="`import`, over a bare interpreter",
        ratio=times(ours["import_s"], peer["import_s"]),
        ours=seconds(ours["import_s"]),
        peer=f"sentry-sdk {seconds(peer['import_s'])}, logging {seconds(figures['logging']['import_s'])}",
        must="≤ 25 ms",
        met=ours["import_s"] <= IMPORT_MAX_S,
    )
    yield Row(
        what="third-party packages it loads",
        ours=f"{ours['third_party']:.0f}",
        peer=f"sentry-sdk {peer['third_party']:.0f}",
        must="0",
        met=ours["third_party"] == 0,
    )


def repeated(rounds: int) -> Iterator[Row]:
    """The same error again, on the calling thread."""
    figures = harness.in_rounds("repeated", ("bongsu", "sentry-sdk", "logging"), rounds, warm_up=300, timed=3000)
    yield _against("repeated error, 12 frames deep, calling thread", figures, "sentry-sdk", at_most=1 / 100)
    yield _against("the same", figures, "logging")


def new(rounds: int) -> Iterator[Row]:
    """An error never seen before, on the calling thread: back to back, and each after a rest (cold caches)."""
    adapters = ("bongsu", "sentry-sdk", "sentry-sdk defaults", "logging")
    figures = harness.in_rounds("new", adapters, rounds, warm_up=300, timed=600, pause_s=0)
    yield _against("new error, 12 frames deep, calling thread", figures, "sentry-sdk", at_most=1 / 5)
    yield _against("the same", figures, "sentry-sdk defaults", at_most=1 / 20)
    yield _against("the same", figures, "logging")
    ours_s = figures["bongsu"]["p50_s"]
    yield Row(what="the same, absolute", ours=f"p50 {seconds(ours_s)}", must="≤ 130 µs", met=ours_s <= NEW_MAX_S)
    cold = harness.in_rounds("new", adapters, rounds, warm_up=30, timed=300, pause_s=0.005)
    yield _against("the same, each after 5 ms of rest", cold, "sentry-sdk")
    yield _against("the same, each after 5 ms of rest", cold, "sentry-sdk defaults")


def storm(rounds: int) -> Iterator[Row]:
    """100 000 equal errors in a loop; one round of two minutes, since the messages are awaited."""
    theirs = harness.in_rounds("storm", ("sentry-sdk", "logging"), rounds, count=STORM_OF_PEERS, settle_s=0)
    with ScriptedSlack() as slack:
        ours = harness.in_child("bongsu", "storm", to=slack.webhook_url("alarm"), count=STORM, settle_s=STORM_WATCHED_S)
        messages, exact = len(slack.posts), tells(slack.posts, STORM)
    added = {name: run["added_s"] * STORM / run["count"] for name, run in {**theirs, "bongsu": ours}.items()}
    yield Row(
        what="100 000 equal errors, added to the bare loop",
        ratio=times(added["bongsu"], added["sentry-sdk"]),
        ours=f"{seconds(added['bongsu'])} (loop alone {seconds(ours['bare_s'])})",
        peer=f"sentry-sdk {seconds(added['sentry-sdk'])}, logging {seconds(added['logging'])} (scaled from 5 000)",
        must="≤ 1 s",
        met=added["bongsu"] <= STORM_ADDS_MAX_S,
    )
    yield Row(
        what="memory it adds",
        ours=f"{ours['added_mib']:.1f} MiB",
        peer=f"sentry-sdk {theirs['sentry-sdk']['added_mib']:.1f} MiB (after 5 000)",
        must="≤ 5 MiB",
        met=ours["added_mib"] <= STORM_ADDS_MAX_MIB,
    )
    yield Row(
        what="messages within two minutes",
        ours=f"{messages}",
        must="1 to 3",
        met=1 <= messages <= STORM_MESSAGES_MAX,
    )
    yield Row(what="100 000 told exactly", ours="yes" if exact else "no", must="yes", met=exact)


def latency(_rounds: int) -> Iterator[Row]:
    """From the exception to the request at Slack, in processes that send no faster than pacing allows."""
    waits = []
    with ScriptedSlack() as slack:
        for number in range(LATENCY_SAMPLES // LATENCY_BURST):
            to = slack.webhook_url(str(number))
            raised = harness.in_child("bongsu", "latency", to=to, errors=LATENCY_BURST, pause_s=0.3)
            arrived = [(post.at, _text(post)) for post in slack.posts if post.channel == str(number)]
            for word, raised_at in raised.items():
                waits += [at - raised_at for at, text in arrived if f"article {word}" in text][:1]
    told = len(waits)
    p50, p99 = (median(waits), quantiles(waits, n=100)[98]) if told > 1 else (float("inf"), float("inf"))
    yield Row(
        what=f"exception → request at Slack, {told} of {LATENCY_SAMPLES} told",
        ours=f"p50 {seconds(p50)}, p99 {seconds(p99)}",
        must="p99 ≤ 500 ms, all told",
        met=told == LATENCY_SAMPLES and p99 <= LATENCY_MAX_S,
    )


def memory(rounds: int) -> Iterator[Row]:
    """Resident memory of a small program that has told one error."""
    figures = harness.in_rounds("memory", ("bongsu", "sentry-sdk", "logging"), rounds, settle_s=1.0)
    sizes = {name: run["resident_mib"] for name, run in figures.items()}
    yield Row(
        what="memory of a process that told one error",
        ratio=times(sizes["bongsu"], sizes["sentry-sdk"]),
        ours=f"{sizes['bongsu']:.1f} MiB",
        peer=f"sentry-sdk {sizes['sentry-sdk']:.1f} MiB, logging {sizes['logging']:.1f} MiB",
    )


MEASURES = {
    "run": supervising,
    "import": importing,
    "repeated": repeated,
    "new": new,
    "storm": storm,
    "latency": latency,
    "memory": memory,
    "asgi": middleware,
    "deciding": deciding,
    "logs": writing_and_searching,
    "cards": rendering,
}


def tells(messages: Iterable[Received], number: int) -> bool:
    """Whether one of the messages tells exactly this number, however its thousands are set apart."""
    return any(
        re.sub(r"\D", "", told) == str(number) for message in messages for told in _NUMBER.findall(_text(message))
    )


_NUMBER = re.compile("[0-9]{1,3}(?:[ ,.'\u00a0\u202f][0-9]{3})+|[0-9]+")


def _text(message: Received) -> str:
    return json.dumps(message.payload, ensure_ascii=False)


def _against(what: str, figures: dict[str, harness.Figures], peer: str, at_most: float | None = None) -> Row:
    ours, theirs = figures["bongsu"], figures[peer]
    return Row(
        what=what,
        ratio=times(ours["p50_s"], theirs["p50_s"]),
        ours=f"p50 {seconds(ours['p50_s'])}, p99 {seconds(ours['p99_s'])}",
        peer=f"{peer} p50 {seconds(theirs['p50_s'])}, p99 {seconds(theirs['p99_s'])}",
        must=f"≤ 1/{1 / at_most:.0f}" if at_most else "",
        met=ours["p50_s"] <= theirs["p50_s"] * at_most if at_most else None,
    )
