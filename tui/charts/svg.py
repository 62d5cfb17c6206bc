"""A chart as a picture: one SVG file that stands alone, needs no font of its own and loads nothing. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from tui.charts.axes import LEAST, Scale, drawable, span
from tui.charts.series import PLAIN, Frame, Panel, Series, reach, within
from tui.clean import clean
from tui.words import short

WIDTH, HEIGHT = 900, 520
LEFT, RIGHT, TOP, BOTTOM = 70, 24, 44, 46
"""Margins around the plot: numbers on the left and below, title above; the legend adds its lines to the bottom."""
LINE = 20
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
"""The palette of Okabe and Ito (2008), told apart by most who see colours differently."""
DASHES = ("", "8 3", "3 3", "10 3 2 3", "2 5", "12 4")
"""Strokes of the lines, so that colour never stands alone."""
FONT = "font-family='ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace' font-size='13'"


def svg(panel: Panel, frame: Frame = PLAIN) -> str:
    """`panel` as an SVG document, smoothed, zoomed and with logarithmic axes as `frame` says."""
    panel = panel.framed(frame)
    legend = [one for one in panel.series if one.named]
    low = HEIGHT - BOTTOM
    notes = panel.note.split(" · ") if panel.note else []
    whole = HEIGHT + LINE * (len(legend) + len(notes))
    start, end = frame.window or reach(panel.series, frame.log_x)
    x = Scale(max(start, LEAST) if frame.log_x else start, end, WIDTH - LEFT - RIGHT, frame.log_x)
    shown = [_shown(one, frame) for one in panel.series]
    tops = [_shown(one._replace(points=one.upper), frame) for one in panel.series]
    y = Scale(*span((v for points in (*shown, *tops) for _, v in points), frame.log_y), low - TOP, frame.log_y)
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {whole}' {FONT}>",
        f"<title>{text(panel.title)}</title>",
        f"<rect width='{WIDTH}' height='{whole}' fill='#ffffff'/>",
        f"<text x='{LEFT}' y='{TOP - 18}' font-weight='bold'>{text(panel.title)}</text>",
        *_axes(x, y, low),
    ]
    for one, points, top in zip(panel.series, shown, tops, strict=True):
        parts += _band(one, points, top, x, y, low) if one.form == "band" else _drawn(one, points, x, y, low)
    parts += [_entry(one, HEIGHT + LINE * at) for at, one in enumerate(legend)]
    under = HEIGHT + LINE * len(legend)
    parts += [f"<text x='{LEFT}' y='{under + LINE * at}'>{text(note)}</text>" for at, note in enumerate(notes)]
    return "\n".join([*parts, "</svg>", ""])


def text(words: str) -> str:
    """Words that the lab did not write, as the content of an element: no markup, no control codes."""
    return escape(clean(words))


def _shown(one: Series, frame: Frame) -> Sequence[tuple[float, float]]:
    points = one.points[-1:] if one.form == "level" else within(one.points, frame.window)
    level = one.form == "level"
    return [
        (x, y if drawable(y, frame.log_y) else math.nan) for x, y in points if x > LEAST or level or not frame.log_x
    ]


def _axes(x: Scale, y: Scale, low: float) -> Iterator[str]:
    right = WIDTH - RIGHT
    for value in y.ticks(8):
        at = low - y.at(value)
        yield f"<line x1='{LEFT}' y1='{at:.1f}' x2='{right}' y2='{at:.1f}' stroke='#dddddd'/>"
        yield f"<text x='{LEFT - 8}' y='{at + 4:.1f}' text-anchor='end'>{short(value)}</text>"
    for value in x.ticks(9):
        at = LEFT + x.at(value)
        yield f"<line x1='{at:.1f}' y1='{low}' x2='{at:.1f}' y2='{low + 5}' stroke='#333333'/>"
        yield f"<text x='{at:.1f}' y='{low + 20}' text-anchor='middle'>{short(value)}</text>"
    yield f"<path d='M{LEFT} {TOP}V{low}H{right}' fill='none' stroke='#333333'/>"


def _drawn(one: Series, points: Sequence[tuple[float, float]], x: Scale, y: Scale, low: float) -> Iterator[str]:
    places = [(LEFT + x.at(a), low - y.at(b)) if math.isfinite(b) else None for a, b in points if one.form != "level"]
    if one.form == "level":
        for _, b in (point for point in points if math.isfinite(point[1])):
            at = low - y.at(b)
            yield f"<line x1='{LEFT}' y1='{at:.1f}' x2='{WIDTH - RIGHT}' y2='{at:.1f}' {_stroke(one)}/>"
    elif one.form in ("dots", "behind"):
        yield from (_dot(one, *place) for place in places if place)
    else:
        faint = " stroke-opacity='0.25'" if one.form == "raw" else ""
        for piece in _pieces(places):
            dots = " ".join(f"{a:.1f},{b:.1f}" for a, b in piece)
            yield f"<polyline points='{dots}' fill='none' {_stroke(one)}{faint}/>"


def _band(
    one: Series,
    points: Sequence[tuple[float, float]],
    top: Sequence[tuple[float, float]],
    x: Scale,
    y: Scale,
    low: float,
) -> Iterator[str]:
    """What lies between two edges, faintly."""
    edge = [(LEFT + x.at(a), low - y.at(b)) for a, b in (*points, *reversed(top)) if math.isfinite(b)]
    dots = " ".join(f"{a:.1f},{b:.1f}" for a, b in edge)
    if dots:
        yield f"<polygon points='{dots}' fill='{COLOURS[one.tone % len(COLOURS)]}' fill-opacity='0.13'/>"


def _dot(one: Series, x: float, y: float) -> str:
    """A single value: a dot, or the letter of its run, so that colour never stands alone."""
    colour = COLOURS[one.tone % len(COLOURS)] if one.form == "dots" else "#777777"
    if one.glyph in "o*":
        return f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3.5' fill='{colour}'/>"
    return f"<text x='{x:.1f}' y='{y + 4:.1f}' text-anchor='middle' fill='{colour}'>{text(one.glyph)}</text>"


def _stroke(one: Series) -> str:
    dash = "4 4" if one.form == "level" else DASHES[one.tone % len(DASHES)] if one.form == "line" else ""
    dashed = f" stroke-dasharray='{dash}'" if dash else ""
    return f"stroke='{COLOURS[one.tone % len(COLOURS)]}' stroke-width='1.6' stroke-linejoin='round'{dashed}"


def _pieces(places: Iterable[tuple[float, float] | None]) -> Iterator[list[tuple[float, float]]]:
    """What lies between the gaps."""
    piece: list[tuple[float, float]] = []
    for place in places:
        if place is not None:
            piece.append(place)
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece


def _entry(one: Series, y: float) -> str:
    if one.form in ("dots", "behind"):
        mark = _dot(one, LEFT + 15, y - 4)
    else:
        mark = f"<line x1='{LEFT}' y1='{y - 4}' x2='{LEFT + 30}' y2='{y - 4}' {_stroke(one)}/>"
    return f"{mark}<text x='{LEFT + 40}' y='{y}'>{text(one.label)}</text>"
