"""What ships is what the code gives: the trio, the first screen, the passages."""

from __future__ import annotations

import json
from collections import Counter

import msgspec
import pytest
import torch

from core import catalogue, first, passages, paths
from core.device import self_test
from core.messages import Comparison
from core.models.load import load
from core.models.model import Model
from core.scoring.masked import pseudo_log_likelihood
from core.scoring.tokens import bits

MIB = 2**20


@pytest.fixture(scope="module")
def trio() -> dict[str, Model]:
    return {entry.name: load(entry, torch.device("cpu")) for entry in catalogue.bundled()}


def test_the_trio_is_matched(trio: dict[str, Model]) -> None:
    assert list(trio) == ["bert", "gpt2", "lstm"]
    counts = [model.identity.parameters for model in trio.values()]
    assert all(abs(count / (sum(counts) / 3) - 1) < 0.02 for count in counts)
    tokenizers = {(paths.assets() / "models" / name / "tokenizer.json").read_bytes() for name in trio}
    assert len(tokenizers) == 1
    for name in trio:
        assert (paths.assets() / "models" / name / "model.safetensors").stat().st_size < 16 * MIB


@pytest.mark.parametrize("name", ["gpt2", "lstm"])
def test_a_causal_model_says_where_its_texts_begin_and_end(name: str, trio: dict[str, Model]) -> None:
    config = json.loads((paths.assets() / "models" / name / "config.json").read_bytes())
    tokenizer = trio[name].tokenizer
    assert (config["bos_token_id"], config["eos_token_id"]) == (tokenizer.start, tokenizer.end)


@pytest.mark.parametrize("name", catalogue.BUNDLED)
def test_every_card_says_what_a_reader_must_know(name: str) -> None:
    card = (paths.assets() / "models" / name / "README.md").read_text("utf-8")
    for needed in ("Wikipedia", "CC BY-SA", "OpenStax", "CC BY 4.0", "seed", "input tokens", "nats", "lookboth train"):
        assert needed in card, needed
    assert "nan" not in card.lower().split()


def test_bert_is_below_the_unigram(trio: dict[str, Model]) -> None:
    """It reads its context: hiding what stands around a word costs bits, on every kind of passage."""
    model = trio["bert"]
    gains = []
    for passage in passages.every()[::13]:
        ids = model.tokenizer.encode(passage.text).ids[:60]
        words = [range(n, n + 1) for n in range(len(ids))]
        scores = pseudo_log_likelihood(model, ids, words, [0] * len(ids), "original", lambda done, total: None)
        alone = [
            pseudo_log_likelihood(model, [token], [range(1)], [0], "original", lambda done, total: None)[0]
            for token in ids
        ]
        gains.append(sum(bits(b.logprob) - bits(a.logprob) for a, b in zip(scores, alone, strict=True)) / len(ids))
    assert min(gains) > 0.5, gains


def test_the_first_screen_is_what_the_models_say() -> None:
    shipped = msgspec.json.decode((paths.assets() / "results" / "first-compare.json").read_bytes(), type=Comparison)
    live = first.compute()
    assert [word.text for word in shipped.words] == [word.text for word in live.words]
    assert {name: method.identity.revision for name, method in shipped.models.items()} == {
        name: method.identity.revision for name, method in live.models.items()
    }
    for old, new in zip(shipped.words, live.words, strict=True):
        for name, score in new.scores.items():
            assert old.scores[name].surprisal_bits == pytest.approx(score.surprisal_bits, abs=1e-3)
            assert old.scores[name].rank == score.rank
            assert [best.token_id for best in old.scores[name].top][:3] == [best.token_id for best in score.top][:3]


def test_the_self_test_knows_the_trio(trio: dict[str, Model]) -> None:
    verdict = self_test(torch.device("cpu"), trio.__getitem__)
    assert verdict.passed and "No numbers are stored" not in verdict.note, verdict


def test_the_passages_are_whole() -> None:
    found = passages.every()
    assert len(found) >= 60 and set(Counter(passage.kind for passage in found).values()) == {13}
    assert len({passage.title for passage in found}) == len(found)
    for passage in found:
        assert 120 <= len(passage.text.split()) <= 180, passage.title
        assert passage.text.endswith((".", '."', '?"', '!"')), passage.title
        assert passage.text.isascii() and "#" not in passage.text
