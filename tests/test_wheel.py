"""The wheel holds what the lab ships, so that `pipx install .` gives a whole one."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.tree import ROOT, tracked


@pytest.mark.slow
def test_the_wheel_holds_code_and_assets(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    names = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    for name in tracked("core", "tui"):
        assert name in names, name
    for name in tracked("assets"):
        assert f"core/{name}" in names, name
    assert not any(name.startswith(("tests/", "docs/", "benchmarks/")) for name in names)
