"""What a network is trained to do: say the next token, or say what stood at the masks. Losses in nats a target."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from core.models.nets.bert import Bert
from core.settings import TrainSettings
from core.training.stream import Stream, generator


def hide(ids: Tensor, share: float, mask: int, key: tuple[int, ...]) -> tuple[Tensor, Tensor, Tensor]:
    """Replace a fixed count of places in every row of ids (B, T) by `mask`, never [CLS] at 0 or [SEP] at T - 1.

    Returns the ids with masks and the masked places as rows (N,), columns (N,). All of them become [MASK]: at
    this size 80/10/10 only costs (Wettig et al. 2023, arXiv 2202.08005).
    """
    rows, inner = ids.shape[0], ids.shape[1] - 2
    count = max(1, round(share * inner))
    order = generator(*key).random((rows, inner)).argsort(axis=1)[:, :count] + 1
    columns = torch.from_numpy(order).flatten()
    index = torch.arange(rows).repeat_interleave(count)
    hidden = ids.clone()
    hidden[index, columns] = mask
    return hidden, index, columns


def masked_share(settings: TrainSettings, step: int, first: int, steps: int) -> float:
    """Share of masked tokens at `step`: linear from `mask_from` at step `first` to `mask_to` at the end."""
    progress = (step - first) / max(1, steps - first)
    return settings.mask_from + (settings.mask_to - settings.mask_from) * min(1.0, max(0.0, progress))


def causal_steps(settings: TrainSettings, steps: int) -> int:
    """How many of a run's steps are trained causally: all, or a masked model's warm start."""
    return round(settings.causal_start * steps) if settings.family == "bert" else steps


def loss(net: Any, settings: TrainSettings, stream: Stream, step: int, steps: int, mask: int) -> tuple[Tensor, int]:
    """Mean loss of `step` in nats a target, with its graph, and the number of input tokens it read."""
    masked = settings.family == "bert"
    switch = causal_steps(settings, steps)
    masked = masked and step >= switch
    ids = stream.batch(settings, step, masked)
    if masked:
        share = masked_share(settings, step, switch, steps)
        hidden, rows, columns = hide(ids, share, mask, (settings.seed, step, 2))
        device = next(net.parameters()).device
        logits = net.read(hidden.to(device), None, rows.to(device), columns.to(device))
        return F.cross_entropy(logits, ids[rows, columns].to(device)), ids.numel()
    return next_token(net, ids.to(next(net.parameters()).device)), ids[:, 1:].numel()


def next_token(net: Any, ids: Tensor) -> Tensor:
    """Mean cross-entropy of every next token of ids (B, T), in nats."""
    seen = ids[:, :-1]
    states = net.hidden(seen, causal=True) if isinstance(net, Bert) else net.hidden(seen)
    logits = net.head(states.flatten(0, 1))
    return F.cross_entropy(logits, ids[:, 1:].flatten())


@torch.no_grad()
def held_out(net: Any, settings: TrainSettings, stream: Stream, mask: int, windows: int = 96) -> dict[str, float]:
    """Cross-entropy (nats) and top-1 accuracy on the first `windows` full windows of held-out text, dropout off.

    Causal: every next token. Masked: 15 % of the places, the same ones each time.
    """
    masked, full = settings.family == "bert", settings.length - 2
    windows = min(windows, len(stream) // full)
    text = torch.from_numpy(stream.ids[: windows * full].astype("int64")).view(windows, full)
    device = next(net.parameters()).device
    net.eval()
    total, right, count = 0.0, 0, 0
    for chunk in torch.split(stream.framed(text, masked), 16):
        if masked:
            hidden, rows, columns = hide(chunk, 0.15, mask, (7, count))
            logits = net.read(hidden.to(device), None, rows.to(device), columns.to(device)).cpu()
            wanted = chunk[rows, columns]
        else:
            logits = net.head(net.hidden(chunk[:, :-1].to(device)).flatten(0, 1)).cpu()
            wanted = chunk[:, 1:].flatten()
        total += float(F.cross_entropy(logits, wanted, reduction="sum"))
        right += int((logits.argmax(-1) == wanted).sum())
        count += len(wanted)
    net.train()
    return {"nats": total / count, "top1": right / count, "targets": count}


def unigram_nats(logprobs: Tensor, stream: Stream, windows: int, length: int) -> float:
    """Cross-entropy in nats of a unigram (vocabulary,) on the text that `held_out` reads: the line to get below."""
    ids = torch.from_numpy(stream.ids[: windows * (length - 2)].astype("int64"))
    return -float(logprobs[ids].mean()) if len(ids) else math.nan
