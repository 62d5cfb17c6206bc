"""What a training run is made of, as it is saved with the run. Presets are settings with a name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import msgspec

from core.errors import UserError

Family = Literal["bert", "gpt2", "lstm"]
FAMILIES: tuple[Family, ...] = ("bert", "gpt2", "lstm")


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """The sizes of a network. `inner` is a Transformer's feed-forward width or an LSTM's hidden width."""

    vocabulary: int
    layers: int
    width: int
    heads: int
    """Attention heads; 0 for an LSTM."""
    inner: int
    positions: int
    """The longest window in tokens, special tokens counted."""


class TrainSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decides what a run computes. Two runs with equal settings on one machine are equal."""

    family: Family
    shape: Shape
    texts: list[str]
    """Files that were read, as absolute paths."""
    held_out: list[str] = []
    """Files that are only evaluated on; without any, every 50th document of the texts is held out."""
    tokenizer: str
    """Folder with the `tokenizer.json` that cut the text."""
    tokens: int
    """Input tokens to train on in all: the budget that a fair comparison holds equal."""
    rows: int
    """Windows in a batch."""
    length: int
    """Tokens in a full window."""
    short: float = 0.25
    """Share of batches with shorter windows, so that every length is familiar."""
    lr: float
    warmup: int
    """Steps of linear warm-up; then the rate falls along a cosine to zero."""
    weight_decay: float = 0.1
    clip: float = 1.0
    dropout: float = 0.0
    mask_from: float = 0.3
    """Share of masked tokens at the start of masked training, falling linearly to `mask_to`."""
    mask_to: float = 0.15
    causal_start: float = 0.0
    """Share of a masked model's steps that are trained causally first (arXiv 2507.00994)."""
    seed: int = 1
    threads: int = 0
    """Torch threads; 0 leaves the choice to torch."""
    checkpoint_seconds: int = 120
    evaluate_every: int = 500
    """Steps between two looks at the held-out text."""


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """What a family is trained with; the same number of trials went into each."""

    lr: float
    warmup: int
    clip: float = 1.0
    weight_decay: float = 0.1
    dropout: float = 0.0
    causal_start: float = 0.0


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """A size with a name: shapes for the three families, matched in parameters within 2 %, and their recipes."""

    layers: int
    width: int
    heads: int
    lstm_layers: int
    lstm_inner: int
    length: int
    rows: int
    tokens: int
    """The budget when none is given."""
    recipes: dict[str, Recipe]
    about: str


PRESETS: dict[str, Preset] = {
    "tiny": Preset(
        layers=2, width=64, heads=2, lstm_layers=1, lstm_inner=128, length=64, rows=16, tokens=1_000_000,
        recipes={
            "bert": Recipe(lr=2e-3, warmup=100, clip=0.5, causal_start=0.35),
            "gpt2": Recipe(lr=3e-3, warmup=50),
            "lstm": Recipe(lr=6e-3, warmup=50, weight_decay=0.01),
        },
        about="to watch something happen in minutes on a laptop",
    ),
    "small": Preset(
        layers=4, width=192, heads=6, lstm_layers=2, lstm_inner=350, length=128, rows=8, tokens=26_500_000,
        recipes={
            "bert": Recipe(lr=1.5e-3, warmup=200, clip=0.5, causal_start=0.35),
            "gpt2": Recipe(lr=2e-3, warmup=200),
            "lstm": Recipe(lr=4e-3, warmup=200, weight_decay=0.01),
        },
        about="the bundled trio's size: two hours each on one core",
    ),
    "base": Preset(
        layers=8, width=256, heads=4, lstm_layers=2, lstm_inner=672, length=128, rows=256, tokens=800_000_000,
        recipes={
            "bert": Recipe(lr=7e-4, warmup=1500, clip=0.5, dropout=0.1, causal_start=0.35),
            "gpt2": Recipe(lr=1.5e-3, warmup=500, dropout=0.1),
            "lstm": Recipe(lr=2e-3, warmup=500, clip=0.5, weight_decay=0.01, dropout=0.2),
        },
        about="8M parameters: minutes on a data-centre GPU, days on a laptop",
    ),
}  # fmt: skip


def preset(name: str) -> Preset:
    """The preset called `name`. Raises UserError for a name that does not exist."""
    if name not in PRESETS:
        raise UserError(f"There is no size called {name}.", hint=f"The sizes are {', '.join(PRESETS)}.")
    return PRESETS[name]


def shape(family: Family, size: str, vocabulary: int) -> Shape:
    """The shape of `family` at the preset called `size`."""
    chosen = preset(size)
    lstm = family == "lstm"
    return Shape(
        vocabulary=vocabulary,
        layers=chosen.lstm_layers if lstm else chosen.layers,
        width=chosen.width,
        heads=0 if lstm else chosen.heads,
        inner=chosen.lstm_inner if lstm else 4 * chosen.width,
        positions=chosen.length,
    )


def vocabulary_size(tokenizer: Path) -> int:
    """Entries of the tokenizer in a folder. Raises UserError when there is none that training can use."""
    try:
        parts = json.loads((tokenizer / "tokenizer.json").read_text("utf-8"))
        ids = [*parts["model"]["vocab"].values(), *(token["id"] for token in parts["added_tokens"])]
        return int(max(ids)) + 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{tokenizer} holds no tokenizer to train with.", why=str(error)) from error


def plan(
    family: Family,
    texts: list[Path],
    size: str,
    tokenizer: Path,
    tokens: int | None = None,
    held_out: list[Path] | None = None,
    seed: int = 1,
    threads: int = 0,
) -> TrainSettings:
    """The settings of a run of `family` on `texts` at the preset called `size`, `tokens` long.

    Raises UserError for an unknown size or family, a budget below one step, or a missing file.
    """
    chosen = preset(size)
    if family not in FAMILIES:
        raise UserError(f"There is no family called {family}.", hint=f"The families are {', '.join(FAMILIES)}.")
    budget = chosen.tokens if tokens is None else tokens
    if budget < chosen.rows * chosen.length:
        raise UserError(f"A budget of {budget} tokens is less than one step.", hint="Give it more.")
    for path in [*texts, *(held_out or [])]:
        if not path.exists():
            raise UserError(f"There is no file {path}.")
    recipe = chosen.recipes[family]
    return TrainSettings(
        family=family,
        shape=shape(family, size, vocabulary_size(tokenizer)),
        texts=[str(path.resolve()) for path in texts],
        held_out=[str(path.resolve()) for path in held_out or []],
        tokenizer=str(tokenizer.resolve()),
        tokens=budget,
        rows=chosen.rows,
        length=chosen.length,
        lr=recipe.lr,
        warmup=recipe.warmup,
        clip=recipe.clip,
        weight_decay=recipe.weight_decay,
        dropout=recipe.dropout,
        causal_start=recipe.causal_start,
        seed=seed,
        threads=threads,
    )
