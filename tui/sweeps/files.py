"""A sweep as a person takes it away: JSON as the verb prints it, CSV, and the chart as a picture."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection

from core.messages import Curves
from tui.charts.svg import svg
from tui.results.files import as_json
from tui.results.reading import inert
from tui.sweeps.measure import Measure
from tui.sweeps.strand import panel

FIELDS = ("accuracy", "low", "high", "top5", "top5_low", "top5_high", "logprob", "n", "stop")


def as_files(found: Curves, drawn: Collection[str], measure: Measure, shaded: Collection[str]) -> dict[str, str]:
    """Contents by suffix; the picture has what is on the screen."""
    picture = panel(found, drawn, measure, shaded)
    note = f"{found.windows:,} windows of {found.length} {found.unit} of {found.text}, {found.protocol}"
    return {
        "json": as_json(found),
        "csv": as_csv(found),
        "svg": svg(picture._replace(note=f"{note}, seed {found.seed}")),
    }


def as_csv(found: Curves) -> str:
    """One row a series and position; log-probabilities in nats."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["series", "model", "condition", "position", *FIELDS])
    for name, one in found.series.items():
        for at, position in enumerate(found.positions):
            values = [getattr(one, field)[at] for field in FIELDS]
            if one.n[at]:
                writer.writerow([inert(name), inert(one.model), one.condition, position, *values])
    return out.getvalue()
