"""The sizes that have a name: shapes for the three families, matched in parameters, and what each is trained with."""

from __future__ import annotations

import msgspec

from core.errors import UserError
from core.settings import Family, Shape


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
    bert_inner: int
    """Narrower than GPT-2's, which is four times the width, where BERT's larger head would tip the balance."""
    length: int
    rows: int
    tokens: int
    """The budget when none is given."""
    recipes: dict[str, Recipe]
    about: str


PRESETS: dict[str, Preset] = {
    "tiny": Preset(
        layers=2, width=64, heads=2, lstm_layers=1, lstm_inner=126, bert_inner=240,
        length=64, rows=16, tokens=1_000_000,
        recipes={
            "bert": Recipe(lr=2e-3, warmup=100, clip=0.5, causal_start=0.35),
            "gpt2": Recipe(lr=3e-3, warmup=50),
            "lstm": Recipe(lr=6e-3, warmup=50, weight_decay=0.01),
        },
        about="to watch something happen in minutes on a laptop",
    ),
    "small": Preset(
        layers=4, width=192, heads=6, lstm_layers=2, lstm_inner=350, bert_inner=768,
        length=128, rows=8, tokens=26_500_000,
        recipes={
            "bert": Recipe(lr=1.5e-3, warmup=200, clip=0.5, causal_start=0.35),
            "gpt2": Recipe(lr=1.4e-3, warmup=200),
            "lstm": Recipe(lr=8e-3, warmup=200, weight_decay=0.01),
        },
        about="the bundled trio's size: two hours each on one core",
    ),
    "base": Preset(
        layers=8, width=256, heads=4, lstm_layers=2, lstm_inner=672, bert_inner=1024,
        length=128, rows=256, tokens=800_000_000,
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
    inner = {"bert": chosen.bert_inner, "gpt2": 4 * chosen.width, "lstm": chosen.lstm_inner}
    return Shape(
        vocabulary=vocabulary,
        layers=chosen.lstm_layers if lstm else chosen.layers,
        width=chosen.width,
        heads=0 if lstm else chosen.heads,
        inner=inner[family],
        positions=chosen.length,
    )
