"""The card of a model says what its run says, in the words that the run cannot know."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import runs
from core.plan import Choice, settle
from core.runs import Progress
from core.training.card import Story, card, of_trio
from tests.core.toy_runs import TEXT

NUMBERS = {"nats": 3.25, "top1": 0.4, "unigram": 6.9, "training": 3.1}


@pytest.mark.parametrize("family", ["bert", "gpt2"])
def test_a_card(home: Path, tmp_path: Path, family: str) -> None:
    (tmp_path / "text.txt").write_text("\n\n".join([TEXT] * 3))
    chosen = Choice(family=family, texts=(str(tmp_path / "text.txt"),), preset="tiny", steps=200, seed=3)  # type: ignore[arg-type]
    run = runs.create(settle(chosen), "toy")
    done = Progress(step=400, steps=400, switch=70, tokens=51_200, seconds=1800.0)
    own = card("mine", run.file(), done, NUMBERS, 1234, ["- so"], Story("About it.", "Tried: much.", ["make", "it"]))
    assert own.startswith("# Lookboth mine: 1,234 parameters\n\nAbout it.\n")
    for said in (
        "51,200 input tokens in 400 steps",
        "0.5 hours",
        "Tried: much.",
        "3.250 nats",
        "40.0%",
        "```\nmake\nit\n",
    ):
        assert said in own, said
    assert ("17.5% of the steps were causal" in own) == (family == "bert")
    trio = card(family, run.file(), done, NUMBERS, 1234, [], of_trio(family, run.file().settings, "small", ""))  # type: ignore[arg-type]
    assert f"lookboth train {family} text.txt" in trio and "two siblings" in trio
