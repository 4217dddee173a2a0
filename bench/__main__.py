"""`python -m bench [name …] [--rounds N] [--write]`: measure, print the table; exit 1 when a promise is not met."""

import argparse
import os
import platform
import sys
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from bench.measures import MEASURES
from bench.table import markdown

BASELINE = Path(__file__).with_name("BASELINE.md")

METHOD = """\
Each adapter and scenario runs in a fresh interpreter; rounds are interleaved, figures are medians over them.
*sentry-sdk* runs with locals and source lines off, *defaults* with both on; its transport drops the finished event.
*logging* formats the traceback into a `StringIO`. Bongsu runs whole: spool, store, worker and delivery.
Wall times of a shared machine are noisy; the ratios of one run count.
"""


def main() -> int:
    """Run the measures that were named, or all."""
    arguments = _arguments()
    before = os.getloadavg()[0]
    rows = [row for name in arguments.names or MEASURES for row in MEASURES[name](arguments.rounds)]
    page = f"# Baseline\n\n{_machine(before)}\n\n{markdown(rows)}\n\n{METHOD}"
    if arguments.write:
        BASELINE.write_text(page, encoding="utf-8")
    print(page)
    return int(any(row.met is False for row in rows))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="name", help=f"what to measure: {', '.join(MEASURES)}; default: all"
    )
    parser.add_argument("--rounds", type=int, default=3, help="rounds per scenario (default: %(default)s)")
    parser.add_argument("--write", action="store_true", help=f"write the table to bench/{BASELINE.name}")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(MEASURES):
        parser.error(f"there is no measure {', '.join(sorted(unknown))}; choose from {', '.join(MEASURES)}")
    return arguments


def _machine(load_before: float) -> str:
    """The machine and the moment, in one line."""
    facts = [
        f"{datetime.now().astimezone():%Y-%m-%d}",
        f"{_processor()}, {os.cpu_count()} cores",
        f"{platform.system()} {platform.release()}",
        f"CPython {platform.python_version()}",
        f"sentry-sdk {version('sentry-sdk')}",
        f"load average {load_before:.1f} before, {os.getloadavg()[0]:.1f} after",
    ]
    return " · ".join(facts)


def _processor() -> str:
    cpus = Path("/proc/cpuinfo")
    lines = cpus.read_text(encoding="utf-8").splitlines() if cpus.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    sys.exit(main())
