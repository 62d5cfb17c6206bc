"""The tree in the README, drawn from the first line of every file. `python -m tests.tree` writes it there."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
START, END = "<!-- tree -->\n```\n", "```\n<!-- /tree -->"
WIDTH = 84
"""Longer lines lose their last clauses."""
OTHERS = {
    "tui/app.tcss": "all styling that panes do not carry themselves",
    "assets": "what ships: models, notes, passages, results",
    "assets/models": "the trio: weights, tokenizer and card of each",
    "assets/notes": "three questions, ten claims, the references, how to read them",
    "assets/passages": "65 study passages of five kinds",
    "assets/results": "the first screen's result, the numbers of the self-test",
    "docs": "",
    "docs/screenshots": "the pictures of this page, drawn by `make screenshots`",
    "benchmarks/results": "what the benchmarks printed, with the command that did",
    "tests": "core, tui, and what holds the whole: imports, network, this page",
}


def tracked(*folders: str) -> list[str]:
    """Files of `folders` that git knows or would take, but for empty ones."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *folders],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    return sorted({name for name in listed if (ROOT / name).is_file() and (ROOT / name).stat().st_size})


def about(name: str) -> str:
    """One line on a file: the first sentence of its docstring."""
    if name in OTHERS:
        return OTHERS[name]
    first = (ast.get_docstring(ast.parse((ROOT / name).read_text("utf-8"))) or "").split("\n\n")[0]
    sentence = re.split(r"(?<!\bal)\. ", " ".join(first.split()))[0].rstrip(".")
    while len(sentence) > WIDTH and (clause := re.match(r"(.{12,})[:;,] ", sentence[:WIDTH])):
        sentence = clause[1]
    return sentence


def rows() -> Iterator[tuple[int, str, str]]:
    """(depth, name, what it is) of every folder and file of the house."""
    for top in ("assets", "core", "tui", "tests", "benchmarks", "docs"):
        if top in ("assets", "docs"):
            folders = [name for name in OTHERS if name.split("/")[0] == top]
            yield from ((name.count("/"), Path(name).name + "/", OTHERS[name]) for name in folders)
        elif top == "tests":
            yield 0, "tests/", OTHERS["tests"]
        else:
            yield from _package(top, 0)


def _package(folder: str, depth: int) -> Iterator[tuple[int, str, str]]:
    names = [name for name in tracked(folder) if name.endswith((".py", ".tcss"))]
    init = f"{folder}/__init__.py"
    yield depth, Path(folder).name + "/", about(init) if init in names else ""
    inside = [name for name in names if Path(name).parent == Path(folder) and name != init]
    for name in inside:
        yield depth + 1, Path(name).name, about(name)
    below = sorted({"/".join(Path(name).parts[: depth + 2]) for name in names if len(Path(name).parts) > depth + 2})
    for child in below:
        yield from _package(child, depth + 1)
    if folder == "benchmarks":
        yield depth + 1, "results/", OTHERS["benchmarks/results"]


def tree() -> str:
    """The tree as it stands in the README."""
    lines = []
    for depth, name, what in rows():
        left = "  " * depth + name
        lines.append(f"{left:<26} {what}".rstrip())
    return "\n".join(lines) + "\n"


def main() -> None:
    readme = ROOT / "README.md"
    before, rest = readme.read_text("utf-8").split(START)
    readme.write_text(before + START + tree() + END + rest.split(END)[1], "utf-8")


if __name__ == "__main__":
    main()
