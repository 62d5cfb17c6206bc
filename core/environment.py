"""What the libraries are told before they are imported: no network, no telemetry, no bars."""

from __future__ import annotations

import os

ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "DO_NOT_TRACK": "1",
    "USE_HUB_KERNELS": "0",
    "TOKENIZERS_PARALLELISM": "false",
}
"""Also: no tokenizer threads, which a later fork would trip over."""


def prepare() -> None:
    """Set it for this process and its children, and take away what does not concern them."""
    os.environ.update(ENVIRONMENT)
    for name in ("HF_TOKEN", "PYTHONSTARTUP"):
        os.environ.pop(name, None)
