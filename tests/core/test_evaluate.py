"""The held-out numbers, against a plain computation."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from core.settings import Family
from core.text import stream
from core.training import cross_entropy, evaluate
from core.training.weights import NETS
from tests.core.toy_runs import settings


def made(home: Path, tokenizer: Path, family: Family) -> tuple[Any, Any, stream.Stream]:
    wanted = settings(home, tokenizer, family)
    torch.manual_seed(2)
    net = NETS[family].from_config(NETS[family].shaped(wanted.shape), 0.1).start()
    return net, wanted, stream.load([home / "text.txt"], tokenizer)


@pytest.mark.parametrize("family", ["gpt2", "lstm"])
def test_causal_numbers(home: Path, own_folder: Path, family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cross_entropy, "LOGITS", 40 * 600)
    net, wanted, text = made(home, own_folder, family)
    found = evaluate.held_out(net, wanted, text, 4, windows=20)
    ids = torch.from_numpy(text.ids[: 20 * 30].astype(np.int64)).view(20, 30)
    net.eval()
    with torch.no_grad():
        logits = net.head(net.hidden(text.framed(ids, masked=False)[:, :-1]).flatten(0, 1))
    assert found["targets"] == 600
    assert found["nats"] == pytest.approx(float(F.cross_entropy(logits, ids.flatten())), abs=1e-5)
    assert found["top1"] == float((logits.argmax(-1) == ids.flatten()).float().mean())
    written = text.characters(0, 600)
    assert written is not None
    assert found["bits_per_character"] == pytest.approx(found["nats"] * 600 / (math.log(2) * written))


def test_bits_per_character_do_not_depend_on_the_cut(home: Path, own_folder: Path) -> None:
    """A model that gives every token of a uniform vocabulary the same share: log2(600) bits a token."""
    net, wanted, text = made(home, own_folder, "lstm")
    with torch.no_grad():
        net.embedding.weight.zero_()
    found = evaluate.held_out(net, wanted, text, 4, windows=10)
    assert found["bits_per_character"] == pytest.approx(math.log2(600) * 300 / text.characters(0, 300), rel=1e-6)  # type: ignore[operator]
    bare = stream.Stream(text.ids, text.starts, text.start, text.end)
    assert "bits_per_character" not in evaluate.held_out(net, wanted, bare, 4, windows=10)


def test_a_masked_model_that_reads_nothing_says_the_same_everywhere(home: Path, own_folder: Path) -> None:
    net, wanted, text = made(home, own_folder, "bert")
    reads = evaluate.held_out(net, wanted, text, 4, windows=20)
    assert set(reads) == {"nats", "top1", "targets", "cosine"} and reads["targets"] == 20 * round(0.15 * 30)
    assert reads == evaluate.held_out(net, wanted, text, 4, windows=20)
    with torch.no_grad():
        net.norm_head.weight.zero_()
    assert evaluate.held_out(net, wanted, text, 4, windows=20)["cosine"] == pytest.approx(1.0)
    with torch.no_grad():
        net.norm_head.weight.fill_(300.0)
    assert evaluate.held_out(net, wanted, text, 4, windows=20)["cosine"] < 0.95


@pytest.mark.parametrize("training", [True, False])
def test_the_model_is_left_as_it_was_found(home: Path, own_folder: Path, training: bool) -> None:
    net, wanted, text = made(home, own_folder, "bert")
    net.train(training)
    evaluate.held_out(net, wanted, text, 4, windows=2)
    assert net.training == training and all(parameter.grad is None for parameter in net.parameters())


def test_the_unigram_line_is_that_of_the_same_text(home: Path, own_folder: Path) -> None:
    _, wanted, text = made(home, own_folder, "gpt2")
    logprobs = text.unigram(600)
    assert float(logprobs.exp().sum()) == pytest.approx(1.0, abs=1e-5)
    some = text.ids[: 5 * 30].astype(np.int64)
    assert evaluate.unigram_nats(logprobs, text, 5, wanted.length) == pytest.approx(-float(logprobs[some].mean()))
    full = text.ids[: len(text) // 30 * 30].astype(np.int64)  # what is left over is no window
    assert len(full) < len(text)
    assert evaluate.unigram_nats(logprobs, text, 999, wanted.length) == -float(logprobs[full].mean())
