"""`python -P -m core serve` is the engine on standard input and output; `train RUN_FOLDER` trains one run.

`-P` keeps a folder called `core` in the place where the user stands from being run instead.
"""

from __future__ import annotations

import os
import sys

ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "DO_NOT_TRACK": "1",
    "USE_HUB_KERNELS": "0",
    "TOKENIZERS_PARALLELISM": "false",
}
"""Read by the libraries when they are imported: no network, no telemetry, no bars, no threads before a fork."""


def _prepare() -> None:
    os.environ.update(ENVIRONMENT)
    for name in ("HF_TOKEN", "PYTHONSTARTUP"):
        os.environ.pop(name, None)


def main() -> None:
    """Do what the command line says; exit code 2 when it says nothing sensible."""
    match sys.argv[1:]:
        case ["serve"]:
            from core.engine.pipes import claim

            requests, events = claim()
            _prepare()
            from core.engine.bench import Bench
            from core.engine.serve import serve

            serve(requests, events, Bench())
        case ["train", folder]:
            _prepare()
            os.environ.setdefault(
                "CUBLAS_WORKSPACE_CONFIG", ":4096:8"
            )  # what makes a matrix product repeatable on CUDA
            from core.training import trainer

            sys.exit(trainer.main(folder))
        case _:
            sys.stderr.write("usage: python -P -m core serve | train RUN_FOLDER\n")
            sys.exit(2)


if __name__ == "__main__":
    main()
