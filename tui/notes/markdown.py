"""The little Markdown that our own notes are written in, as styled lines of a given width.

Headings, paragraphs, lists of one level, fenced lines, **bold**, *emphasis* and `code`. A widget for every paragraph
costs ten times as much as one text, which a person would feel at each key.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Literal, NamedTuple

from textual.content import Content, Span
from textual.style import Style

from tui.notes.links import Link, cited, links

Kind = Literal["h1", "h2", "h3", "text", "item", "code"]
_INLINE = re.compile(r"`([^`]+)`|\*\*(.+?)\*\*|\*([^*\s][^*]*)\*")
_STYLES = ("$text-warning", "bold", "italic")
"""Of code, bold and emphasis, in the order of the groups of `_INLINE`."""
_HEADS: dict[str, Kind] = {"# ": "h1", "## ": "h2", "### ": "h3", "- ": "item"}
BLOCK_STYLES: dict[Kind, str] = {
    "h1": "bold $text-primary",
    "h2": "bold $text-primary",
    "h3": "bold",
    "code": "$text-warning",
}
MARGIN = 2
"""Columns on the left that hold the bar of a marked piece and the arrow of a chosen one."""
LINK, CHOSEN = "underline", "bold reverse"


class Piece(NamedTuple):
    """A paragraph, a heading, an entry of a list or a line of code, on one line."""

    line: int
    """Where it starts, counted from 0."""
    kind: Kind
    text: str
    """Markdown, except for code."""

    @property
    def bare(self) -> str:
        """What a reader sees of it."""
        return self.text if self.kind == "code" else bare(self.text)

    @property
    def content(self) -> Content:
        """It with its styles; `bare` is its text."""
        if self.kind == "code":
            return Content.styled(self.text, BLOCK_STYLES["code"])
        text, spans, at = "", [], 0
        for found in _INLINE.finditer(self.text):
            text += self.text[at : found.start()]
            inside = found[found.lastindex or 0]
            spans.append(Span(len(text), len(text) + len(inside), _STYLES[(found.lastindex or 1) - 1]))
            text, at = text + inside, found.end()
        whole = Content(text + self.text[at:], spans)
        return whole.stylize_before(BLOCK_STYLES[self.kind]) if self.kind in BLOCK_STYLES else whole


class Stop(NamedTuple):
    """A link, or an entry of the references: what a person can choose on a page."""

    line: int
    """Where its piece starts in the Markdown."""
    row: int
    """Its row on the page."""
    link: Link


class Page(NamedTuple):
    """Typeset pieces. `rows` says in which row the piece that starts in a line of the Markdown begins."""

    content: Content
    rows: dict[int, int]
    stops: list[Stop]


def bare(markdown: str) -> str:
    """A line without the signs of emphasis and code."""
    return _INLINE.sub(lambda found: found[found.lastindex or 0], markdown)


def pieces(text: str) -> list[Piece]:
    """The pieces of `text` in their order, each joined to one line."""
    found: list[Piece] = []
    fenced, fresh = False, True
    for number, line in enumerate(text.splitlines()):
        if line.startswith("```"):
            fenced, fresh = not fenced, True
        elif fenced:
            found.append(Piece(number, "code", line))
        elif not line.strip():
            fresh = True
        else:
            head = next((head for head in _HEADS if line.startswith(head)), "")
            if head or fresh:
                kind: Kind = _HEADS.get(head, "text")
                found.append(Piece(number, kind, line[len(head) :].strip()))
            else:
                last = found[-1]
                found[-1] = last._replace(text=f"{last.text} {line.strip()}")
            fresh = head.startswith("#")
    return found


def typeset(
    text: str,
    width: int,
    marked: Collection[int] = (),
    words: re.Pattern[str] | None = None,
    chosen: int | None = None,
    here: str = "",
) -> Page:
    """`text` in lines of at most `width` cells.

    Pieces that start in a line of `marked` get a bar at their left; what matches `words` is reversed, and so is the
    stop number `chosen`. `here` is the key of the note, to which no link leads.
    """
    lines: list[Content] = []
    rows: dict[int, int] = {}
    stops: list[Stop] = []
    before: Kind | None = None
    for piece in pieces(text):
        together = before == piece.kind and piece.kind in ("item", "code")
        if before and before != "h3" and not together:
            lines.append(Content(""))
        rows[piece.line] = len(lines)
        content = piece.content
        for found in words.finditer(content.plain) if words else ():
            content = content.stylize("reverse", found.start(), found.end())
        entry = cited(piece.bare)
        inside = [] if entry or piece.kind in ("h1", "h2", "code") else links(content.plain, here)
        pointed = bool(entry) and chosen == len(stops)
        for number, link in enumerate(inside, len(stops)):
            content = content.stylize(Style.from_meta({"stop": number}), link.start, link.end)
            content = content.stylize(CHOSEN if number == chosen else LINK, link.start, link.end)
        bar = ("▌" if piece.line in marked else " ") + ("▸" if pointed else " ")
        first, rest = ("• ", "  ") if piece.kind == "item" else ("  ", "  ") if piece.kind == "code" else ("", "")
        wrapped = content.wrap(max(10, width - MARGIN - len(first)))
        stops += [Stop(piece.line, len(lines), Link(0, 0, entry[0]))] if entry else []
        stops += [Stop(piece.line, len(lines) + _row(wrapped, number), link)
                  for number, link in enumerate(inside, len(stops))]  # fmt: skip
        for number, line in enumerate(wrapped):
            margin = bar if not number else bar.replace("▸", " ")
            lines.append(Content.assemble((margin, "$text-accent"), (rest if number else first, "$text-primary"), line))
        before = piece.kind
    return Page(Content("\n").join(lines), rows, stops)


def _row(wrapped: Sequence[Content], stop: int) -> int:
    """In which of some lines the stop number `stop` begins."""
    styles = ([span.style for span in line.spans if isinstance(span.style, Style)] for line in wrapped)
    return next((at for at, found in enumerate(styles) if any(style.meta.get("stop") == stop for style in found)), 0)
