"""What a step reads and is asked: masks, their replacement, and the parts of a batch."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import torch

from core.settings import Family
from core.text import stream
from core.training import objective, schedule
from core.training.objective import Batch
from tests.core.toy_runs import settings

IDS = torch.arange(5, 65).view(3, 20)


def test_a_masked_loss_reads_only_what_was_hidden() -> None:
    hidden, rows, columns = objective.hide(IDS, 0.15, 4, (1, 2))
    assert len(rows) == 3 * 3 and set(columns.tolist()) <= set(range(1, 19))
    assert (hidden[rows, columns] == 4).all() and (hidden != IDS).sum() == len(rows)
    again = objective.hide(IDS, 0.15, 4, (1, 2))
    assert torch.equal(again[0], hidden) and not torch.equal(objective.hide(IDS, 0.15, 4, (1, 3))[0], hidden)


def test_eighty_ten_ten_is_what_it_says() -> None:
    ids = torch.full((400, 52), 7)
    hidden, rows, columns = objective.hide(ids, 0.5, 4, (1, 2), "80/10/10", 1000)
    asked = hidden[rows, columns]
    masks, kept = float((asked == 4).float().mean()), float((asked == 7).float().mean())
    assert abs(masks - 0.8) < 0.02 and abs(kept - 0.1) < 0.02 and len(asked.unique()) > 400
    plain = objective.hide(ids, 0.5, 4, (1, 2))
    assert torch.equal(columns, plain[2])  # the places are the same either way
    untouched = torch.ones_like(ids, dtype=torch.bool)
    untouched[rows, columns] = False
    assert (hidden[untouched] == 7).all()


def rejoined(parts: list[Batch]) -> Batch:
    return Batch(
        torch.cat([part.ids for part in parts]), None,
        None if parts[0].columns is None else torch.cat([part.columns for part in parts if part.columns is not None]),
        torch.cat([part.targets for part in parts]),
    )  # fmt: skip


@pytest.mark.parametrize("family", ["bert", "gpt2"])
def test_parts_of_a_batch_come_to_the_whole(home: Path, own_folder: Path, family: Family) -> None:
    text = stream.load([home / "text.txt"], own_folder)
    wanted = settings(home, own_folder, family, rows=7)
    progress = msgspec.structs.replace(schedule.begun(wanted, 50), step=3)
    whole = objective.batch(text, wanted, progress, 4)
    assert objective.pieces(whole, 0) == objective.pieces(whole, 7) == [whole]
    parts = objective.pieces(whole, 3)
    assert [len(part.ids) for part in parts] == [3, 3, 1]
    joined = rejoined(parts)
    assert torch.equal(joined.ids, whole.ids) and torch.equal(joined.targets, whole.targets)
    if family == "bert":
        assert joined.columns is not None and whole.columns is not None and torch.equal(joined.columns, whole.columns)
        for part in parts:
            assert (part.ids[part.rows, part.columns] == 4).all()

    teams = [objective.batch(text, wanted, progress, 4, rank=rank, world=3) for rank in range(3)]
    assert [len(part.ids) for part in teams] == [3, 2, 2]
    for rank, part in enumerate(teams):
        assert torch.equal(part.ids, whole.ids[rank::3])
        assert torch.equal(part.targets, whole.targets.view(7, -1)[rank::3].flatten())


def test_the_next_token_is_the_target_of_every_place(home: Path, own_folder: Path) -> None:
    text = stream.load([home / "text.txt"], own_folder)
    wanted = settings(home, own_folder, "gpt2", short=0.0)
    whole = objective.batch(text, wanted, schedule.begun(wanted, 50), 4)
    assert whole.ids.shape == (4, 32) and whole.rows is None and whole.targets.shape == (4 * 32,)
    assert torch.equal(whole.targets.view(4, 32)[:, :-1], whole.ids[:, 1:]) and (whole.ids[:, 0] == text.start).all()
