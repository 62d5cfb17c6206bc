"""A finding as a person takes it away: JSON as the verb prints it, CSV, and a picture of each chart that has lines."""

from __future__ import annotations

import csv
import io

import msgspec

from core.messages import Finding
from tui.charts.svg import svg
from tui.findings.picture import frame, panel
from tui.results.reading import inert


def as_files(found: Finding) -> dict[str, str]:
    """Contents by suffix; a finding of several charts has a picture of each, numbered from the second on."""
    drawable = [chart for chart in found.charts if chart.kind != "heat"]
    pictures = {
        "svg" if number == 1 else f"{number}.svg": svg(panel(chart), frame(chart))
        for number, chart in enumerate(drawable, 1)
    }
    whole = msgspec.json.format(msgspec.json.encode(found)).decode() + "\n"
    return {"json": whole, "csv": as_csv(found), **pictures}


def as_csv(found: Finding) -> str:
    """One row a measured number, then one row a point of every line."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["claim", "what", "name", "x", "value", "low", "high", "unit", "n"])
    for name, one in found.measured.items():
        writer.writerow(
            [found.claim, "measured", inert(name), "", one.value, one.low, one.high, inert(one.unit), one.n]
        )
    for chart in found.charts:
        for line in chart.lines:
            lows, highs = line.low or [None] * len(line.y), line.high or [None] * len(line.y)
            for x, y, low, high in zip(line.x, line.y, lows, highs, strict=True):
                writer.writerow(
                    [found.claim, inert(chart.title), inert(line.name), x, y, low, high, inert(chart.y), ""]
                )
    return out.getvalue()
