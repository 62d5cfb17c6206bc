"""How the lab starts its other processes: which Python, which core, which environment."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

import core


def of(*words: str) -> list[str]:
    """The command line of `python -P -m core WORDS`. `-P`: a folder called core where the user stands is not run."""
    return [sys.executable, "-P", "-m", "core", *words]


HUGE_PAGES = "glibc.malloc.hugetlb=1"
"""Large tensors lie in huge pages: a training step is 3 to 10 % faster without the page faults."""
KEPT = "glibc.malloc.mmap_threshold=33554432:glibc.malloc.trim_threshold=1073741824"
"""What one step frees stays for the next one: another 1 to 2 %. An engine gives it back, for models come and go."""


def environment(trains: bool = False) -> dict[str, str]:
    """The environment of such a process: it finds the very core that this process runs.

    Of PYTHONPATH only absolute folders are kept (clusters set it to bring torch): an empty or relative entry
    would again mean the place where the user stands. How memory is held is told to glibc, where the user has not.
    """
    root = Path(core.__file__).resolve().parent.parent
    kept = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if Path(entry).is_absolute()]
    if root != Path(sysconfig.get_path("purelib")).resolve():
        kept.insert(0, str(root))
    faster = {"GLIBC_TUNABLES": f"{HUGE_PAGES}:{KEPT}" if trains else HUGE_PAGES}
    return {**faster, **os.environ, "PYTHONPATH": os.pathsep.join(kept)}
