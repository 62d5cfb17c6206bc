"""From what a person chose to the settings of a run. The form and the command line both go through here."""

from __future__ import annotations

import math
from typing import Literal

import msgspec

from core import origins, shapes
from core.errors import UserError
from core.presets import Preset, preset, shape
from core.settings import FAMILIES, FRAMES, Family, Frame, Shape, TrainSettings
from core.text import documentation
from core.texts import files, store, weight

__all__ = ["Choice", "settle", "store", "weight"]

LONGEST_RUN = 366 * 24 * 60
"""Minutes."""
MOST_TOKENS = 10**13
MOST_PARAMETERS = 10**10
MOST_ROWS = 2**16
LONGEST_WINDOW = 2**14


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a person may choose. What is left at its default is the preset's, or worked out from the rest."""

    family: Family
    texts: tuple[str, ...] = ()
    """Files and folders; none means the Python documentation on this machine."""
    preset: str = "tiny"
    layers: int = 0
    width: int = 0
    heads: int = 0
    inner: int = 0
    match: int = 0
    """Parameters to come within 2 % of; the width (where not given) and the inner width follow from it."""
    minutes: float = 0.0
    """One of `minutes`, `tokens` and `steps` is the budget; with none it is the preset's."""
    tokens: int = 0
    steps: int = 0
    """Whatever windows they read; reckoned as full ones where tokens are meant."""
    seed: int = 1
    held_out: tuple[str, ...] = ()
    field: str = "text"
    tokenizer: str = ""
    """A model's name or a folder; `new` or `new:SIZE` for one trained on the text; empty for the bundled one."""
    start: str = ""
    """The name or folder of a model to train further; it keeps its shape and its tokenizer."""
    threads: int = 0
    processes: int = 1
    causal_start: bool = True
    """Whether a BERT has the causal start of its recipe; without it, it is trained masked from the first step on."""
    replace: Literal["mask", "80/10/10"] = "mask"
    frame: Frame = "crops"
    """What a masked model's windows are."""
    lr: float = 0.0
    rows: int = 0
    length: int = 0
    dropout: float = -1.0
    """Negative for the recipe's."""


def settle(choice: Choice) -> TrainSettings:
    """The settings of the run that `choice` asks for.

    Without a text this may write the Python documentation down first, which takes seconds. Raises UserError for
    whatever a run cannot be made of.
    """
    if choice.family not in FAMILIES:
        raise UserError(f"There is no family called {choice.family}.", hint=f"The families are {', '.join(FAMILIES)}.")
    size = preset(choice.preset)
    recipe, fresh = size.recipes[choice.family], not choice.start
    _check(choice)
    tokenizer, form = _fresh(choice, size) if fresh else _further(choice, size)
    rows, length = choice.rows or size.rows, choice.length or min(size.length, form.positions)
    if choice.processes > rows:
        raise UserError(
            f"{choice.processes} processes cannot share {rows} windows.", hint="Choose fewer, or more rows."
        )
    texts, held_out = _texts(choice)
    return TrainSettings(
        family=choice.family,
        shape=form,
        texts=texts,
        held_out=held_out,
        field=choice.field if choice.texts else "text",
        tokenizer=tokenizer,
        start="" if fresh else tokenizer,
        tokens=_tokens(choice, size, rows * length),
        steps=choice.steps,
        minutes=choice.minutes,
        rows=rows,
        length=length,
        lr=choice.lr or (recipe.lr if fresh else recipe.lr / 5),
        warmup=recipe.warmup,
        clip=recipe.clip,
        weight_decay=recipe.weight_decay,
        dropout=recipe.dropout if choice.dropout < 0 else choice.dropout,
        replace=choice.replace,
        frame=choice.frame,
        causal_start=recipe.causal_start if choice.causal_start and fresh else 0.0,
        seed=choice.seed,
        threads=choice.threads,
        processes=choice.processes,
        canary=fresh,  # starting again would throw away what the model had learnt before
    )


def _check(choice: Choice) -> None:
    """Refuse numbers outside what they may be, whatever the rest is."""
    largest = 2**20
    for name, value, least, most in (
        ("layers", choice.layers, 0, 1000),
        ("width", choice.width, 0, largest),
        ("heads", choice.heads, 0, largest),
        ("inner width", choice.inner, 0, largest),
        ("number of parameters to match", choice.match, 0, MOST_PARAMETERS),
        ("number of rows", choice.rows, 0, MOST_ROWS),
        ("seed", choice.seed, 0, 2**63 - 1),
        ("number of threads", choice.threads, 0, 4096),
        ("number of processes", choice.processes, 1, 4096),
        ("learning rate", choice.lr, 0, 1),
        ("dropout", choice.dropout, -math.inf, 0.9),
    ):
        if not least <= value <= most:  # neither is true of NaN
            if least == 0 and name not in ("seed", "number of threads", "learning rate"):
                least = 1  # nothing chosen is 0, which nobody needs to be told
            limits = f"from {least} to {most:,}" if least > -math.inf else f"up to {most:,}"
            raise UserError(f"The {name} cannot be {value:,}.", hint=f"It may be {limits}.")
    if choice.length and not shapes.SHORTEST <= choice.length <= LONGEST_WINDOW:
        raise UserError(
            f"Windows cannot be {choice.length:,} tokens long.",
            hint=f"They may be from {shapes.SHORTEST} to {LONGEST_WINDOW:,} long.",
        )
    if choice.replace not in ("mask", "80/10/10"):
        raise UserError(f"Nothing can be hidden by {choice.replace}.", hint="Choose mask or 80/10/10.")
    if choice.frame not in FRAMES:
        raise UserError(f"Windows cannot be {choice.frame}.", hint=f"They may be {', '.join(FRAMES)}.")
    if choice.frame != "crops" and choice.family != "bert":
        raise UserError(
            f"The windows of a {choice.family} cannot be {choice.frame}.",
            why="Only a masked model is trained on others than crops.",
            hint="Train a bert, or leave them as they are.",
        )
    if not choice.field:
        raise UserError("The field with the text has no name.", hint="It is usually called text.")


