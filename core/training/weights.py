"""The weights that a run begins with: fresh ones, or those of another model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from core.errors import UserError
from core.models import intake
from core.models.nets.bert import Bert
from core.models.nets.gpt2 import Gpt2
from core.models.nets.lstm import Lstm
from core.settings import TrainSettings
from core.text.stream import generator

NETS: dict[str, Any] = {"bert": Bert, "gpt2": Gpt2, "lstm": Lstm}


def first(settings: TrainSettings, unigram: Tensor, restarts: int = 0) -> Any:
    """The network of a run before its first step, in training mode.

    `unigram`: log-probabilities (vocabulary,) of the training text, for fresh weights; `restarts`: how often the
    canary has already started them again. Raises UserError when `settings.start` is no model of this family.
    """
    if settings.start:
        return _further(settings).train()
    seed = settings.seed if restarts == 0 else int(generator(settings.seed, restarts, 4).integers(2**62))
    torch.manual_seed(seed)
    return NETS[settings.family].from_config(config(settings), settings.dropout).start(unigram).train()


def config(settings: TrainSettings) -> dict[str, Any]:
    """The config.json of a new network: that of its class, and how the windows were framed that it is trained on."""
    return _told(NETS[settings.family].shaped(settings.shape), settings)


def _told(found: dict[str, Any], settings: TrainSettings) -> dict[str, Any]:
    return found | {"lookboth_frame": settings.frame} if settings.family == "bert" else found


def _further(settings: TrainSettings) -> Any:
    """The network in the folder `settings.start`."""
    family, found = NETS[settings.family], intake.take(Path(settings.start))
    if not family.understands(found.config):
        kind = found.config.get("model_type")
        raise UserError(
            f"{settings.start} cannot be trained as {settings.family}.",
            why=f"It is a model of the type {kind}, or a variant that the lab only reads.",
            hint="Begin from a model of the same family, or from scratch.",
        )
    tensors: dict[str, Tensor] = {}
    for path in found.weights:
        tensors |= load_file(path)
    net = family.from_tensors(_told(found.config, settings), tensors, settings.dropout)
    if (entries := net.output()[0].shape[0]) != settings.shape.vocabulary:
        raise UserError(
            f"{settings.start} does not know the tokenizer of this run.",
            why=f"It has {entries:,} entries and the run {settings.shape.vocabulary:,}.",
            hint="Train it with its own tokenizer.",
        )
    if net.context < settings.length:
        raise UserError(
            f"{settings.start} reads at most {net.context} tokens.", why=f"The run's windows have {settings.length}."
        )
    return net
