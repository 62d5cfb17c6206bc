"""Numbers and lengths of time as a person reads them."""

from __future__ import annotations

import re
from pathlib import Path


def duration(seconds: float) -> str:
    """A length of time in one or two units: 5 s, 12 min, 3 h 20 min, 4 d."""
    minutes = round(seconds / 60)
    if seconds < 100:
        return f"{max(0, round(seconds))} s"
    if minutes < 100:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes // (24 * 60)} d"


def brief(seconds: float) -> str:
    """A length of time in one unit, for a column: 5 s, 12 min, 3 h, 4 d."""
    return " ".join(duration(seconds).split()[:2])


def short(value: float) -> str:
    """A number in few characters: 0.25, 7, 1500, 20k, 1.5M."""
    for size, unit, divisor in ((1e9, "G", 1e9), (1e6, "M", 1e6), (1e4, "k", 1e3)):
        if abs(value) >= size:
            return f"{value / divisor:.3g}{unit}"
    return f"{value:.4g}"


def amount_of_bytes(count: float) -> str:
    """An amount of memory or of text: 812 bytes, 310 MB, 1.2 GB."""
    for size, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count:.0f} bytes"


def text_name(path: str) -> str:
    """What a text is called: by its file, or by what it is where the lab made it itself."""
    name = Path(path).name
    ours = re.fullmatch(r"python-\d+\.\d+\.\w+\.txt", name) and Path(path).parent.name == "texts"
    return "Python documentation" if ours else name
