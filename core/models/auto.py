"""Every other masked or causal architecture, through the Auto classes of `transformers`.

The only file that lets `transformers` open a folder. It is shown a folder of links that holds what intake let in and
nothing else: the cleaned configuration and the weights. What it returns is believed only after it was tried: no
missing tensor, no look at padding, no look to the right by a causal model.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.environment import ENVIRONMENT
from core.errors import UserError
from core.messages import Kind
from core.models.intake import Intake

SAME = 1e-3
"""Nats within which two log-probabilities count as the same prediction."""
UNBOUNDED = 2048
"""Window for architectures that state none, such as state-space models."""


class Foreign(nn.Module):
    """A model of `transformers` behind the face of our own networks."""

    def __init__(self, model: Any, kind: Kind) -> None:
        super().__init__()
        self.model = model
        self.kind = kind
        self.context = _context(model)
        pad = getattr(model.config.get_text_config(), "pad_token_id", None)
        self.pad = pad if type(pad) is int and 0 <= pad < model.get_input_embeddings().weight.shape[0] else 0
        self.early = model.get_output_embeddings() is not None
        """Whether the output layer can be given the asked places alone."""
        self.apart = self.early
        """Whether its answer is all: nothing caps or scales the logits afterwards."""

    def read(self, ids: Tensor, lengths: Tensor | None, rows: Tensor, columns: Tensor) -> Tensor:
        """Logits (N, vocabulary) at the places (rows, columns) of ids (B, T); columns from `lengths` on are padding."""
        if not self.early:
            return self._logits(ids, lengths)[rows, columns]
        head = self.model.get_output_embeddings()
        hook = head.register_forward_pre_hook(lambda _, given: (given[0][rows, columns], *given[1:]))
        try:
            return self._logits(ids, lengths)
        finally:
            hook.remove()

    def states(self, ids: Tensor, lengths: Tensor | None, rows: Tensor, columns: Tensor) -> Tensor:
        """What `head` turns into the logits of `read`: what the output layer is given, else the logits themselves."""
        if not self.apart:
            return self.read(ids, lengths, rows, columns)
        given: list[Tensor] = []

        def keep(_: Any, handed: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            given.append(handed[0][rows, columns])
            return handed[0][:0], *handed[1:]

        hook = self.model.get_output_embeddings().register_forward_pre_hook(keep)
        try:
            self._logits(ids, lengths)
        finally:
            hook.remove()
        return given[0]

    def head(self, states: Tensor) -> Tensor:
        """Logits (N, vocabulary) of states (N, …)."""
        logits: Tensor = self.model.get_output_embeddings()(states) if self.apart else states
        return logits

    def _logits(self, ids: Tensor, lengths: Tensor | None) -> Tensor:
        mask = None
        if lengths is not None:
            real = torch.arange(ids.shape[1], device=ids.device)[None, :] < lengths[:, None]
            # Some architectures look at neighbours or count positions by the padding token itself.
            mask, ids = real.long(), ids.masked_fill(~real, self.pad)
        logits: Tensor = self.model(input_ids=ids, attention_mask=mask).logits
        return logits


def load(found: Intake, device: torch.device) -> Foreign:
    """The network in the folder `found`, on the CPU, made for `device`. Raises UserError when it cannot be trusted."""
    transformers = _transformers()
    name = str(found.config["model_type"])
    if name not in transformers.CONFIG_MAPPING:
        raise UserError(
            f"The architecture {name[:80]} of {found.folder} is not known.",
            why=f"transformers {transformers.__version__} has no code for it, and code from a model folder is not run.",
        )
    with tempfile.TemporaryDirectory(prefix="lookboth-") as stage:
        _stage(found, Path(stage))
        try:
            model, report = _open(stage, found.kind, device)
            _complete(report, type(model).__name__, found.folder)
            net = Foreign(model, found.kind)
            _try(net, found.folder)
        except (UserError, MemoryError):
            raise
        except Exception as error:  # a library that meets a strange folder may raise anything; the person needs to know
            first = (str(error).strip() or "no word").splitlines()[0]
            raise UserError(
                f"transformers cannot use {found.folder}.", why=f"{type(error).__name__}: {first}"
            ) from error
    return net


def _transformers() -> Any:
    """The library, silent and offline. It reads the environment when it is imported."""
    os.environ.update(ENVIRONMENT)
    import transformers

    logging: Any = transformers.utils.logging
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    return transformers


def _stage(found: Intake, stage: Path) -> None:
    """Fill `stage` with the cleaned configuration, links to the weights and an index where there are several."""
    (stage / "config.json").write_text(json.dumps(found.config), "utf-8")
    for path in found.weights:
        (stage / path.name).symlink_to(path.resolve())
    index = "model.safetensors.index.json"
    if (stage / "model.safetensors") not in (stage / path.name for path in found.weights):
        (stage / index).write_bytes((found.folder / index).read_bytes())


def _open(stage: str, kind: Kind, device: torch.device) -> tuple[Any, dict[str, Any]]:
    """The model in the folder `stage` in float32, and what `transformers` reports about loading it."""
    from transformers import (
        MODEL_FOR_CAUSAL_LM_MAPPING,
        MODEL_FOR_MASKED_LM_MAPPING,
        AutoConfig,
        AutoModelForCausalLM,
        AutoModelForMaskedLM,
    )

    config = AutoConfig.from_pretrained(stage, trust_remote_code=False, local_files_only=True)
    masked = kind == "masked"
    classes = MODEL_FOR_MASKED_LM_MAPPING if masked else MODEL_FOR_CAUSAL_LM_MAPPING
    if type(config) not in classes:
        raise UserError(f"transformers has no {kind} language model of the type {config.model_type}.")
    found = classes[type(config)]
    options = found if isinstance(found, (tuple, list)) else (found,)
    # Attention kernels of the Metal backend have been wrong in several releases; the plain formula is not.
    fused = device.type != "mps" and all(getattr(option, "_supports_sdpa", False) for option in options)
    if hasattr(config.get_text_config(), "use_cache"):
        config.get_text_config().use_cache = False
    auto = AutoModelForMaskedLM if masked else AutoModelForCausalLM
    loaded: Any = auto.from_pretrained(
        stage,
        config=config,
        trust_remote_code=False,
        use_safetensors=True,
        local_files_only=True,
        weights_only=True,
        attn_implementation="sdpa" if fused else "eager",
        dtype=torch.float32,
        output_loading_info=True,
    )
    return loaded[0], loaded[1]


def _complete(report: dict[str, Any], architecture: str, folder: Path) -> None:
    """Raise UserError when a tensor was not in the weights: `transformers` would have filled it with noise."""
    if missing := sorted(report["missing_keys"]):
        raise UserError(
            f"{folder} is not a whole {architecture}.",
            why=f"Its weights have no {missing[0]}, so the predictions would be noise.",
            hint="Use a checkpoint that was saved with its language-modelling head.",
        )


def _context(model: Any) -> int:
    """The longest window in tokens.

    RoBERTa and its kin count positions from behind the padding token's, so that two of their 514 are never used.
    """
    config = model.config.get_text_config()
    names = ("max_position_embeddings", "n_positions", "max_seq_len", "seq_length", "context_length")
    limits = [getattr(config, name, None) for name in names]
    for name, module in model.named_modules():
        shifted = isinstance(module, nn.Embedding) and module.padding_idx is not None
        if shifted and name.endswith(("position_embeddings", "embed_positions")):
            limits.append(module.num_embeddings - module.padding_idx - 1)
    return min((limit for limit in limits if type(limit) is int and limit > 0), default=UNBOUNDED)


@torch.inference_mode()
def _try(net: Foreign, folder: Path) -> None:
    """Ask the network questions whose answers are known. Raises UserError when it cannot be used as what it is."""
    net.eval()
    vocabulary = net.model.get_input_embeddings().weight.shape[0]
    time = min(9, net.context)
    ids = (7 * torch.arange(2 * time) ** 2 + 3) % vocabulary
    short, long = ids[: time - 2][None], ids.view(2, time)
    long[0, : time - 2] = short
    lengths, columns = torch.tensor([time - 2, time]), torch.arange(time - 2)
    first = torch.zeros_like(columns)
    plain = net._logits(short, None)[0].log_softmax(-1)
    net.early = net.early and _same(net.read, short, plain)
    net.apart = net.early and _same(lambda *asked: net.head(net.states(*asked)), short, plain)
    padded = net.read(long, lengths, first, columns).log_softmax(-1)
    if not float((padded - plain).abs().max()) <= SAME:
        raise UserError(f"The model in {folder} cannot be used.", why="Its predictions change with the padding.")
    other = short.clone()
    other[0, -1] = (other[0, -1] + 1) % vocabulary
    change = float((net._logits(other, None)[0].log_softmax(-1) - plain)[:-1].abs().max())
    if net.kind == "causal" and change > SAME:
        why = "An earlier prediction changed with a later token: it sees both sides."
        raise UserError(f"The model in {folder} is not causal, as it says it is.", why=why)
    if net.kind == "masked" and change == 0:
        why = "No earlier prediction changed with a later token: it sees only the left."
        raise UserError(f"The model in {folder} is not a masked model, as it says it is.", why=why)


def _same(read: Callable[..., Tensor], ids: Tensor, plain: Tensor) -> bool:
    """Whether the output layer gives the same when it is handed the asked places alone.

    Some architectures reshape what comes out, or multiply by its weights themselves; they compute every place.
    """
    columns = torch.arange(ids.shape[1]).flip(0)
    try:
        got = read(ids, None, torch.zeros_like(columns), columns)
    except (RuntimeError, ValueError, IndexError, TypeError):
        return False
    return got.shape == plain.shape and bool(torch.allclose(got.log_softmax(-1), plain.flip(0), atol=1e-5))
