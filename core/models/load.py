"""From a folder to a model that can be asked.

The lab's own networks read BERT, GPT-2 and LSTM folders; every other architecture comes through `core.models.auto`,
which alone imports `transformers`. All arithmetic is float32: weights of 16 bits are widened.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from core.catalogue import Entry
from core.errors import UserError
from core.messages import Identity
from core.models import intake
from core.models.model import Model, Net
from core.models.nets.bert import Bert
from core.models.nets.gpt2 import Gpt2
from core.models.nets.lstm import Lstm
from core.text.tokens import Tokenizer

OWN: tuple[type[Bert] | type[Gpt2] | type[Lstm], ...] = (Bert, Gpt2, Lstm)
AGREE = 1e-3
"""Largest difference of a log-probability, in nats, between a device and the CPU. Honest float32 stays below 1e-4."""
SENTENCES = (
    "The keys to the cabinet were on the table near the old door.",
    "She has lived by the sea since 1987, and every morning she walks along the shore before the first boats come in.",
)


def load(entry: Entry, device: torch.device) -> Model:
    """Open the model `entry` on `device`. Raises UserError for whatever cannot be used, naming the file and the fix."""
    folder = Path(entry.folder)
    found = intake.take(folder)
    revision = revision_of(found.weights)
    tokenizer = Tokenizer.load(folder)
    net = _net(found, device)
    net.eval()
    for parameter in net.parameters():
        parameter.requires_grad_(False)
    vocabulary = _check(net, tokenizer, folder)
    if device.type != "cpu":
        move(net, tokenizer, device)
    classes = found.config.get("architectures") or [type(net).__name__]
    identity = Identity(
        name=entry.name,
        source=entry.source,
        kind=found.kind,
        architecture=str(classes[0]),
        revision=revision,
        parameters=sum(parameter.numel() for parameter in net.parameters()),
        context=min(net.context, _longest(folder)),
        vocabulary=vocabulary,
        device=str(device),
        dtype="float32",
    )
    notes = (f"Not opened in {folder}: {', '.join(found.unopened)}.",) if found.unopened else ()
    return Model(identity, tokenizer, net, device, notes)


def revision_of(weights: tuple[Path, ...]) -> str:
    """The first 12 hex digits of the SHA-256 over the weight files in the order of their names.

    In the hub cache the name of a blob is its own SHA-256; where the two differ a UserError says so.
    """
    whole = hashlib.sha256()
    for path in weights:
        promised = path.resolve().name
        single = hashlib.sha256() if re.fullmatch("[0-9a-f]{64}", promised) else None
        with open(path, "rb", buffering=0) as file:
            block = bytearray(2**20)
            while count := file.readinto(block):
                part = memoryview(block)[:count]
                whole.update(part)
                if single:
                    single.update(part)
        if single and single.hexdigest() != promised:
            raise UserError(
                f"{path} is damaged.",
                why="Its SHA-256 is not the one it was published with.",
                hint=intake.again(path.parent),
            )
    return whole.hexdigest()[:12]


def _net(found: intake.Intake, device: torch.device) -> Net:
    """The network in the folder, on the CPU."""
    for own in OWN:
        if own.understands(found.config) and own.kind == found.kind:
            tensors: dict[str, Tensor] = {}
            for path in found.weights:
                tensors |= load_file(path)
            return own.from_tensors(found.config, tensors)
    from core.models import auto

    return auto.load(found, device)


def _longest(folder: Path) -> int:
    """How many tokens the tokenizer was made for, where `tokenizer_config.json` states it."""
    try:
        config: Any = json.loads((folder / "tokenizer_config.json").read_text("utf-8"))
    except FileNotFoundError:
        return 2**62
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{folder / 'tokenizer_config.json'} cannot be read.", why=str(error)) from error
    stated = config.get("model_max_length") if isinstance(config, dict) else None
    return stated if type(stated) is int and stated > 0 else 2**62


def _check(net: Net, tokenizer: Tokenizer, folder: Path) -> int:
    """The size of the vocabulary. Raises UserError where tokenizer and network do not belong together."""
    if net.kind == "masked" and tokenizer.mask is None:
        raise UserError(f"The tokenizer of {folder} has no mask token.", why="A masked model is asked through it.")
    first = torch.zeros(1, dtype=torch.long)
    logits = net.read(torch.zeros(1, 2, dtype=torch.long), None, first, first)
    if not bool(torch.isfinite(logits).all()):
        raise UserError(f"The model in {folder} answers with numbers that are not finite.", hint=intake.again(folder))
    vocabulary = logits.shape[-1]
    if tokenizer.vocabulary > vocabulary:
        raise UserError(
            f"The tokenizer of {folder} is not that of its model.",
            why=f"It knows {tokenizer.vocabulary:,} tokens and the model {vocabulary:,}.",
            hint="Put the files of one checkpoint together.",
        )
    return vocabulary


def move(net: Net, tokenizer: Tokenizer, device: torch.device) -> None:
    """Move `net` to `device` and compare two sentences with the CPU. Raises UserError when they differ."""
    before = _sentences(net, tokenizer, torch.device("cpu"))
    net.to(device)
    worst = float((before - _sentences(net, tokenizer, device)).abs().max())
    if not worst <= AGREE:
        raise UserError(
            f"{device} computes this model wrongly.",
            why=f"Two sentences differ from the CPU by {worst:.2g} nats; at most {AGREE:g} is allowed.",
            hint="Start again with LOOKBOTH_DEVICE=cpu.",
        )


@torch.inference_mode()
def _sentences(net: Net, tokenizer: Tokenizer, device: torch.device) -> Tensor:
    """Log-probabilities (N, vocabulary) of the two sentences, each alone and both in one padded batch, on the CPU."""
    left = [] if tokenizer.start is None else [tokenizer.start]
    right = [tokenizer.end] if net.kind == "masked" and tokenizer.end is not None else []
    texts = [[*left, *tokenizer.encode(text).ids, *right][: net.context] for text in SENTENCES]
    lengths = torch.tensor([len(ids) for ids in texts])
    batch = torch.full((len(texts), int(lengths.max())), tokenizer.pad or 0)
    for row, ids in enumerate(texts):
        batch[row, : len(ids)] = torch.tensor(ids)
    answers = []
    for row, ids in enumerate(texts):
        places = torch.arange(len(ids)), torch.full((len(ids),), row)
        alone = batch[row : row + 1, : len(ids)].to(device)
        answers.append(net.read(alone, None, torch.zeros_like(places[0]).to(device), places[0].to(device)))
        answers.append(net.read(batch.to(device), lengths.to(device), places[1].to(device), places[0].to(device)))
    return torch.cat([answer.float().log_softmax(-1).cpu() for answer in answers])
