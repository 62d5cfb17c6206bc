"""How well a network does on text that it was not trained on. Losses in nats a target."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from core.settings import TrainSettings
from core.text.stream import Stream
from core.training.cross_entropy import rows_of
from core.training.objective import edges, hide

SHARE = 0.15
"""Of the places that a masked model is asked about, whatever it was trained at."""
PROMPTS = 3
"""Windows with one mask whose predictions are compared with each other."""
_TOGETHER = 16


@torch.no_grad()
def held_out(net: Any, settings: TrainSettings, stream: Stream, mask: int, windows: int = 96) -> dict[str, float]:
    """Numbers of `net` on the first `windows` full windows of held-out text, dropout off, the same places each time.

    The windows are framed as those that it was trained on.

    "nats" and "top1" are means over "targets" places: every next token, or SHARE of the places of a masked model.
    A causal model also gets "bits_per_character", total nats / (ln 2 x the characters of exactly these targets), a
    masked one "cosine" (see `cosine`).
    """
    masked = net.kind == "masked"
    stacks = stream.looked_at(settings, windows, masked)
    device = net.output()[0].device
    was_training = net.training
    net.eval()
    try:
        nats, right, count = 0.0, 0, 0
        for chunk in (chunk for stack in stacks for chunk in torch.split(stack, _TOGETHER)):
            if masked:
                hidden, rows, columns = hide(chunk, SHARE, mask, (7, count), edges=edges(settings))
                states, wanted = net.hidden(hidden.to(device))[rows, columns], chunk[rows, columns]
            else:
                states, wanted = net.hidden(chunk[:, :-1].to(device)).flatten(0, 1), chunk[:, 1:].flatten()
            found = _score(net, states, wanted.to(device))
            nats, right, count = nats + found[0], right + found[1], count + len(wanted)
        numbers = {"nats": nats / count, "top1": right / count, "targets": count}
        if masked:
            return numbers | {"cosine": cosine(net, max(stacks, key=len)[:PROMPTS].to(device), mask)}
        characters = stream.characters(0, count)
        return numbers | ({"bits_per_character": nats / (math.log(2) * characters)} if characters else {})
    finally:
        net.train(was_training)


def _score(net: Any, states: Tensor, targets: Tensor) -> tuple[float, int]:
    """Total nats and the number of targets (N,) that were the likeliest, for states (N, width)."""
    nats, right, rows = 0.0, 0, rows_of(len(net.output()[0]), states.device)
    for part, wanted in zip(torch.split(states, rows), torch.split(targets, rows), strict=True):
        logits = net.head(part).float()
        nats += float(F.cross_entropy(logits, wanted, reduction="sum"))
        right += int((logits.argmax(-1) == wanted).sum())
    return nats, right


def cosine(net: Any, ids: Tensor, mask: int) -> float:
    """Mean cosine between what a masked model says at one mask in each of the windows ids (B, T).

    A model that does not read its input answers everything alike: 1.0. The masks stand at different places.
    """
    rows = torch.arange(len(ids), device=ids.device)
    columns = (rows + 1) * (ids.shape[1] - 1) // (len(ids) + 1)
    hidden = ids.clone()
    hidden[rows, columns] = mask
    said = F.normalize(net.head(net.hidden(hidden)[rows, columns]).float().softmax(-1), dim=-1)
    pairs = torch.triu_indices(len(ids), len(ids), 1)
    return float((said @ said.T)[pairs[0], pairs[1]].mean()) if len(ids) > 1 else 1.0


def unigram_nats(logprobs: Tensor, stream: Stream, windows: int, length: int) -> float:
    """Cross-entropy in nats of a unigram (vocabulary,) on the text that `held_out` reads: the line to get below."""
    full = length - 2
    ids = torch.from_numpy(stream.ids[: min(windows, len(stream) // full) * full].astype("int64"))
    return -float(logprobs[ids].mean()) if len(ids) else math.nan
