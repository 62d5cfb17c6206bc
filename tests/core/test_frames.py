"""What a masked model's windows are: crops, whole sentences, or bare text; and that a run of each can be resumed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from transformers import AutoTokenizer

from core import plan, runs
from core.errors import UserError
from core.plan import Choice
from core.runs import Run
from core.settings import FRAMES, Frame, TrainSettings
from core.text import sentences, stream, vocabulary
from core.text.stream import Stream
from core.text.tokens import Tokenizer
from core.training import evaluate, objective, schedule
from core.training.trainer import Trainer
from tests.core.toy_runs import TEXT, made, resumed, settings

SPECIAL = {0, 1, 2, 3, 4}


def test_sentences_start_where_a_reader_says() -> None:
    text = 'It rained. "No!" he said. Dr. A. Smith of the U.S. Army left (at 5.30 p.m. or so). 3 stayed… Why?\nBecause.'
    begun = [text[at:].split()[0] for at in sentences.starts(text)]
    assert begun == ['"No!"', "Dr.", "3", "Why?", "Because."]
    assert sentences.starts("no capitals here. none there. ") == []


def test_windows_hold_as_many_whole_sentences_as_fit() -> None:
    first = np.array([0, 4, 10, 31, 35, 40, 44])  # of 4, 6, 20 (and a line end), 4, 5, 3 (and an end) and 4 tokens
    last = np.array([4, 10, 30, 35, 40, 43, 48])
    packed = sentences.pack(first, last, np.full(7, 12), 3, 12)
    # The first two; the third is too long and cut; the next three, the end of a document before the last.
    assert packed.begins.tolist() == [0, 10, 31, 44] and packed.lengths.tolist() == [10, 12, 12, 4]
    short = sentences.pack(first, last, np.full(7, 5), 5, 12)
    assert short.begins.tolist() == [0, 10, 31, 40] and short.lengths.tolist() == [10, 12, 9, 8]
    narrow = sentences.pack(first, last, np.full(7, 8), 5, 8)  # 6 tokens more than the first 4 are too many
    assert narrow.begins.tolist() == [0, 4, 10, 31, 35, 44] and narrow.lengths.tolist() == [4, 6, 8, 4, 8, 4]


def of(home: Path, tokenizer: Path, frame: Frame, **changes: object) -> tuple[Stream, TrainSettings]:
    wanted = settings(home, tokenizer, "bert", frame=frame, **changes)
    return stream.load([home / "text.txt"], tokenizer), wanted


def test_each_window_of_sentences_begins_and_ends_with_one(home: Path, own_folder: Path) -> None:
    text, wanted = of(home, own_folder, "sentences")
    tokenizer, seen = Tokenizer.load(own_folder), []
    count = len(text._sorted(wanted.seed, 30, wanted.short, 4, 0))
    for step in range(count):
        ids = text.batch(wanted, step, masked=True)
        assert torch.equal(ids, text.batch(wanted, step, masked=False))
        assert ids.shape == (4, text.length(wanted, step)) and 10 <= ids.shape[1] <= 32
        assert (ids[:, 0] == text.start).all() and (ids[:, -1] == text.end).all()
        for row in ids:
            said = tokenizer.decode(row[1:-1].tolist())
            assert said.strip().startswith(("The ", "It ")) and said.endswith(".")
        seen += text._begins(wanted, step, short=False).tolist()
    assert len(set(seen)) == len(seen) > 100 and count > 25
    again = [text._begins(wanted, step, short=False).tolist() for step in range(count, 2 * count)]
    assert [place for row in again for place in row] != seen and len({tuple(row) for row in again}) == count
    lengths = {text.length(wanted, step) for step in range(count)}
    assert len(lengths) > 3


def test_a_long_sentence_is_cut_and_a_text_without_sentences_refused(home: Path, own_folder: Path) -> None:
    (home / "text.txt").write_text(
        "\n\n".join(f"Long {'word ' * 60}end. Short one here. Another short one." for _ in range(99))
    )
    text, wanted = of(home, own_folder, "sentences", short=0.0, rows=2)
    windows = text._packed(1, 30, 0.0)
    assert (windows.lengths == 30).sum() == 99 and np.isin(windows.begins, text.sentences).all()
    assert (np.diff(windows.begins) >= windows.lengths[:-1]).all()
    none = Stream(text.ids, text.starts, text.start, text.end)
    with pytest.raises(UserError, match="no sentences"):
        none.batch(wanted, 0, masked=True)


def test_what_a_step_reads_depends_on_seed_and_step_alone(home: Path, own_folder: Path) -> None:
    for frame in FRAMES:
        text, wanted = of(home, own_folder, frame, rows=3, short=0.5)
        again, _ = of(home, own_folder, frame)
        other = msgspec.structs.replace(wanted, seed=2)
        for step in (70, 3, 41, 0):
            assert torch.equal(text.batch(wanted, step, True), again.batch(wanted, step, True))
        assert any(text.batch(wanted, n, True).tolist() != text.batch(other, n, True).tolist() for n in range(3))


@pytest.mark.parametrize("masked", [True, False])
def test_bare_windows_have_no_special_token(home: Path, own_folder: Path, masked: bool) -> None:
    text, wanted = of(home, own_folder, "bare", short=0.3)
    joined = np.where(text.ids == text.end, text.newline, text.ids).astype(np.int64)
    whole = np.lib.stride_tricks.sliding_window_view(joined, 16)
    for step in range(60):
        ids = text.batch(wanted, step, masked)
        assert ids.shape[1] == text.length(wanted, step) + (not masked)
        assert not SPECIAL & set(ids.flatten().tolist())
        assert (whole == ids[0, :16].numpy()).all(axis=1).any() and (whole == ids[-1, -16:].numpy()).all(axis=1).any()


def test_every_place_of_a_bare_window_may_be_hidden(home: Path, own_folder: Path) -> None:
    text, wanted = of(home, own_folder, "bare", short=0.0, causal_start=0.0)
    places = set()
    for step in range(60):
        progress = msgspec.structs.replace(schedule.begun(wanted, 100), step=step)
        batch = objective.batch(text, wanted, progress, 4)
        assert batch.columns is not None and len(batch.columns) == 4 * round(32 * schedule.share(wanted, progress))
        places |= set(batch.columns.tolist())
    assert places == set(range(32))
    crops = msgspec.structs.replace(wanted, frame="crops")
    framed = [objective.batch(text, crops, schedule.begun(crops, 100), 4).columns for _ in range(9)]
    assert all(not {0, 31} & set(columns.tolist()) for columns in framed if columns is not None)


@pytest.mark.parametrize("frame", FRAMES)
def test_the_held_out_text_is_framed_like_the_training_text(home: Path, own_folder: Path, frame: Frame) -> None:
    text, wanted = of(home, own_folder, frame)
    stacks = text.looked_at(wanted, 20, masked=True)
    assert sum(map(len, stacks)) == 20
    for ids in stacks:
        bare = frame == "bare"
        assert ((ids[:, 0] == text.start) ^ bare).all() and ((ids[:, -1] == text.end) ^ bare).all()
    trainer = Trainer(runs.create(wanted, "run"))
    numbers = evaluate.held_out(trainer.net, wanted, text, 4, windows=20)
    edges = 0 if frame == "bare" else 2
    assert numbers["targets"] == sum(len(ids) * round(0.15 * (ids.shape[1] - edges)) for ids in stacks)


@pytest.mark.parametrize("frame", FRAMES)
def test_a_run_goes_on_exactly_and_says_its_frame(home: Path, own_folder: Path, frame: Frame) -> None:
    wanted = settings(home, own_folder, "bert", frame=frame, causal_start=0.35, tokens=4000)
    whole = Trainer(runs.create(wanted, "whole"))
    switch = whole.progress.switch
    expected = made(whole, switch + 8)
    broken = Trainer(runs.create(wanted, "broken"))
    first = made(broken, switch + 3)
    broken.save()
    assert first + made(resumed(broken.run), 5) == expected
    folder = broken.run.checkpoints[-1]
    assert json.loads((folder / "config.json").read_bytes())["lookboth_frame"] == frame
    own = Tokenizer.load(folder)
    assert (own.start, own.end, own.mask) == ((None, None, 4) if frame == "bare" else (2, 3, 4))


def test_the_tokenizer_of_a_bare_model_adds_nothing(home: Path) -> None:
    vocabulary.train(TEXT.split("\n\n"), 300, home / "framed")
    shutil.copytree(home / "framed", home / "bare")
    vocabulary.strip(home / "bare")
    framed, bare = (AutoTokenizer.from_pretrained(home / name) for name in ("framed", "bare"))
    ids = Tokenizer.load(home / "bare").encode("The cat sat").ids
    assert framed("The cat sat")["input_ids"] == [2, *ids, 3] and bare("The cat sat")["input_ids"] == ids
    assert bare.mask_token_id == framed.mask_token_id == 4 and bare.cls_token is None


def test_a_run_of_an_earlier_lookboth_has_crops(home: Path, own_folder: Path) -> None:
    run = runs.create(settings(home, own_folder, "bert"), "old")
    written = json.loads((run.folder / "run.json").read_bytes())
    assert written["settings"].pop("frame") == "crops"
    (run.folder / "run.json").write_text(json.dumps(written))
    assert Run(run.folder).file().settings == settings(home, own_folder, "bert")


def test_causal_models_and_tokenizers_without_line_ends_are_refused(
    home: Path, own_folder: Path, bert_folder: Path
) -> None:
    (home / "one.txt").write_text(TEXT)
    for frame in ("sentences", "bare"):
        with pytest.raises(UserError, match="gpt2"):
            plan.settle(Choice(family="gpt2", texts=(str(home / "one.txt"),), frame=frame))
    with pytest.raises(UserError, match="odd"):
        plan.settle(Choice(family="bert", texts=(str(home / "one.txt"),), frame="odd"))  # type: ignore[arg-type]
    assert plan.settle(Choice(family="bert", texts=(str(home / "one.txt"),), frame="bare")).frame == "bare"
    with pytest.raises(UserError, match="lstm"):
        Trainer(runs.create(settings(home, own_folder, "lstm", frame="bare"), "no"))
    from transformers import BertTokenizerFast

    BertTokenizerFast(vocab_file=str(bert_folder / "vocab.txt")).save_pretrained(home / "bert")
    with pytest.raises(UserError, match="line end"):
        Trainer(runs.create(settings(home, home / "bert", "bert", frame="bare"), "pieces"))
