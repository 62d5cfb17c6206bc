"""What training reads: every window once, the same for all three, nothing held out among it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tokenizers
import torch

from core import runs
from core.errors import UserError
from core.settings import TrainSettings
from core.text import stream
from core.training.trainer import Trainer
from tests.core.toy_runs import TEXT, settings


def test_the_three_read_the_same_text_in_the_same_order(home: Path, own_folder: Path) -> None:
    text = stream.load([home / "text.txt"], own_folder)
    wanted = settings(home, own_folder)
    for step in range(30):
        masked = text.batch(wanted, step, masked=True)
        causal = text.batch(wanted, step, masked=False)
        assert torch.equal(masked[:, :-1], causal[:, :-2]) and (masked[:, -1] == text.end).all()
        assert (masked[:, 0] == text.start).all() and masked.shape[1] == causal[:, 1:].shape[1]
        assert masked.shape[1] == text.length(wanted, step)
    lengths = {text.length(wanted, step) for step in range(200)}
    assert 32 in lengths and min(lengths) < 24


def test_every_window_of_an_epoch_is_another(home: Path, own_folder: Path) -> None:
    text = stream.load([home / "text.txt"], own_folder)
    wanted = settings(home, own_folder, short=0.0, rows=1)
    count = (len(text) - 30) // 30
    seen = [tuple(text.batch(wanted, step, masked=False)[0].tolist()) for step in range(count)]
    first = stream.Stream(np.arange(3000, dtype=np.uint16), np.zeros(0, np.int64), 2, 3)
    begins = [int(first.batch(wanted, step, masked=False)[0, 1]) for step in range(2 * ((3000 - 30) // 30))]
    half = len(begins) // 2
    assert len(set(begins[:half])) == half and sorted(begins[:half]) != begins[:half] and begins[:half] != begins[half:]
    assert len(seen) == count


def row_by_row(text: stream.Stream, wanted: TrainSettings, step: int, masked: bool) -> torch.Tensor:
    """The windows of a step found one after another: the definition that `batch` must not leave."""
    full = wanted.length - 2
    short = text.length(wanted, step) < wanted.length
    length = text.length(wanted, step) - (2 if masked else 0)
    last = len(text) - wanted.length
    rows = []
    for sample in range(step * wanted.rows, (step + 1) * wanted.rows):
        epoch, index = divmod(sample, (len(text) - full) // full)
        random = stream.generator(wanted.seed, epoch)
        offset = int(random.integers(full))
        begin = min(offset + int(random.permutation((len(text) - full) // full)[index]) * full, last)
        if short and (later := text.starts[text.starts >= begin]).size:
            begin = min(int(later[0]), last)
        rows.append(torch.from_numpy(text.ids[begin : begin + length].astype(np.int64)))
    return text.framed(torch.stack(rows), masked)


@pytest.mark.parametrize("masked", [True, False])
def test_windows_of_a_step_never_change(home: Path, own_folder: Path, masked: bool) -> None:
    text = stream.load([home / "text.txt"], own_folder)
    wanted = settings(home, own_folder, rows=7, short=0.5)
    for step in (0, 1, 2, 3, 5, 8, 13, 21, 34, 55):
        assert torch.equal(text.batch(wanted, step, masked), row_by_row(text, wanted, step, masked))
    without = stream.Stream(text.ids, text.starts[:0], text.start, text.end)
    for step in range(6):
        assert torch.equal(without.batch(wanted, step, masked), row_by_row(without, wanted, step, masked))


def test_held_out_text_is_not_trained_on(home: Path, own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LEAST_HELD_OUT", 10)
    (home / "many.txt").write_text("\n\n".join(f"number {n} here" for n in range(200)), "utf-8")
    train = stream.load([home / "many.txt"], own_folder, "training")
    held = stream.load([home / "many.txt"], own_folder, "held out")
    whole = stream.load([home / "many.txt"], own_folder)
    assert len(train) + len(held) == len(whole) and 0 < len(held) < len(whole) / 20


def test_a_text_of_one_document_is_cut_by_length(home: Path, own_folder: Path) -> None:
    (home / "one.txt").write_text(TEXT.replace("\n\n", " "), "utf-8")
    train = stream.load([home / "one.txt"], own_folder, "training")
    held = stream.load([home / "one.txt"], own_folder, "held out")
    whole = stream.load([home / "one.txt"], own_folder)
    assert [*train.ids, *held.ids] == [*whole.ids] and len(held) == len(whole) // 10
    assert train.starts[0] == 0 and (train.starts < len(train)).all()


def test_too_little_text_says_how_much_is_needed(home: Path, own_folder: Path) -> None:
    (home / "text.txt").write_text("A short line.", "utf-8")
    with pytest.raises(UserError, match="too short"):
        Trainer(runs.create(settings(home, own_folder), "run"))


def test_text_is_read_as_it_stands(home: Path, own_folder: Path) -> None:
    """Whatever the tokenizer was saved with: no padding, no truncation, and "[SEP]" in a text is no end of one."""
    folder = home / "odd"
    folder.mkdir()
    odd = tokenizers.Tokenizer.from_file(str(own_folder / "tokenizer.json"))
    odd.enable_truncation(8)
    odd.enable_padding(length=12)
    odd.save(str(folder / "tokenizer.json"))
    (home / "text.txt").write_text(TEXT + " [SEP] and [MASK]", "utf-8")
    plain, strange = (stream.load([home / "text.txt"], where) for where in (own_folder, folder))
    assert plain.ids.tolist() == strange.ids.tolist()
    assert (plain.ids == plain.end).sum() == TEXT.count("\n\n") + 1 and 4 not in plain.ids


def test_a_tokenizer_without_line_ends_can_be_trained_with(home: Path, bert_folder: Path) -> None:
    from transformers import BertTokenizerFast

    BertTokenizerFast(vocab_file=str(bert_folder / "vocab.txt")).save_pretrained(home / "bert")
    text = stream.load([home / "text.txt"], home / "bert")
    assert len(text.starts) == TEXT.count("\n\n") + 1
