"""Importing Bongsu costs a host program nothing it did not ask for."""

import json
import subprocess
import sys

from source import PACKAGE

# What a program loads only when it needs it: heavy, or a hint that a door is opened at import.
LATER = {
    *("argparse", "asyncio", "concurrent", "ctypes", "email", "http", "multiprocessing"),
    *("socket", "sqlite3", "ssl", "subprocess", "tomllib", "unittest", "urllib"),
}

# -I -S: no environment variable, user directory or .pth file of this machine has a say in what is loaded.
PROBE = """
import sys
sys.path.insert(0, sys.argv[1])
before = set(sys.modules)
import bongsu
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
import json, threading
host = {"loaded": sorted(loaded), "threads": threading.active_count(), "own_hook": sys.excepthook is sys.__excepthook__}
print(json.dumps(host))
"""


def _import_in_a_fresh_interpreter() -> dict[str, object]:
    command = [sys.executable, "-I", "-S", "-c", PROBE, str(PACKAGE.parent)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_import_loads_the_standard_library_only_and_none_of_its_heavy_parts() -> None:
    loaded = set(_import_in_a_fresh_interpreter()["loaded"])  # type: ignore[call-overload]
    assert "bongsu" in loaded
    assert loaded - sys.stdlib_module_names - {"bongsu"} == set()
    assert loaded & LATER == set()


def test_import_starts_nothing_and_replaces_nothing() -> None:
    probe = _import_in_a_fresh_interpreter()
    assert (probe["threads"], probe["own_hook"]) == (1, True)
