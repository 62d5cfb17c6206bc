"""Many texts at once: every token once, the same numbers as one by one, and never more memory than one batch."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.compare import compare
from core.errors import Cancelled
from core.messages import PLL
from core.models.model import Model
from core.scoring import batches, causal, masked, tokens
from core.scoring.batches import cut, windows
from core.scoring.masked import Pieces
from core.scoring.tokens import bits
from tests.core.test_score import uneven
from tests.core.texts import ANY
from tests.core.toys import toy

TEXTS = [[5, 6, 7], [], [9], [5, 7, 8, 6, 9, 9, 5], [6] * 40, [7, 8]]


@pytest.mark.parametrize("count", [1, 15, 16, 17, 40, 101])
@pytest.mark.parametrize(("stride", "lead"), [(8, 8), (4, 6), (1, 0), (16, 0)])
def test_windows_score_every_token_once_with_its_context(count: int, stride: int, lead: int) -> None:
    found = list(windows(count, 16, stride, lead))
    assert [place for window in found for place in window.scored] == list(range(count))
    for first, last, scored in found:
        assert 0 <= first <= scored.start and scored.stop <= last <= count and last - first == min(16, count)
        assert first == 0 or scored.start - first >= lead
        assert last == count or last - scored.stop >= 16 - lead - stride


@pytest.mark.parametrize("lengths", [[7], [9, 9, 9, 9], [60, 40, 20, 3, 3, 1], [200, 5], list(range(90, 0, -1))])
def test_batches_hold_every_row_once_and_no_more_than_they_may(lengths: list[int]) -> None:
    found = list(cut(lengths, 100))
    assert [row for some in found for row in some] == list(range(len(lengths)))
    assert all(len(some) == 1 or len(some) * lengths[some.start] <= 100 for some in found)


def test_padding_stays_small_where_rows_differ() -> None:
    lengths = sorted((5 + n * n % 60 for n in range(400)), reverse=True)
    held = sum(len(some) * lengths[some.start] for some in cut(lengths, 2048))
    assert held < 1.06 * sum(lengths)


@pytest.mark.parametrize("first_token", ["bos", "skip"])
def test_many_causal_texts_equal_one_by_one(first_token: Any) -> None:
    model = toy("causal", uneven())
    together = causal.logprobs(model, TEXTS, first_token)
    for ids, mine in zip(TEXTS, together, strict=True):
        alone = causal.surprisal(model, ids, [0] * len(ids), first_token, tokens.silent)
        assert mine == pytest.approx([score and score.logprob for score in alone], abs=1e-6)


@pytest.mark.parametrize("pll", ["original", "within_word_l2r", "whole_word", "left_only", "left_masked"])
def test_many_masked_texts_equal_one_by_one(pll: PLL) -> None:
    model = toy("masked", uneven())
    texts = [Pieces(ids, [range(n, min(n + 2, len(ids))) for n in range(0, len(ids), 2)]) for ids in TEXTS]
    for (ids, words), mine in zip(texts, masked.logprobs(model, texts, pll), strict=True):
        alone = masked.pseudo_log_likelihood(model, ids, words, [0] * len(ids), pll, tokens.silent)
        assert mine == pytest.approx([score.logprob for score in alone], abs=1e-6)


class Meter:
    """The largest input and the largest table of logits that a network was asked for."""

    def __init__(self, model: Model) -> None:
        net: Any = model.net
        self.held, self.logits, self.batches = 0, 0, 0
        states, head = net.states, net.head

        def read(ids: Any, *rest: Any) -> Any:
            self.held, self.batches = max(self.held, ids.numel()), self.batches + 1
            return states(ids, *rest)

        def decode(given: Any) -> Any:
            self.logits = max(self.logits, len(given))
            return head(given)

        net.states, net.head = read, decode


@pytest.mark.parametrize("kind", ["causal", "masked"])
def test_a_longer_text_takes_more_batches_and_no_larger_ones(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (batches, tokens):
        monkeypatch.setattr(module, "BUDGET", 64)
    monkeypatch.setattr(tokens, "CHUNK", 0)
    monkeypatch.setattr(tokens, "ROWS", 8)
    meters = []
    for count in (200, 2000):
        model = toy(kind, uneven())
        meters.append(Meter(model))
        if kind == "causal":
            causal.surprisal(model, [5, 6] * (count // 2), [0] * count, "bos", tokens.silent)
        else:
            masked.logprobs(model, [Pieces([5, 6] * (count // 2), [])])
    short, long = meters
    assert short.held == long.held <= 64 and short.logits == long.logits <= 8
    assert long.batches > 9 * short.batches


@pytest.mark.parametrize("kind", ["causal", "masked"])
def test_reports_count_up_to_all_tokens_and_may_cancel(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BUDGET", 64)
    model, seen = toy(kind, uneven()), list[tuple[int, int]]()

    def score(report: Any) -> None:
        if kind == "causal":
            causal.logprobs(model, [[5, 6, 7]] * 50, report=report)
        else:
            masked.logprobs(model, [Pieces([5, 6, 7], [])] * 50, report=report)

    score(lambda done, total: seen.append((done, total)))
    assert len(seen) > 1 and seen == sorted(seen) and seen[-1] == (150, 150)

    def stop(done: int, total: int) -> None:
        raise Cancelled

    meter = Meter(model)
    with pytest.raises(Cancelled):
        score(stop)
    assert meter.batches == 1


@settings(max_examples=60, deadline=None)
@given(ANY, st.sampled_from(["within_word_l2r", "whole_word", "left_only"]))
def test_words_sum_to_tokens_whatever_the_text(text: str, pll: PLL) -> None:
    """Each model's bits over all words are the bits over all its tokens."""
    models = {"masked": toy("masked", uneven()), "causal": toy("causal", uneven())}
    encoding = models["causal"].tokenizer.encode(text)
    if not text.strip() or not encoding.ids:
        return
    result = compare(models, text, 0, pll, "bos", lambda done, total, note: None)
    groups = [range(0)] * len(result.words)
    expected = {"causal": sum(value or 0.0 for value in causal.logprobs(models["causal"], [encoding.ids])[0])}
    at = 0
    for number, word in enumerate(result.words):
        size = len(word.scores["masked"].pieces)
        groups[number] = range(at, at + size)
        at += size
    assert at == len(encoding.ids)
    expected["masked"] = sum(masked.logprobs(models["masked"], [Pieces(encoding.ids, groups)], pll)[0])
    for name, nats in expected.items():
        said = sum(word.scores[name].surprisal_bits or 0.0 for word in result.words)
        assert said == pytest.approx(bits(nats), rel=1e-6, abs=1e-4)
