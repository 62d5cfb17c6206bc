"""`python -P -m core serve` is the engine on standard input and output; `train` and `trio` take a folder to work in.

`-P` keeps a folder called `core` in the place where the user stands from being run instead.
"""

from __future__ import annotations

import os
import sys

from core.environment import prepare


def main() -> None:
    """Do what the command line says; exit code 2 when it says nothing sensible."""
    match sys.argv[1:]:
        case ["serve"]:
            from core.engine.pipes import claim

            requests, events = claim()
            prepare()
            from core.engine.bench import Bench
            from core.engine.serve import serve

            serve(requests, events, Bench())
        case ["train", folder]:
            prepare()
            # Without it a matrix product on CUDA is not repeatable.
            os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
            from core.training import launch

            sys.exit(launch.main(folder))
        case ["trio", folder]:
            prepare()
            from core.trio import study

            sys.exit(study.main(folder))
        case _:
            sys.stderr.write("usage: python -P -m core serve | train RUN_FOLDER | trio TRIO_FOLDER\n")
            sys.exit(2)


if __name__ == "__main__":
    main()
