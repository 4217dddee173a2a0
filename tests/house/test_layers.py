"""Data flows one way: the import contract of pyproject.toml."""

import subprocess
import sys
from pathlib import Path

from source import ROOT


def test_no_room_imports_from_a_floor_above_it_and_pure_rooms_import_no_io() -> None:
    lint_imports = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([lint_imports, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
