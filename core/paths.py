"""Where things live: what the lab ships, what it makes, and the data of tests and training.

`LOOKBOTH_HOME` moves everything the lab writes under one folder; `LOOKBOTH_RUNS` moves the runs alone (a
cluster wants them on its own disk). Nothing is created until it is needed.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

APP = "lookboth"


def _home(kind: str, default: str) -> Path:
    home = os.environ.get("LOOKBOTH_HOME")
    return Path(home).expanduser() / kind if home else Path(default)


def config() -> Path:
    """Settings a person may edit."""
    return _home("config", platformdirs.user_config_dir(APP))


def state() -> Path:
    """Drafts and logs: kept, but never the only copy of a result."""
    return _home("state", platformdirs.user_state_dir(APP))


def data() -> Path:
    """What the lab makes and a person wants to keep."""
    return _home("data", platformdirs.user_data_dir(APP))


def cache() -> Path:
    """What can be made again: it may be deleted at any time."""
    return _home("cache", platformdirs.user_cache_dir(APP))


def runs() -> Path:
    """Training runs, one folder each."""
    chosen = os.environ.get("LOOKBOTH_RUNS")
    return Path(chosen).expanduser() if chosen else data() / "runs"


def exports() -> Path:
    """Files a person exported from a screen."""
    return data() / "exports"


def assets() -> Path:
    """What the lab ships: inside the package in a wheel, beside it in a checkout."""
    here = Path(__file__).resolve().parent
    packed = here / "assets"
    return packed if packed.is_dir() else here.parent / "assets"


def corpora() -> Path | None:
    """Corpora and test sets, which do not ship: `LOOKBOTH_DATA`, else `../shared/data` beside a checkout, else None."""
    chosen = os.environ.get("LOOKBOTH_DATA")
    folder = Path(chosen).expanduser() if chosen else Path(__file__).resolve().parents[2] / "shared" / "data"
    return folder if folder.is_dir() else None


def hub_cache() -> Path:
    """The Hugging Face hub cache, which the lab only reads."""
    for name, tail in (("HF_HUB_CACHE", ""), ("HF_HOME", "hub"), ("XDG_CACHE_HOME", "huggingface/hub")):
        if value := os.environ.get(name):
            return Path(value).expanduser() / tail
    return Path.home() / ".cache" / "huggingface" / "hub"


def private(folder: Path) -> Path:
    """Make `folder` (and its parents), readable by its owner alone, and return it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
