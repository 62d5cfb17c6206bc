"""Tables of the headless verbs."""

from __future__ import annotations

import pytest

from core.messages import Candidate, WordScore
from tui.headless.tables import _cells


@pytest.mark.parametrize(
    ("said", "shown"), [(" ", "␣"), ("  ", "␣␣"), (" the", "the"), ("\n", "\n"), ("[MASK]", "[MASK]")]
)
def test_what_a_model_says_is_never_blank(said: str, shown: str) -> None:
    top = [Candidate(text=said, token_id=1, prob=1.0, logprob=0.0)]
    score = WordScore(surprisal_bits=1.0, rank=1, pieces=["x"], saw="left", top=top)
    assert _cells(score)[2] == shown
