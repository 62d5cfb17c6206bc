"""The `config.json` of a foreign model: keys that are refused or dropped, and sizes that must fit the weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import UserError
from core.messages import Kind
from core.models.header import Piece

REFUSED = {
    "auto_map": "names Python code in the model's folder",
    "custom_pipelines": "names Python code in the model's folder",
    "trust_remote_code": "asks to run Python code",
    "quantization_config": "says that the weights are quantized",
    "compression_config": "says that the weights are quantized",
}
"""Keys that make a model unfit for the lab unless they are empty, and what each of them means."""

DROPPED = ("_attn_implementation", "attn_implementation", "_experts_implementation", "experts_implementation",
           "transformers_weights", "fusion_config", "kernel_config", "distributed_config",
           "_name_or_path", "name_or_path", "_commit_hash")  # fmt: skip
"""Beginnings of keys that choose code, files or places instead of describing a network (CVE-2026-4372)."""

HEADS: dict[str, tuple[str, ...]] = {
    "bert": ("cls.predictions.transform.dense.weight", "cls.predictions.bias"),
}
"""Tensors of the output that are tied to nothing: without them every prediction would be noise."""

SIZES = {
    "bert": ("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
             "max_position_embeddings"),
    "gpt2": ("vocab_size", "n_embd", "n_layer", "n_head", "n_positions"),
    "lookboth_lstm": ("vocab_size", "embedding_size", "hidden_size", "num_layers", "max_position_embeddings"),
}  # fmt: skip
"""What a configuration of the lab's own three architectures must say."""

BODIES: dict[str, Kind] = {
    "BertForPreTraining": "masked", "BertModel": "masked", "GPT2DoubleHeadsModel": "causal", "GPT2Model": "causal",
}  # fmt: skip
"""Classes that may hold a language-modelling head although their name does not say so; the tensors decide."""


def clean(config: dict[str, Any], path: Path) -> dict[str, Any]:
    """`config` without the keys of DROPPED, at any depth. Raises UserError for a key of REFUSED that says something."""
    kept: dict[str, Any] = {}
    for key, value in config.items():
        if key in REFUSED:
            if value:
                raise _refused(key, path)
        elif not key.startswith(DROPPED):
            kept[key] = _clean(value, path)
    return kept


def _clean(value: Any, path: Path) -> Any:
    if isinstance(value, dict):
        return clean(value, path)
    return [_clean(item, path) for item in value] if isinstance(value, list) else value


def _refused(key: str, path: Path) -> UserError:
    if "quantized" in REFUSED[key]:
        hint = "Open the model it was made from, with weights of 16 or 32 bits."
    else:
        hint = f"If transformers itself knows this architecture, take {key} out of a copy of config.json and open that."
    return UserError(f"{path} {REFUSED[key]} ({key}).", why="The lab does not open such models.", hint=hint)


def kind(config: dict[str, Any], path: Path) -> Kind:
    """Whether the model is masked or causal. Raises UserError where it cannot predict words at all."""
    if not isinstance(config.get("model_type"), str):
        raise UserError(f"{path} does not say which architecture this is.", hint="It needs a model_type.")
    classes = config.get("architectures")
    name = str(classes[0]) if isinstance(classes, list) and classes else ""
    if name in BODIES:
        return BODIES[name]
    if name.endswith("ForMaskedLM"):
        return "masked"
    if name.endswith(("ForCausalLM", "LMHeadModel")):
        return "causal"
    raise UserError(
        f"{path.parent} has no language-modelling head.",
        why=f"config.json calls it a {name[:80] or 'model without a class'}, which does not predict words.",
        hint="Open a checkpoint whose architectures end in ForMaskedLM, ForCausalLM or LMHeadModel.",
    )


def fits(config: dict[str, Any], pieces: dict[str, Piece], path: Path) -> None:
    """Check that the sizes in `config` can be those of the weights, before memory is asked for.

    Every product below is a table or a stack that must be among the numbers on disk. Raises UserError otherwise.
    """
    held = sum(piece.numbers for piece in pieces.values())
    own = str(config["model_type"]) in SIZES
    for key in SIZES.get(str(config["model_type"]), ()):
        if key not in config:
            raise UserError(f"{path} does not say {key}.", hint="Get the file again from where it was published.")
    width = _size(config, ("embedding_size", "n_embd", "hidden_size", "d_model", "dim"), path)
    layers = _size(config, ("num_hidden_layers", "n_layer", "num_layers", "n_layers"), path)
    positions = _size(config, ("max_position_embeddings", "n_positions"), path)
    inner = _size(config, ("intermediate_size", "n_inner", "hidden_size"), path)
    heads = _size(config, ("num_attention_heads", "n_head"), path)
    vocabulary = _size(config, ("vocab_size",), path)
    learned = own and config["model_type"] != "lookboth_lstm"
    if (
        vocabulary * width > held
        or inner * width > held
        or layers > len(pieces)
        or positions > 2**24
        or (learned and positions * width > held)
    ):
        raise UserError(
            f"{path} does not fit its weights.",
            why=f"It asks for {layers:,} layers of width {width:,} and {vocabulary:,} tokens; "
            f"the weights are {len(pieces):,} tensors with {held:,} numbers.",
            hint="Get both files again from where they were published.",
        )
    if learned and width % heads:
        raise UserError(f"{path} does not add up.", why=f"{heads} heads do not divide a width of {width}.")


def _size(config: dict[str, Any], keys: tuple[str, ...], path: Path) -> int:
    """The first of `keys` that `config` states; 1 where it states none, or a list with one size a layer."""
    value = next((config[key] for key in keys if config.get(key) is not None), 1)
    if isinstance(value, list):
        return 1
    if type(value) is not int or value < 1:
        raise UserError(f"{path} is wrong.", why=f"{keys[0]} should be a number above zero and is {str(value)[:40]}.")
    return value


def has_head(config: dict[str, Any], pieces: dict[str, Piece], folder: Path) -> None:
    """Refuse a checkpoint of ours without its output: it would predict plausible noise. Others are asked on loading."""
    architecture = str(config["model_type"])
    needed = HEADS.get(architecture, ())
    if architecture == "gpt2" and not config.get("tie_word_embeddings", True):
        needed = ("lm_head.weight",)
    for name in needed:
        if name not in pieces:
            raise UserError(
                f"{folder} has no language-modelling head.",
                why=f"Its weights have no {name}, so the predictions would be noise.",
                hint="Use a checkpoint that was saved with its head (…ForMaskedLM, …LMHeadModel).",
            )
