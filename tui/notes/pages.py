"""The notes: a primer, three questions with their claims, the glossary, the references; and finding words in them.

One Markdown file a question: `# question`, then `## C1 · claim` with a line `**Verdict:** word (in short)`. Each entry
of the references ends in `Cited in C1, C2.`, which is how a claim finds its sources.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from core import paths
from core.errors import UserError
from tui.notes.links import REFERENCES, cited
from tui.notes.markdown import bare, pieces

PRIMER, GLOSSARY = "primer", "glossary"
ABOUT = "about"
_CLAIM = re.compile(r"^## (C\d+) · (.*)$", re.MULTILINE)
_VERDICT = re.compile(r"^\*\*Verdict:\*\* (\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Note:
    """One page of the notes."""

    key: str
    """`1` to `3` for a question, `C1` to `C10` for a claim, `primer`, `glossary`, `references`, `about`."""
    title: str
    verdict: str
    """One word, for a claim; otherwise empty."""
    text: str
    """Markdown, heading included."""

    @property
    def claim(self) -> bool:
        return bool(self.verdict)


class Hit(NamedTuple):
    """Where a search found its words."""

    note: int
    line: int
    """Line of the note's Markdown, counted from 0, where the paragraph or list entry starts."""
    before: str
    found: str
    after: str


def _heading(text: str, path: Path) -> str:
    if not text.startswith("# "):
        raise UserError("The notes cannot be shown.", why=f"{path} does not start with a heading.", hint="Reinstall.")
    return bare(text[2 : text.index("\n")] if "\n" in text else text[2:]).strip()


def _question(number: int, path: Path, text: str) -> list[Note]:
    starts = [found.start() for found in _CLAIM.finditer(text)]
    notes = [Note(str(number), _heading(text, path), "", text[: starts[0] if starts else len(text)].rstrip() + "\n")]
    for start, end in pairwise([*starts, len(text)]):
        claim = text[start:end].rstrip() + "\n"
        heading, verdict = _CLAIM.match(claim), _VERDICT.search(claim)
        if heading is None or verdict is None:
            raise UserError("The notes cannot be shown.", why=f"A claim in {path} has no verdict.", hint="Reinstall.")
        notes.append(Note(heading[1], bare(heading[2]), verdict[1], claim))
    return notes


def load(folder: Path | None = None) -> list[Note]:
    """All notes, in reading order: primer, each question with its claims, glossary, references, about.

    Without a primer or a glossary there is one page less. Raises UserError when another file is missing, and when one
    is not of the form above.
    """
    folder = folder or paths.assets() / "notes"
    notes: list[Note] = []
    try:
        notes += _page(folder, PRIMER)
        for number, path in enumerate(sorted(folder.glob("[0-9]-*.md")), 1):
            notes += _question(number, path, path.read_text("utf-8"))
        notes += _page(folder, GLOSSARY)
        for key in (REFERENCES, ABOUT):
            if not (found := _page(folder, key)):
                raise FileNotFoundError(f"There is no {folder / key}.md.")
            notes += found
    except (OSError, UnicodeDecodeError) as error:
        raise UserError("The notes are missing.", why=str(error), hint="Reinstall.") from error
    return notes


def _page(folder: Path, key: str) -> list[Note]:
    """The one note of a file `key`.md, if there is one."""
    path = folder / f"{key}.md"
    if not path.exists():
        return []
    text = path.read_text("utf-8")
    return [Note(key, _heading(text, path), "", text)]


def number_of(notes: Sequence[Note], key: str) -> int | None:
    """Where the note `key` stands."""
    return next((at for at, note in enumerate(notes) if note.key == key), None)


def page(note: Note, notes: Sequence[Note]) -> str:
    """The Markdown to show: a question is followed by a list of its claims with their verdicts."""
    at = notes.index(note)
    if not note.key.isdecimal():
        return note.text
    rows = []
    for claim in notes[at + 1 :]:
        if not claim.claim:
            break
        rows.append(
            f"- **{claim.key}** {claim.text[: claim.text.index(chr(10))].partition(' · ')[2]}: *{claim.verdict}*"
        )
    return note.text + "\n### Claims\n\n" + "\n".join(rows) + "\n" if rows else note.text


def pattern(words: str) -> re.Pattern[str]:
    """`words` as they are, in upper or lower case, with any white space between them."""
    return re.compile(r"\s+".join(re.escape(word) for word in words.split()), re.IGNORECASE)


def search(notes: Sequence[Note], words: str) -> list[Hit]:
    """Every place where `words` stand, in reading order. Nothing for white space."""
    if not words.strip():
        return []
    wanted = pattern(words)
    return [
        Hit(number, piece.line, text[: found.start()], found.group(), text[found.end() :])
        for number, note in enumerate(notes)
        for piece in pieces(note.text)
        for text in (piece.bare,)
        for found in wanted.finditer(text)
    ]


def sources(notes: Sequence[Note], claim: str) -> list[int]:
    """The lines of the references page where the works start that `claim` ("C7") cites."""
    references = next(note for note in notes if note.key == REFERENCES)
    return [piece.line for piece in pieces(references.text) if claim in cited(piece.text)]


def entry(note: Note, start: str) -> int | None:
    """The line of `note` where the piece begins that starts with `start`."""
    return next((piece.line for piece in pieces(note.text) if piece.bare.startswith(start)), None)
