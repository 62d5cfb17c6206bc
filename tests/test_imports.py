"""What may be imported by what: held in fresh interpreters, because this one has imported everything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HEAVY = {"torch", "transformers", "numpy", "tokenizers", "safetensors"}
FRONT = [
    "tui.cli",
    "tui.app",
    "tui.engine",
    "tui.runs.trainer",
    "tui.headless.tables",
    "tui.headless.asking",
    "tui.headless.input",
    "tui.clean",
]
LIGHT = "messages runs catalogue paths errors settings presets plan shapes texts origins passages sweep.slots"
FREE = [f"core.{name}" for name in LIGHT.split()]
ENGINE = ["core.__main__", "core.engine.pipes", "core.engine.serve", "core.engine.bench"]


def imported(*modules: str) -> set[str]:
    """The top-level packages that a fresh interpreter has after importing `modules`."""
    code = "import sys, importlib\nfor name in sys.argv[1:]: importlib.import_module(name)\nprint(*sys.modules)"
    command = [sys.executable, "-c", code, *modules]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize("module", [*FRONT, *FREE, *ENGINE])
def test_it_imports_nothing_heavy(module: str) -> None:
    assert not imported(module) & HEAVY


def test_every_module_of_the_front_end_is_light() -> None:
    files = sorted((ROOT / "tui").rglob("*.py"))
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in files]
    assert len(modules) > 20
    assert not imported(*modules) & HEAVY


def test_core_itself_imports_nothing_but_itself() -> None:
    assert imported("core") - imported("sys") == {"core"}


def test_the_engine_and_the_command_line_know_no_textual() -> None:
    assert "textual" not in imported("tui.engine", "tui.cli", "tui.headless.tables", "tui.headless.asking", *ENGINE)


def test_the_control_sees_what_is_heavy() -> None:
    assert "numpy" in imported("numpy")
