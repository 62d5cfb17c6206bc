"""The one door to the screen for text that the lab did not write.

Such text becomes `Content`: never markup, no control codes, nothing silently dropped. `Guard` is the last line:
it looks at every line that any widget renders, so that a forgotten call here cannot drive the terminal.
"""

from __future__ import annotations

import re

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.content import Content
from textual.filter import LineFilter

from tui.clean import clean, clean_lines

RAW = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
"""What may never reach a terminal: control codes, direction overrides, line separators, tags, lone surrogates."""


DATED = re.compile(r"\d{4}-\d\d-\d\d_")
"""How the ids begin that nobody chose."""


def one_line(text: str) -> str:
    """`text` made safe to show on one line: newlines and tabs become visible marks. For what takes a `str`."""
    return clean(text)


def plain(text: str) -> Content:
    """Text that the lab did not write, for one line of the screen."""
    return Content(clean(text))


def passage(text: str) -> Content:
    """Text that the lab did not write, with its line breaks; tabs become spaces."""
    return Content(clean_lines(text))


def one_for_one(text: str) -> str:
    """`text` made safe without moving any code point, for a field with a cursor in it. Tabs stay."""
    return RAW.sub(lambda found: found[0] if found[0] == "\t" else clean(found[0]), text)


def cells(text: str) -> int:
    """How many columns `text` takes."""
    return len(text) if text.isascii() else cell_len(text)


def shorten(text: str, room: int) -> str:
    """`text` cut to at most `room` columns, with an ellipsis where something is missing."""
    return text if cells(text) <= room else Content(text).truncate(max(0, room), ellipsis=True).plain


def shorten_name(text: str, room: int) -> str:
    """A run's name cut to at most `room` columns so that its end stays: names that begin alike end otherwise.

    One that begins with a date is cut at its start, any other in its middle.
    """
    if cells(text) <= room:
        return text
    head = "" if DATED.match(text) else _start(text, (room - 1) // 3)
    tail = _start(text[::-1], max(0, room - 1 - cells(head)))[::-1]
    return f"{head}…{tail}"[: max(0, room)]


def _start(text: str, room: int) -> str:
    """As many characters from the start of `text` as `room` columns hold."""
    for end, character in enumerate(text):
        if (room := room - cells(character)) < 0:
            return text[:end]
    return text


class Guard(LineFilter):
    """Replaces raw control characters in rendered lines by stand-ins of the same width."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Called by Textual for each line of each widget."""
        return [self._safe(segment) if RAW.search(segment.text) else segment for segment in segments]

    @staticmethod
    def _safe(segment: Segment) -> Segment:
        text = RAW.sub(lambda found: "\ufffd" * cell_len(found[0]), segment.text)
        return Segment(text, segment.style, segment.control)
