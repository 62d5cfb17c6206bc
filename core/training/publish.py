"""Turn the last checkpoint of a run into a model that ships: half-size weights, tokenizer, how it learned, and an
honest card.

python -P -m core.training.publish RUN FOLDER
"""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import msgspec
import torch
from safetensors.torch import load_file

from core import paths
from core.errors import UserError
from core.runs import Progress, Run
from core.settings import TrainSettings
from core.text import stream
from core.text.stream import Stream
from core.text.tokens import Tokenizer
from core.training import evaluate, learning, samples, weights
from core.training.card import Story, card, of_trio
from core.training.keep import checkpoint
from core.training.weights import NETS

SEEN = 500
"""Windows of the training text that a published model is measured on."""


def measure(net: Any, settings: TrainSettings, text: Stream, train: Stream, mask: int) -> dict[str, float]:
    """Held-out numbers of a network as it will ship, on all full windows of `text`, each read from a cold start.

    See `evaluate.held_out`; "unigram" is what the unigram of the training text gets, "training" what the network gets
    on `SEEN` windows of the training text.
    """
    unigram = evaluate.unigram_nats(train.unigram(settings.shape.vocabulary), text, len(text), settings.length)
    seen = evaluate.held_out(net, settings, train, mask, SEEN)["nats"]
    return evaluate.held_out(net, settings, text, mask, windows=len(text)) | {"unigram": unigram, "training": seen}


def publish(run: Run, folder: Path, story: Story | None = None) -> dict[str, float]:
    """Write the newest checkpoint of `run` to `folder` in fp16 with its card; returns its numbers (see `measure`).

    Without a `story` it is one of the trio, of the size "small". Raises UserError when there is none.
    """
    file = run.file()
    newest, _ = checkpoint.newest(run.folder)
    if newest is None:
        raise UserError(f"The run {run.id} has no checkpoint.", hint="Let it go on first.")
    settings = file.settings
    done = msgspec.json.decode((newest / "state.json").read_bytes(), type=Progress)
    family = NETS[settings.family]
    net = family.from_tensors(weights.config(settings), load_file(newest / "model.safetensors"))
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint.write_model(net, newest, folder, half=True)

    shipped = family.from_tensors(net.config(), load_file(folder / "model.safetensors")).eval()
    tokenizer = Tokenizer.load(folder)
    assert tokenizer.mask is not None  # the trainer refused to start without one
    numbers: dict[str, float] = dict.fromkeys(("nats", "top1", "unigram", "training"), math.nan)
    if settings.held_out:
        text, train = (
            stream.load([Path(name) for name in names], folder, field=settings.field)
            for names in (settings.held_out, settings.texts)
        )
        numbers = measure(shipped, settings, text, train, tokenizer.mask)
    examples = [
        f"- `{row['text']}` " + ", ".join(f"`{text.strip() or '␣'}` {share:.0%}" for text, share in row["tops"])
        for row in samples.take(shipped, tokenizer, list(samples.SENTENCES))
    ]
    parameters = sum(parameter.numel() for parameter in shipped.parameters())
    learning.note(run, folder)
    story = story or of_trio(settings.family, settings, "small", "")
    said = card(folder.name, file, done, numbers, parameters, examples, story)
    (folder / "README.md").write_text(said, "utf-8")
    return numbers


def main(run_id: str, folder: str) -> None:
    numbers = publish(Run(paths.runs() / run_id), Path(folder))
    sys.stdout.write(f"{folder}: {numbers}\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -P -m core.training.publish RUN FOLDER")
    torch.set_num_threads(2)
    main(sys.argv[1], sys.argv[2])
