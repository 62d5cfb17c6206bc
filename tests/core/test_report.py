"""What the report of a trio says, and what it must not say, for numbers of every kind."""

from __future__ import annotations

from typing import Any

import pytest

from core.plan import Choice
from core.trio.files import Cloze, Measured, Report, Trio
from core.trio.report import report

TRIO = Trio(id="t", choice=Choice(family="gpt2"), members=(), created=0.0, tokens=1_000_000)
UNIGRAM = 6.9


def member(family: Any, seed: int = 1, **changes: Any) -> Measured:
    """A complete member of its family."""
    masked = family == "bert"
    whole: dict[str, Any] = {
        "run": f"t-{family}-s{seed}", "family": family, "seed": seed, "state": "finished", "complete": True,
        "step": 100, "parameters": 400_000, "tokens": 1_000_200, "targets": 480_000 if masked else 1_000_200,
        "flops": 1e12, "seconds": 60.0, "nats": 6.5 if masked else 4.9, "top1": 0.1, "unigram_nats": UNIGRAM,
        "unigram_reader": False if masked else None, "bits_per_character": None if masked else 2.1,
        "cloze": Cloze(accuracy=0.4, low=0.36, high=0.44),
    }  # fmt: skip
    return Measured(**(whole | changes))


def made(*members: Measured) -> Report:
    return report(TRIO, members, 200, 10, Cloze(accuracy=0.3, low=0.25, high=0.37))


def said(*members: Measured) -> str:
    return "\n".join(made(*members).sentences)


def three(seed: int = 1, gpt2: float = 2.1, lstm: float = 2.3) -> list[Measured]:
    return [
        member("bert", seed),
        member("gpt2", seed, bits_per_character=gpt2),
        member("lstm", seed, bits_per_character=lstm),
    ]


def test_one_seed_has_no_winner_however_clear_it_looks() -> None:
    found = made(*three(gpt2=1.0, lstm=3.0))
    assert [(one.family, one.mean) for one in found.causal] == [("gpt2", 1.0), ("lstm", 3.0)]
    text = "\n".join(found.sentences)
    assert text.count("One seed: no winner is named.") == 2 and "ahead" not in text


def test_two_seeds_apart_have_one() -> None:
    text = said(*three(1, 2.10, 2.30), *three(2, 2.12, 2.31))
    assert "GPT-2 2.110 (2.100 to 2.120 over 2 seeds); LSTM 2.305 (2.300 to 2.310 over 2 seeds)" in text
    assert "GPT-2 is ahead, and the spreads do not overlap." in text


@pytest.mark.parametrize("second", [(2.32, 2.31), (2.30, 2.31)])
def test_two_seeds_that_overlap_or_touch_have_none(second: tuple[float, float]) -> None:
    text = said(*three(1, 2.10, 2.30), *three(2, *second))
    assert "The spreads overlap: no winner is named." in text and "GPT-2 is ahead" not in text


def test_the_cloze_has_a_winner_only_when_the_intervals_of_its_places_are_apart_too() -> None:
    clear = {"cloze": Cloze(accuracy=0.6, low=0.56, high=0.64)}
    near = {"cloze": Cloze(accuracy=0.45, low=0.41, high=0.49)}
    rest = [member(family, seed) for family in ("gpt2", "lstm") for seed in (1, 2)]
    found = made(member("bert", 1, **clear), member("bert", 2, **clear), *rest)
    assert found.cloze[0].family == "bert" and found.cloze[0].mean == 0.6
    assert "BERT is ahead, and the intervals do not overlap." in "\n".join(found.sentences)
    text = said(member("bert", 1, **near), member("bert", 2, **near), *rest)
    assert "The intervals overlap: no winner is named." in text and "BERT is ahead" not in text


def test_who_did_not_finish_is_named_and_not_ranked() -> None:
    stopped = member("lstm", 2, complete=False, problem="it was stopped.", bits_per_character=1.0)
    found = made(*three(), *three(2)[:2], stopped)
    assert "t-lstm-s2 is not ranked: it was stopped." in found.sentences
    assert [(one.family, one.seeds) for one in found.causal] == [("gpt2", 2), ("lstm", 1)]
    assert found.causal[1].high == 2.3
    assert "Not all have two complete seeds: no winner is named." in "\n".join(found.sentences)


def test_nothing_is_ranked_alone() -> None:
    gone = Measured(run="t-lstm", family="lstm", seed=1, state="deleted", problem="it was deleted.")
    text = said(*three()[:2], gone)
    assert "Nothing is ranked in bits per character" in text and "t-lstm is not ranked: it was deleted." in text
    nobody = report(TRIO, [gone], 0, 10, None)
    assert nobody.causal == () and nobody.cloze == () and not any("ead" in line for line in nobody.sentences[1:])


def test_bert_has_neither_bits_nor_a_perplexity_and_its_fewer_targets_are_said() -> None:
    text = said(*three())
    assert "perplexity" not in text.lower()
    bits = next(line for line in text.splitlines() if line.startswith("Bits per character"))
    assert "BERT" not in bits
    assert "BERT was asked about 480,000, GPT-2 about 1,000,200" in text and "no verdict on the architecture" in text


def test_with_as_many_targets_nothing_is_said_of_fewer() -> None:
    assert "asked about" not in said(member("bert", targets=1_000_200), *three()[1:])


@pytest.mark.parametrize(("reader", "what"), [(True, "is still a unigram reader"), (False, "reads its context")])
def test_the_state_of_bert_is_named(reader: bool, what: str) -> None:
    text = said(member("bert", unigram_reader=reader, nats=6.85), *three()[1:])
    assert f"t-bert-s1 {what}: 6.850 nats at hidden places, word frequencies alone get 6.900." in text


def test_the_budget_is_shown_with_how_far_apart_the_sizes_are() -> None:
    text = said(*three()[:2], member("lstm", parameters=404_000))
    assert "read 1,000,200 tokens each" in text and "with 400,000 to 404,000 parameters (1.0% apart)" in text
