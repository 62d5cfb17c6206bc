"""Write beside a published model what the checkpoints of its run said while it learned.

python -P -m core.training.learning RUN FOLDER

`core.training.publish` does it as well.
"""

from __future__ import annotations

import sys
from pathlib import Path

from core import paths
from core.learning import Learning, of, write
from core.models.load import revision_of
from core.runs import Run
from core.training.samples import SENTENCES


def note(run: Run, folder: Path) -> Learning:
    """Write `learning.json` of the model in `folder`, which was published from `run`."""
    answers = {sentence.text: sentence.answer for sentence in SENTENCES}
    found = of(run, revision_of((folder / "model.safetensors",)), answers)
    write(found, folder)
    return found


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -P -m core.training.learning RUN FOLDER")
    steps = sorted({sample.step for sample in note(Run(paths.runs() / sys.argv[1]), Path(sys.argv[2])).samples})
    sys.stdout.write(f"{sys.argv[2]}: steps {', '.join(map(str, steps))}\n")
