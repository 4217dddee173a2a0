"""Fresh interpreters, interleaved rounds, medians: a noisy neighbour hits all alike."""

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
CHILD_TIMEOUT_S = 600

IMPORT_PROBE = """
import sys, time
before = set(sys.modules)
began = time.perf_counter()
import {module}
took = time.perf_counter() - began
loaded = {{name.partition(".")[0] for name in set(sys.modules) - before}} - {{"{module}"}}
print('{{"import_s": %f, "third_party": %d}}' % (took, len(loaded - sys.stdlib_module_names)))
"""

Figures = dict[str, float]


def in_rounds(scenario: str, adapters: Sequence[str], rounds: int, **options: object) -> dict[str, Figures]:
    """The median figures of each adapter."""
    runs: dict[str, list[Figures]] = defaultdict(list)
    for number in range(rounds):
        for adapter in adapters:
            _tell(f"{scenario}, round {number + 1} of {rounds}: {adapter}")
            runs[adapter].append(in_child(adapter, scenario, **options))
    return {adapter: _medians(figures) for adapter, figures in runs.items()}


def in_child(adapter: str, scenario: str, **options: object) -> Figures:
    """Run one scenario in a fresh interpreter with a state directory of its own."""
    with tempfile.TemporaryDirectory(prefix="bongsu-bench-") as folder:
        arguments = {"to": f"file:{folder}/alerts.jsonl", **options}
        return _run(["-m", "bench.child", adapter, scenario, json.dumps(arguments)], BONGSU_STATE_DIR=folder)


def in_module(module: str, rounds: int) -> Figures:
    """The median figures of a module that measures by itself; its one argument is where alerts go."""
    runs = []
    for number in range(rounds):
        _tell(f"{module}, round {number + 1} of {rounds}")
        with tempfile.TemporaryDirectory(prefix="bongsu-bench-") as folder:
            runs.append(_run(["-m", module, f"file:{folder}/alerts.jsonl"], BONGSU_STATE_DIR=folder))
    return _medians(runs)


def import_cost(modules: dict[str, str], rounds: int) -> dict[str, Figures]:
    """What an import statement costs over a bare interpreter, and how many third-party packages it loads."""
    runs: dict[str, list[Figures]] = defaultdict(list)
    for number in range(rounds):
        _tell(f"import, round {number + 1} of {rounds}")
        for adapter, module in modules.items():
            runs[adapter].append(_run(["-I", "-c", IMPORT_PROBE.format(module=module)]))
    return {adapter: _medians(figures) for adapter, figures in runs.items()}


def _run(arguments: list[str], **settings: str) -> Figures:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("BONGSU_", "SENTRY_"))}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**inherited, **settings},
        capture_output=True,
        text=True,
        timeout=CHILD_TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments[:4])} failed:\n{done.stderr}")
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return {**figures, "load": os.getloadavg()[0]}


def _medians(runs: list[Figures]) -> Figures:
    return {name: median(run[name] for run in runs) for name in runs[0]}


def _tell(progress: str) -> None:
    print(progress, file=sys.stderr)
