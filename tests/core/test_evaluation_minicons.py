"""Minimal pairs as `minicons` (Misra 2022, arXiv 2203.13112) scores them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.evaluation import pairs
from core.evaluation.items import Pair, Pairs
from core.messages import SetAbout
from tests.core.evaluating import silent, twins

scorer = pytest.importorskip("minicons.scorer")

SENTENCES = (
    ("The keys to the cabinet are on the table.", "The keys to the cabinet is on the table."),
    ("Who should the lighthousekeepers hug after shocking them?", "Who should the keepers hug them after shocking?"),
    ("Unhappily she remembers the souvenirs", "Unhappily she remember the souvenirs"),
)
"""Without an apostrophe or a hyphen, where a word of minicons (a pre-token) is not one of UAX 29."""


def total(scores: Any) -> float:
    return float(scores.sum())


def ours(model: Any) -> list[float]:
    about = SetAbout(name="it", kind="pairs", path="/it", sha256="0" * 64, items=3, taken=3)
    job = pairs.plan(model, Pairs(about, tuple(Pair(good, bad, "") for good, bad in SENTENCES)))
    return [score for row in job.chunks[0].run(silent) for score in row[:2]]


def fast(folder: Path, framed: bool) -> Any:
    """The tokenizer of a folder for `transformers`, that frames a text where `framed`."""
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    theirs = PreTrainedTokenizerFast.from_pretrained(folder)
    if framed:
        ends = [(name, theirs.convert_tokens_to_ids(name)) for name in ("[CLS]", "[SEP]")]
        theirs.backend_tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    # minicons 0.3.39 calls what transformers 5 no longer has.
    theirs.batch_encode_plus = theirs.__call__
    return theirs


def test_masked_sentences_score_as_in_minicons(tmp_path: Path, own_folder: Path) -> None:
    model, theirs = twins(tmp_path, "bert", own_folder)
    judge = scorer.MaskedLMScorer(theirs, "cpu", tokenizer=fast(own_folder, framed=True))
    flat = [sentence for pair in SENTENCES for sentence in pair]
    for sentence, mine in zip(flat, ours(model), strict=True):  # one by one: their padding is not hidden everywhere
        (score,) = judge.sequence_score([sentence], reduction=total, PLL_metric="within_word_l2r")
        assert mine == pytest.approx(score, abs=1e-4)


def test_causal_sentences_score_as_in_minicons(tmp_path: Path, own_folder: Path) -> None:
    model, theirs = twins(tmp_path, "gpt2", own_folder)
    judge = scorer.IncrementalLMScorer(theirs, "cpu", tokenizer=fast(own_folder, framed=False))
    flat = [sentence for pair in SENTENCES for sentence in pair]
    scores = judge.sequence_score(flat, reduction=total, bos_token=True)
    for mine, score in zip(ours(model), scores, strict=True):
        assert mine == pytest.approx(score, abs=1e-4)
