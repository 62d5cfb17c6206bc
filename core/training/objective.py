"""What a network is trained to do: say the next token, or say what stood at the masks. Losses in nats a target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn

from core.runs import Progress
from core.settings import TrainSettings
from core.text.stream import Stream, generator
from core.training import schedule
from core.training.cross_entropy import nats


class Batch(NamedTuple):
    """What goes through the network in a step, and what it is to say there."""

    ids: Tensor
    """(B, T) tokens that are read."""
    rows: Tensor | None
    columns: Tensor | None
    """The asked places (N,), the same number in every row and row by row; None where every place says the next."""
    targets: Tensor
    """(N,) what is right at the asked places, or (B * T,) what comes next."""

    def take(self, which: slice) -> Batch:
        """Some of the windows."""
        ids = self.ids[which]
        targets = self.targets.view(len(self.ids), -1)[which]
        if self.columns is None:
            return Batch(ids, None, None, targets.flatten())
        columns = self.columns.view(len(self.ids), -1)[which]
        rows = torch.arange(len(ids), device=ids.device).repeat_interleave(columns.shape[1])
        return Batch(ids, rows, columns.flatten(), targets.flatten())

    def to(self, device: torch.device) -> Batch:
        return Batch(*(None if part is None else part.to(device) for part in self))  # type: ignore[arg-type]


class Task(nn.Module):
    """A network with its objective: what is differentiated, and what DDP wraps."""

    reader: Callable[..., Tensor] | None = None
    """Reads instead of `net.hidden` where there is one."""

    def __init__(self, net: Any) -> None:
        super().__init__()
        self.net = net

    def forward(self, ids: Tensor, rows: Tensor | None, columns: Tensor | None, targets: Tensor) -> Tensor:
        """Mean nats over the targets of a Batch."""
        read = self.reader or self.net.hidden
        if rows is not None:
            states = read(ids)[rows, columns]
        else:
            states = (read(ids, causal=True) if self.net.kind == "masked" else read(ids)).flatten(0, 1)
        return nats(self.net, states, targets)


def batch(
    stream: Stream, settings: TrainSettings, progress: Progress, mask: int, *, rank: int = 0, world: int = 1
) -> Batch:
    """What the step to come reads. Process `rank` of `world` takes every world-th window of the same batch."""
    mine = slice(rank, None, world)
    masked = schedule.phase(settings, progress) == "masked"
    ids = stream.batch(settings, progress.step, masked)
    if not masked:
        return Batch(ids[:, :-1], None, None, ids[:, 1:].flatten()).take(mine)
    key, vocabulary = (settings.seed, progress.step, 2), settings.shape.vocabulary
    hidden, rows, columns = hide(
        ids, schedule.share(settings, progress), mask, key, settings.replace, vocabulary, edges(settings)
    )
    return Batch(hidden, rows, columns, ids[rows, columns]).take(mine)


def edges(settings: TrainSettings) -> int:
    """Special tokens at either end of a window of a masked model."""
    return 0 if settings.frame == "bare" else 1


def pieces(whole: Batch, micro: int) -> list[Batch]:
    """A batch in parts of at most `micro` windows; 0 leaves it whole."""
    if not 0 < micro < len(whole.ids):
        return [whole]
    return [whole.take(slice(first, first + micro)) for first in range(0, len(whole.ids), micro)]


def hide(
    ids: Tensor,
    share: float,
    mask: int,
    key: tuple[int, ...],
    replace: Literal["mask", "80/10/10"] = "mask",
    vocabulary: int = 0,
    edges: int = 1,
) -> tuple[Tensor, Tensor, Tensor]:
    """Hide a fixed count of places in every row of ids (B, T), never the first or last `edges`, [CLS] and [SEP].

    Returns the ids to be read and the hidden places as rows (N,), columns (N,), row by row. All of them become
    `mask`, which is best at this size (Wettig et al. 2023, arXiv 2202.08005); "80/10/10" (Devlin et al. 2019) leaves
    a tenth as it is and puts any of `vocabulary` tokens at another tenth.
    """
    windows, inner = ids.shape[0], ids.shape[1] - 2 * edges
    count = max(1, round(share * inner))
    random = generator(*key)
    columns = torch.from_numpy(random.random((windows, inner)).argsort(axis=1)[:, :count] + edges).flatten()
    rows = torch.arange(windows).repeat_interleave(count)
    hidden = ids.clone()
    if replace == "mask":
        hidden[rows, columns] = mask
        return hidden, rows, columns
    dice = torch.from_numpy(random.random(len(rows)))
    others = torch.from_numpy(random.integers(vocabulary, size=len(rows)))
    kept = torch.where(dice < 0.9, others, ids[rows, columns])
    hidden[rows, columns] = torch.where(dice < 0.8, mask, kept)
    return hidden, rows, columns
