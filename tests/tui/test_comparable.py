"""Which runs may share an axis, and what is said of those that may not."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from core.runs import RunFile
from core.settings import Family
from tests.tui.made_runs import settings
from tui.runs.comparable import reasons


def made(name: str, family: Family = "gpt2", **changes: Any) -> RunFile:
    chosen = settings(family)
    mine = {key: changes.pop(key) for key in ("length", "tokens") if key in changes}
    whole: dict[str, Any] = {"parameters": 1_000_000, "text": "aa", "held_out_text": "bb"}
    chosen = msgspec.structs.replace(chosen, **mine)
    return RunFile(id=name, settings=chosen, created=0.0, **(whole | changes))


def test_equal_runs_and_those_within_two_percent_are_comparable() -> None:
    assert reasons([]) == [] and reasons([made("one")]) == []
    others = [made("one"), made("two", "lstm", parameters=1_019_000, tokens=1_004_000)]
    assert reasons(others) == []


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (made("two", "bert"), "not comparable: masked and causal losses answer different questions"),
        (made("two", length=128), "not comparable: windows of other lengths"),
        (made("two", text="cc"), "not comparable: another text or tokenizer"),
        (made("two", held_out_text="cc"), "not comparable: other held-out text"),
        (made("two", parameters=1_120_000), "unmatched: two has 12 % more parameters"),
        (made("two", parameters=250_000), "unmatched: one has 4.0 times as many parameters"),
        (made("two", tokens=512_000), "unmatched: one has 2.0 times as many tokens"),
        (made("two", text=""), "not known to be comparable: what two reads is not written down yet"),
    ],
)
def test_each_difference_is_named(other: RunFile, said: str) -> None:
    assert reasons([made("one"), other]) == [said]


def test_the_third_run_counts_as_well() -> None:
    three = [made("one"), made("two"), made("three", text="cc", parameters=2_000_000)]
    assert reasons(three) == [
        "not comparable: another text or tokenizer", "unmatched: three has 2.0 times as many parameters",
    ]  # fmt: skip


def test_a_budget_that_nobody_knows_yet_is_not_compared() -> None:
    assert reasons([made("one"), made("two", tokens=0)]) == []
