"""What a run may begin with, read from small JSON files without torch: a tokenizer, or a model to train further."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from core import catalogue, paths
from core.errors import UserError
from core.settings import Family, Shape
from core.text import roles

SMALLEST, LARGEST = 300, 65_536
"""Entries of a vocabulary: 256 bytes and five special tokens are in every one of ours; ids are kept in 16 bits."""
NEW = 4096
"""Entries of a new tokenizer where nobody says how many."""

_NAMES: dict[str, tuple[Family, tuple[str, ...]]] = {
    "BertForMaskedLM": ("bert", ("vocab_size", "num_hidden_layers", "hidden_size", "num_attention_heads",
                                 "intermediate_size", "max_position_embeddings")),
    "GPT2LMHeadModel": ("gpt2", ("vocab_size", "n_layer", "n_embd", "n_head", "n_inner", "n_positions")),
    "LookbothLstmForCausalLM": ("lstm", ("vocab_size", "num_layers", "embedding_size", "", "hidden_size",
                                         "max_position_embeddings")),
}  # fmt: skip
"""Architecture -> family, and what config.json calls the fields of a Shape, in their order."""


def new_size(tokenizer: str) -> int:
    """Entries that `new` or `new:SIZE` asks for; 0 where `tokenizer` names one that exists. Raises UserError."""
    asked = re.fullmatch(r"new(?::(.*))?", tokenizer)
    if asked is None:
        return 0
    size = (asked[1] or str(NEW)).replace(",", "").replace("_", "")
    if not re.fullmatch(r"\d{1,9}", size, re.ASCII) or not SMALLEST <= int(size) <= LARGEST:
        raise UserError(
            f"A new tokenizer cannot have {asked[1]} entries.",
            hint=f"Give a number from {SMALLEST} to {LARGEST:,}, as in new:{NEW}.",
        )
    return int(size)


def tokenizer(name: str, family: Family) -> Path:
    """The folder with the `tokenizer.json` that `name` means: a folder, a model, or (empty) the bundled model's.

    Raises UserError when there is none.
    """
    chosen = name or family
    own = Path(chosen).expanduser()
    if chosen in catalogue.BUNDLED:
        return (paths.assets() / "models" / chosen).resolve()
    return (own if (own / "tokenizer.json").is_file() else Path(catalogue.resolve(chosen).folder)).resolve()


def entries(folder: Path, masked: bool) -> int:
    """Entries of the tokenizer in `folder`, once it was seen to fit: [CLS] and [SEP] by whatever names, and a mask.

    Raises UserError for one that a model cannot be trained with.
    """
    vocabulary = _vocabulary(folder)
    numbers = {number: token for token, number in vocabulary.items()}
    found = roles.roles(folder, vocabulary.get, numbers.get)
    for what, number, wanted in (
        ("start", found.start, True), ("end", found.end, True), ("mask", found.mask, masked)
    ):  # fmt: skip
        if wanted and number is None:
            raise UserError(
                f"The tokenizer in {folder} has no {what} token.",
                why="A masked model is trained with it." if what == "mask" else "Every text is framed by two.",
                hint="Choose another tokenizer, or have one trained on the text: new.",
            )
    if (size := max(numbers) + 1) > LARGEST:
        raise UserError(f"The tokenizer in {folder} has {size:,} entries.", why=f"At most {LARGEST:,} can be trained.")
    return size


def _vocabulary(folder: Path) -> dict[str, int]:
    try:
        parts = json.loads((folder / "tokenizer.json").read_text("utf-8"))
        tokens = parts["model"]["vocab"]
        if isinstance(tokens, list):  # a unigram model lists pieces and their scores
            tokens = {piece[0]: number for number, piece in enumerate(tokens)}
        found = {str(token): int(number) for token, number in tokens.items()}
        found |= {str(token["content"]): int(token["id"]) for token in parts["added_tokens"]}
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(f"{folder} holds no tokenizer to train with.", why=f"tokenizer.json: {error}.") from error
    if not found:
        raise UserError(f"{folder} holds no tokenizer to train with.", why="tokenizer.json has no entries.")
    return found


def model(name: str, family: Family) -> tuple[Path, Shape]:
    """The folder and the shape of the model called `name`, of `family`, that is to be trained further.

    Raises UserError for a model that does not exist, is of another family or architecture, or does not say its sizes.
    """
    entry = catalogue.resolve(name)
    if entry.architecture not in _NAMES:
        raise UserError(
            f"{name} cannot be trained further.",
            why=f"It is a {entry.architecture[:80] or 'model without an architecture'}.",
            hint=f"Choose one of these: {', '.join(_NAMES)}.",
        )
    kind, names = _NAMES[entry.architecture]
    if kind != family:
        raise UserError(f"{name} is not a {family}.", why=f"It is a {kind}.", hint="Name its own family.")
    folder = Path(entry.folder).resolve()
    vocabulary, layers, width, heads, inner, positions = _sizes(roles.read(folder / "config.json"), names, folder)
    if heads and width % heads:
        raise UserError(f"{folder} does not add up.", why=f"{heads} heads do not divide a width of {width}.")
    return folder, Shape(
        vocabulary=vocabulary, layers=layers, width=width, heads=heads, inner=inner, positions=positions
    )


def _sizes(config: dict[str, Any], names: tuple[str, ...], folder: Path) -> list[int]:
    sizes: list[int] = []
    for name in names:
        value = config.get(name, 0 if not name else None)
        if name == "n_inner" and value is None:
            value = 4 * sizes[2]  # GPT-2's default
        if type(value) is not int or (name and not 1 <= value < 2**31):
            raise UserError(f"{folder / 'config.json'} is wrong.", why=f"It says that {name} is {str(value)[:40]}.")
        sizes.append(value)
    return sizes
