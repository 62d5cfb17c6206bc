"""The sentences that show a run learning: which ones, and what is written down of them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core import runs
from core.models.model import Model
from core.predict import predict
from core.settings import Family
from core.text import stream
from core.text.tokens import Tokenizer
from core.training import samples
from core.training.trainer import Trainer
from tests.core.toy_runs import made, settings
from tests.core.toys import toy


def test_five_are_fixed_and_three_come_from_the_held_out_text(home: Path, own_folder: Path) -> None:
    text, tokenizer = stream.load([home / "text.txt"], own_folder, "held out"), Tokenizer.load(own_folder)
    found = samples.chosen(tokenizer, text, 1)
    assert found == samples.chosen(tokenizer, text, 1) and found[:5] == list(samples.SENTENCES) and len(found) == 8
    whole = (home / "text.txt").read_text()
    for text_, answer in found:
        assert text_.count("[MASK]") == 1 and answer.startswith(" ")
    for text_, answer in found[5:]:
        assert text_.replace("[MASK]", answer.strip()) in whole
    assert samples.chosen(tokenizer, text, 2) != found


def test_a_text_without_sentences_has_the_fixed_ones(home: Path, own_folder: Path) -> None:
    (home / "odd.txt").write_text("\n\n".join("x [MASK] y " * 9 for _ in range(40)))
    text = stream.load([home / "odd.txt"], own_folder, "held out")
    assert samples.chosen(Tokenizer.load(own_folder), text, 1) == list(samples.SENTENCES)


@pytest.mark.parametrize("family", ["bert", "gpt2"])
def test_a_row_says_how_likely_the_answer_is(home: Path, own_folder: Path, family: Family) -> None:
    trainer = Trainer(runs.create(settings(home, own_folder, family), "run"))
    made(trainer, 20)
    rows = samples.take(trainer.net, trainer.tokenizer, trainer.sentences)
    assert trainer.net.training and len(rows) == 8
    trainer.net.eval()
    model = Model(toy("masked", torch.zeros(10, 10), 32).identity, trainer.tokenizer, trainer.net, torch.device("cpu"))
    for row in rows:
        everything = predict(model, row["text"], top=600).slots[0].top
        right = trainer.tokenizer.encode(row["answer"]).ids[0]
        place = next(number for number, token in enumerate(everything) if token.token_id == right)
        assert row["rank"] - 1 == pytest.approx(place, abs=2)  # ties
        assert row["prob"] == pytest.approx(everything[place].prob, rel=1e-4)
        assert [text for text, _ in row["tops"]] == [token.text for token in everything[:5]]
        assert all(isinstance(prob, float) for _, prob in row["tops"])
