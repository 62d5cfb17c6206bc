"""The Python documentation that is on every machine: the topics of `help()` and the standard library's docstrings.

Public text that came with Python itself, so that there is something to train on without a network. The sources are
read, never imported.
"""

from __future__ import annotations

import ast
import importlib
import os
import platform
import re
import sysconfig
import threading
from collections.abc import Iterator
from pathlib import Path

from core import paths
from core.errors import UserError

SKIPPED = {"test", "tests", "idle_test", "site-packages", "dist-packages", "__pycache__"}
"""Folders of the standard library whose docstrings document nothing, or that are no part of it."""
FULL = 50
"""Characters from which on a line that is followed by another was broken to fit a page."""

_making = threading.Lock()
"""Whoever comes while it is made waits for it, and does not make it again."""
_UNDERLINE = re.compile(r"[=*~^\"#.-]{3,}")
_MARK = re.compile(r"[\s>*+|.:@-]|\d+[.)]")
"""How lines begin that are no running text: examples, lists, tables, directives."""


def file() -> Path:
    """The documentation as one text file, written when it is first asked for: a document is what stands between blank
    lines. The same Python writes the same bytes.

    Takes seconds the first time. Raises UserError where this Python came without its sources, or the file cannot be
    written.
    """
    # Not in the cache, which may be emptied at any time: a run needs its text to resume.
    path = paths.data() / "texts" / f"python-{platform.python_version()}.txt"
    with _making:
        if not path.is_file():
            _make(path)
    return path


def _make(path: Path) -> None:
    text = "\n\n".join(documents(Path(sysconfig.get_path("stdlib")), topics()))
    if not text:
        raise UserError(
            "There is no Python documentation on this machine.",
            why="This Python came without its sources.",
            hint="Name a text file to train on.",
        )
    partial = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        paths.private(path.parent)
        partial.write_text(text + "\n", "utf-8")
        partial.replace(path)
    except OSError as error:
        raise UserError(f"{path} cannot be written.", why=f"{error}.", hint="Name a text file to train on.") from error


def topics() -> dict[str, str]:
    """The pages of `help("topics")`; none where the system packs Python without them, as Debian does."""
    try:
        found: dict[str, str] = importlib.import_module("pydoc_data.topics").topics
    except ImportError:
        return {}
    return found


def documents(library: Path, topics: dict[str, str]) -> Iterator[str]:
    """The topics in order of name, then the docstrings of `library` in order of file and line, each text once."""
    seen = set()
    pages = (topics[name] for name in sorted(topics))
    for page in (*pages, *_docstrings(library)):
        if (text := tidy(page)) and text not in seen:
            seen.add(text)
            yield text


def tidy(page: str) -> str:
    """A page as one document: no underlines, no blank lines, a paragraph of running text in one line."""
    paragraphs: list[str] = []
    for block in re.split(r"\n\s*\n", page):
        lines = [line.rstrip() for line in block.splitlines() if not _UNDERLINE.fullmatch(line.strip())]
        lines = [line for line in lines if line]
        running = all(len(line) >= FULL for line in lines[:-1]) and not any(map(_MARK.match, lines))
        paragraphs += [" ".join(lines)] if running and lines else lines
    return "\n".join(paragraphs)


def _docstrings(library: Path) -> Iterator[str]:
    for path in sorted(library.rglob("*.py")):
        if SKIPPED.isdisjoint(path.relative_to(library).parts):
            try:
                tree = ast.parse(path.read_bytes())
            except (OSError, SyntaxError, ValueError):
                continue  # one broken file, as some systems install for lib2to3, is no reason to train on nothing
            yield from _of(tree)


def _of(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """The docstrings of a module, of its classes and of their functions; not of functions inside functions."""
    if text := ast.get_docstring(node):
        yield text
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        for child in node.body:
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield from _of(child)
