"""The window on a real terminal, with an engine of its own that needs no torch. Run by tests.faults.windows.

With the arguments SETTINGS (a file) and NAME it starts a run first, as the pane does.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import msgspec

from core.settings import TrainSettings
from tests import fake_engine
from tui.app import LookbothApp
from tui.engine import Engine
from tui.runs import trainer
from tui.terminal import leave_when_lost


def main() -> None:
    """What `lookboth` does, with another engine."""
    if len(sys.argv) == 3:
        trainer.start(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=TrainSettings), sys.argv[2])
    window = LookbothApp(Engine(shlex.join([sys.executable, "-P", str(fake_engine.ITSELF)])))
    leave_when_lost(lambda: window.call_from_thread(window.call_later, window.run_action, "quit"))
    window.run()


if __name__ == "__main__":
    main()