def _tokens(choice: Choice, size: Preset, step: int) -> int:
    """The budget in tokens, `step` of them in a full step; 0 where it is minutes. Raises UserError."""
    given = {"minutes": choice.minutes, "tokens": choice.tokens, "steps": choice.steps}
    asked = [name for name, value in given.items() if value]
    if len(asked) > 1:
        raise UserError(f"The budget is given twice: {' and '.join(asked)}.", hint="Give one of them.")
    if choice.minutes:
        if not 0 < choice.minutes <= LONGEST_RUN:
            raise UserError(f"A run cannot take {choice.minutes:,} minutes.", hint="Give more than 0, a year at most.")
        return 0
    tokens = choice.steps * step or choice.tokens or size.tokens
    if tokens < step:
        raise UserError(
            f"A budget of {tokens:,} tokens is less than one step.", why=f"A step is {step:,}.", hint="Give it more."
        )
    if tokens > MOST_TOKENS:
        raise UserError(f"A budget of {tokens:,} tokens is too large.", hint=f"Give at most {MOST_TOKENS:,}.")
    return tokens


def _texts(choice: Choice) -> tuple[list[str], list[str]]:
    """The files to train on and those to check with. Raises UserError for what is no text, or named for both."""
    texts = files(choice.texts, choice.field) if choice.texts else [documentation.file()]
    held_out = files(choice.held_out, choice.field) if choice.held_out else []
    if both := set(texts) & set(held_out):
        raise UserError(f"{min(both)} would be trained on and held out.", hint="Name it for one of them.")
    return [str(path) for path in texts], [str(path) for path in held_out]


def _further(choice: Choice, size: Preset) -> tuple[str, Shape]:
    """Folder and shape of the model that is trained further. Raises UserError for what would change it."""
    given = ("layers", "width", "heads", "inner", "match", "tokenizer")
    if changed := [name for name in given if getattr(choice, name)]:
        raise UserError(
            f"{choice.start} keeps its own {changed[0]}.",
            why="Training goes on from its weights, which have a shape and a vocabulary.",
            hint=f"Leave {', '.join(changed)} out, or train from scratch.",
        )
    folder, form = origins.model(choice.start, choice.family)
    if (entries := origins.entries(folder, choice.family == "bert")) > form.vocabulary:
        raise UserError(
            f"The tokenizer in {folder} does not fit its model.",
            why=f"It has {entries:,} entries, the model {form.vocabulary:,}.",
        )
    least = choice.length or min(shapes.SHORTEST, size.length)
    if least > form.positions:
        raise UserError(
            f"{choice.start} cannot read windows of {least:,} tokens.", why=f"It has {form.positions:,} positions."
        )
    return str(folder), form


def _fresh(choice: Choice, size: Preset) -> tuple[str, Shape]:
    """Tokenizer and shape of a new model. Raises UserError for numbers that do not go together."""
    vocabulary, tokenizer = origins.new_size(choice.tokenizer), "new"
    if not vocabulary:
        folder = origins.tokenizer(choice.tokenizer, choice.family)
        vocabulary, tokenizer = origins.entries(folder, choice.family == "bert"), str(folder)
    if choice.family == "lstm" and choice.heads:
        raise UserError("An LSTM has no heads.", hint="Leave them out.")
    form = _matched(choice, vocabulary) if choice.match else _shaped(choice, size, vocabulary)
    if (count := shapes.parameters(choice.family, form)) > MOST_PARAMETERS:
        raise UserError(
            f"A model of {count:,} parameters is too large.", hint="Choose a smaller width or fewer layers."
        )
    return tokenizer, form


def _matched(choice: Choice, vocabulary: int) -> Shape:
    if choice.heads or choice.inner:
        raise UserError("Heads and inner width follow from the number of parameters to match.", hint="Leave them out.")
    return shapes.matched(
        choice.family, choice.preset, vocabulary, choice.match,
        layers=choice.layers, width=choice.width, positions=choice.length,
    )  # fmt: skip


def _shaped(choice: Choice, size: Preset, vocabulary: int) -> Shape:
    """The preset's shape with what was chosen instead; the rest keeps its proportions."""
    named = shape(choice.family, choice.preset, vocabulary)
    width = choice.width or named.width
    heads = 0 if choice.family == "lstm" else choice.heads or shapes.heads(width, size.width // size.heads)
    if heads and width % heads:
        raise UserError(f"{heads} heads do not divide a width of {width}.", hint="Choose a multiple.")
    return msgspec.structs.replace(
        named,
        layers=choice.layers or named.layers,
        width=width,
        heads=heads,
        inner=choice.inner or round(named.inner * width / named.width),
        positions=choice.length or named.positions,
    )
