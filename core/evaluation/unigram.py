"""The baseline: how frequent each token is, and nothing else.

    python -P -m core.evaluation.unigram wiki.train.txt.xz …

counts the tokens of the texts that the bundled models were trained on and writes `assets/results/unigram.json`.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Literal

import msgspec
import torch
from torch import Tensor, nn

from core import paths
from core.evaluation.items import Pairs, Set, Text
from core.evaluation.job import Found
from core.messages import UNIGRAM, Identity, Measure
from core.models.model import Model
from core.runs import write_atomically
from core.text import stream
from core.text.tokens import Tokenizer

WINDOW = 4096
_CPU = torch.device("cpu")
_TWINS = {
    "nats": ("masked_nats_15", "single_mask_nats"),
    "top1": ("masked_top1_15", "single_mask_top1"),
}
"""Measures of a causal model -> the questions of masked models to which a unigram has the same answer."""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """`assets/results/unigram.json`: the frequencies of a training text."""

    tokenizer: str
    """SHA-256 of the tokenizer.json it was cut with."""
    texts: list[str]
    tokens: int
    logprobs: list[float]
    """Natural, of every token by add-one counts."""


class Unigram(nn.Module):
    """A network that says the same everywhere: `logprobs` (vocabulary,)."""

    kind: Literal["causal"] = "causal"
    context = WINDOW

    def __init__(self, logprobs: Tensor) -> None:
        super().__init__()
        self.logprobs = nn.Parameter(logprobs, requires_grad=False)

    def states(self, ids: Tensor, lengths: Tensor | None, rows: Tensor, columns: Tensor) -> Tensor:
        """Nothing is known (N, 0) at the places (rows, columns) of ids (B, T)."""
        return torch.empty(len(rows), 0)

    def head(self, states: Tensor) -> Tensor:
        """Logits (N, vocabulary), the same for every state."""
        return self.logprobs.expand(len(states), -1)

    def read(self, ids: Tensor, lengths: Tensor | None, rows: Tensor, columns: Tensor) -> Tensor:
        """Logits (N, vocabulary) at the places (rows, columns) of ids (B, T)."""
        return self.head(self.states(ids, lengths, rows, columns))


def baseline(asked: Set) -> tuple[Model, str]:
    """The unigram as a model with the tokenizer of the bundled trio, and a sentence that says what was counted.

    The training text of the bundled models where its frequencies shipped for this tokenizer; else the set itself.
    """
    folder = _folder()
    tokenizer = Tokenizer.load(folder)
    shipped = _shipped(folder)
    if shipped:
        logprobs = torch.tensor(shipped.logprobs)
        texts = ", ".join(shipped.texts)
        note = f"The unigram counts the {shipped.tokens:,} training tokens of the bundled models ({texts})."
    else:
        logprobs = _counted(asked, tokenizer)
        note = f"The unigram of {asked.about.name} counts the tokens of that set itself, which flatters it."
    return _model(logprobs, tokenizer), note


def everywhere(found: Found) -> Found:
    """What the unigram says where masked models are asked: the same, for it reads nothing."""
    measures: list[Measure] = []
    for measure in found.measures:
        twins = list(_TWINS.get(measure.name, ()))
        if measure.name.startswith("left_"):
            twins = [f"both_{measure.name.removeprefix('left_')}"]
        measures += [measure, *(msgspec.structs.replace(measure, name=twin) for twin in twins)]
    return Found(measures, found.groups, found.notes)


def _folder() -> Path:
    return paths.assets() / "models" / "bert"


def _asset() -> Path:
    return paths.assets() / "results" / "unigram.json"


def _digest(folder: Path) -> str:
    return hashlib.sha256((folder / "tokenizer.json").read_bytes()).hexdigest()


def _shipped(folder: Path) -> Table | None:
    if not _asset().is_file():
        return None
    table = msgspec.json.decode(_asset().read_bytes(), type=Table)
    return table if table.tokenizer == _digest(folder) else None


def _counted(asked: Set, tokenizer: Tokenizer) -> Tensor:
    """Log-probabilities (vocabulary,) by add-one counts over everything in a set."""
    counts = torch.ones(tokenizer.vocabulary, dtype=torch.float64)
    for text in _texts(asked):
        ids = torch.tensor(tokenizer.encode(text).ids, dtype=torch.long)
        counts += torch.bincount(ids, minlength=tokenizer.vocabulary)
    return (counts / counts.sum()).log().float()


def _texts(asked: Set) -> list[str]:
    if isinstance(asked, Text):
        return [asked.text]
    if isinstance(asked, Pairs):
        return [sentence for pair in asked.items for sentence in pair[:2]]
    return [fact.left + fact.answer + fact.right for fact in asked.items]


def _model(logprobs: Tensor, tokenizer: Tokenizer) -> Model:
    revision = hashlib.sha256(logprobs.numpy().tobytes()).hexdigest()[:12]
    identity = Identity(
        name=UNIGRAM, source="bundled", kind="causal", architecture="Unigram", revision=revision,
        parameters=len(logprobs), context=WINDOW, vocabulary=len(logprobs), device="cpu", dtype="float32",
    )  # fmt: skip
    return Model(identity, tokenizer, Unigram(logprobs), _CPU)


def main(names: list[str]) -> None:
    folder = _folder()
    read = stream.load([Path(name) for name in names], folder)
    logprobs = read.unigram(Tokenizer.load(folder).vocabulary)
    table = Table(
        tokenizer=_digest(folder),
        texts=[Path(name).name for name in names],
        tokens=len(read),
        logprobs=[round(value, 5) for value in logprobs.tolist()],
    )
    write_atomically(_asset(), msgspec.json.encode(table) + b"\n")
    sys.stdout.write(f"{_asset()}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
