"""A page of a comparison as a picture: the text once for every model, coloured, with glyph and number; one SVG file."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from tui.charts.svg import FONT, text
from tui.results.captions import how
from tui.results.painted import legend, rows
from tui.results.painting import Paint
from tui.results.reading import label
from tui.results.shown import Shown
from tui.text import one_line, shorten

COLUMNS = 100
"""Cells of a line of text."""
CELL, LINE, MARGIN, HEAD = 8, 18, 130, 60
"""Pixels of a cell, of a line, of the margin with the names, of what stands above the text."""
TONES = {
    **{f"step-{at}": colour for at, colour in enumerate(
        ("#ffffff", "#fff3d6", "#ffe3a8", "#ffcf70", "#f7ab6b", "#ec7d5f", "#d9534f"))},
    **{f"rank-{at}": colour for at, colour in enumerate(("#ffffff", "#ffe3a8", "#f7ab6b", "#d9534f"))},
    "left-1": "#ffe3a8", "left-2": "#f7ab6b", "right-1": "#d6ecd9", "right-2": "#9fd3a8", "muted": "#e6e6e6",
}  # fmt: skip
"""Backgrounds of words. What has no score is grey."""


def svg(shown: Shown) -> str:
    """The page as an SVG document that stands alone."""
    painted, lines = rows(shown), list(_lines(shown))
    each = LINE * (2 * len(painted) + 1)
    width, height = MARGIN + COLUMNS * CELL + 20, HEAD + each * len(lines) + LINE * (len(shown.names) + 1)
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' {FONT}>",
        f"<title>{text('Word by word: ' + ', '.join(row.name for row in painted))}</title>",
        f"<rect width='{width}' height='{height}' fill='#ffffff'/>",
        f"<text x='12' y='24' font-weight='bold'>{text(', '.join(row.name for row in painted))}</text>",
        f"<text x='12' y='44' fill='#555555'>{text(legend(shown))}</text>",
    ]
    for number, line in enumerate(lines):
        for place, row in enumerate(painted):
            y = HEAD + each * number + 2 * LINE * place
            parts.append(f"<text x='12' y='{y + 14}' font-weight='bold'>{text(shorten(one_line(row.name), 14))}</text>")
            for at, x, word in line:
                parts += _word(MARGIN + x * CELL, y, word, row.paint(at))
    for place, name in enumerate(shown.names):
        y = HEAD + each * len(lines) + LINE * (place + 1)
        parts.append(f"<text x='12' y='{y}' fill='#555555'>{text(_whose(shown, name))}</text>")
    return "\n".join([*parts, "</svg>", ""])


def _whose(shown: Shown, name: str) -> str:
    method = shown.comparison.models[name]
    one = method.identity
    return f"{label(name)}: {one.architecture} {one.revision}, {how(method)}, {one.device} {one.dtype}"


def _word(x: float, y: float, word: str, paint: Paint) -> Iterator[str]:
    drawn = f"{word}{paint.glyph}"
    yield f"<rect x='{x}' y='{y}' width='{cell_len(drawn) * CELL}' height='{LINE}' fill='{TONES[paint.tone]}'/>"
    yield f"<text x='{x}' y='{y + 14}'>{text(drawn)}</text>"
    yield f"<text x='{x}' y='{y + 14 + LINE}' font-size='11' fill='#555555'>{text(paint.number)}</text>"


def _lines(shown: Shown) -> Iterator[list[tuple[int, int, str]]]:
    """The words of the page, line by line: which word, its first cell, its text."""
    line: list[tuple[int, int, str]] = []
    x, end = 0, None
    for at in shown.span:
        word = shown.comparison.words[at]
        called = shorten(one_line(word.text), COLUMNS - 1)
        taken = max(cell_len(called) + 2, 7)
        if line and (x + taken > COLUMNS or "\n" in shown.comparison.text[end : word.start]):
            yield line
            line, x = [], 0
        line.append((at, x, called))
        x, end = x + taken, word.end
    if line:
        yield line
