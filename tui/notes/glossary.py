"""The glossary as data: `## term` headings, each with a paragraph and, if it has other names, a line `also: …`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from tui.notes.markdown import bare

_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_ALSO = re.compile(r"^also:\s*(.+)$", re.MULTILINE | re.IGNORECASE)


class Term(NamedTuple):
    """One entry."""

    name: str
    also: tuple[str, ...]
    text: str
    """Markdown without the heading and without the line of other names."""
    line: int
    """Where its heading stands in the page, counted from 0."""


def terms(page: str) -> list[Term]:
    """The entries of the glossary's page, in their order."""
    found = []
    heads = list(_HEADING.finditer(page))
    for at, head in enumerate(heads):
        end = heads[at + 1].start() if at + 1 < len(heads) else len(page)
        body = page[head.end() : end]
        also = _ALSO.search(body)
        names = tuple(bare(name).strip() for name in also[1].rstrip(".").split(",")) if also else ()
        text = (body[: also.start()] + body[also.end() :] if also else body).strip()
        found.append(Term(bare(head[1]).strip(), names, text, page.count("\n", 0, head.start())))
    return found


def fitting(found: Sequence[Term], words: str) -> list[Term]:
    """The entries that `words` fit, the best first: by the start of a name, within a name, in the text."""
    wanted = " ".join(words.lower().split())
    ranked = [(rank, at) for at, term in enumerate(found) if (rank := _rank(term, wanted)) is not None]
    return [found[at] for _, at in sorted(ranked)]


def _rank(term: Term, wanted: str) -> int | None:
    names = [name.lower() for name in (term.name, *term.also)]
    if not wanted:
        return 0
    if wanted in names:
        return 0
    if any(name.startswith(wanted) for name in names):
        return 1
    if any(wanted in name for name in names):
        return 2
    return 3 if wanted in " ".join(bare(term.text).lower().split()) else None
