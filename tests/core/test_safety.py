"""No code of ours opens what could be code: read off the source, so that no later line slips in."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for package in ("core", "tui") for path in (ROOT / package).rglob("*.py"))
DOOR = "core/models/auto.py"

PICKLES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "torch.hub", "numpy.lib.format"}
LOADERS = {"torch.load", "np.load", "numpy.load", "torch.jit.load", "torch.hub.load", "pickle.load", "pickle.loads"}
ALWAYS = {"trust_remote_code": False, "local_files_only": True}
WEIGHTS = {"use_safetensors": True, "weights_only": True}


def name_of(node: ast.AST) -> str:
    """The dotted name of an expression, as far as it has one."""
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def faults(tree: ast.AST, door: bool) -> list[str]:
    """What is wrong with one module; `door` says that it is the one that may open models through transformers."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [f"imports {alias.name}" for alias in node.names if alias.name in PICKLES]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            found += [f"imports {name}" for name in sorted(names & (PICKLES | LOADERS))]
        elif isinstance(node, ast.Attribute) and name_of(node) in LOADERS:
            found.append(f"uses {name_of(node)}")
        elif isinstance(node, ast.Attribute) and node.attr == "from_pretrained" and not door:
            found.append("uses from_pretrained")
        elif isinstance(node, ast.Call) and name_of(node.func) in ("eval", "exec", "compile", "__import__"):
            found.append(f"calls {name_of(node.func)}")
        elif isinstance(node, ast.Call) and name_of(node.func).endswith(".from_pretrained"):
            found += arguments(node)
    return found


def arguments(call: ast.Call) -> list[str]:
    """What a call of from_pretrained does not say although it must."""
    stated = {keyword.arg: keyword.value for keyword in call.keywords}
    config = name_of(call.func).startswith("AutoConfig")
    found = []
    for name, value in (ALWAYS if config else ALWAYS | WEIGHTS).items():
        given = stated.get(name)
        if not isinstance(given, ast.Constant) or given.value is not value:
            found.append(f"line {call.lineno} lacks {name}={value}")
    if not config and "attn_implementation" not in stated:
        found.append(f"line {call.lineno} lacks attn_implementation")
    return found


def test_there_is_something_to_read() -> None:
    assert ROOT / DOOR in SOURCES
    assert "from_pretrained" in (ROOT / DOOR).read_text("utf-8")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_opens_code(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert faults(tree, door=str(path.relative_to(ROOT)) == DOOR) == []


@pytest.mark.parametrize(
    ("line", "door"),
    [
        ("import pickle", False),
        ("from pickle import loads", False),
        ("import torch\ntorch.load('x', weights_only=True)", True),
        ("from torch import load", False),
        ("f = np.load", False),
        ("AutoModel.from_pretrained('x')", False),
        ("AutoConfig.from_pretrained('x', local_files_only=True)", True),
        ("AutoConfig.from_pretrained('x', trust_remote_code=None, local_files_only=True)", True),
        ("AutoConfig.from_pretrained('x', **options)", True),
        ("Model.from_pretrained('x', trust_remote_code=False, local_files_only=True, use_safetensors=True)", True),
        ("eval('1')", False),
    ],
)
def test_the_reader_finds_faults(line: str, door: bool) -> None:
    assert faults(ast.parse(line), door)
