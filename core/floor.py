"""The oldest libraries that may open a stranger's model: older ones have known holes in how they read files."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version

FLOOR = {
    "torch": ((2, 10), "CVE-2025-32434, CVE-2026-24747: code or memory corruption by a file of weights"),
    "transformers": ((5, 3), "CVE-2026-4372: code named in config.json is run"),
}


def _release(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.match(r"\d+(?:\.\d+)*", text)[0].split("."))  # type: ignore[index]


def complaints() -> list[str]:
    """One sentence for each installed library that is older than it may be; empty when all is well."""
    found = []
    for name, (least, why) in FLOOR.items():
        try:
            installed = version(name)
        except PackageNotFoundError:
            continue  # not installed, not used
        if _release(installed) < least:
            wanted = ".".join(map(str, least))
            found.append(f"{name} {installed} is older than {wanted}, which is not safe ({why}). Update it.")
    return found
