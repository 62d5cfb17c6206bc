"""`lookboth rescore`: which place is meant, what is asked, and the table and the JSON of the answer."""

from __future__ import annotations

import json

import pytest

from core.errors import UserError
from tests.tui.command_line import asked, lookboth
from tui.headless.rescoring import place

SENTENCE = "The C++ keys to the cabinet (a key) were a.b here, C++"


@pytest.mark.parametrize(
    ("at", "found"), [("keys", (8, 12)), ("0:3", (0, 3)), ("key", (31, 34)), ("a.b", (41, 44)), ("(a", (28, 30))]
)
def test_a_place_is_a_word_or_characters(at: str, found: tuple[int, int]) -> None:
    assert place(SENTENCE, at) == found and (":" in at or SENTENCE[slice(*found)] == at)


@pytest.mark.parametrize(
    ("at", "said"),
    [("C++", "4:7, 51:54"), ("door", "does not stand"), ("ke", "does not stand"), ("9:9", "no characters"),
     ("50:99", "54 characters")],
)  # fmt: skip
def test_a_place_that_is_none_or_not_one_is_refused(at: str, said: str) -> None:
    with pytest.raises(UserError) as told:
        place(SENTENCE, at)
    assert said in str(told.value)


@pytest.mark.usefixtures("processes")
def test_the_answer_is_json_or_a_table() -> None:
    words = (
        "rescore",
        "The keys were here.",
        "--at",
        "keys",
        "--candidates",
        "keys, key,keys,doors",
        "-m",
        "bert,gpt2",
    )
    done = asked(*words, "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 0 and (found["start"], found["end"]) == (4, 8)
    assert found["candidates"] == ["keys", "key", "doors"] and list(found["models"]) == ["bert", "gpt2"]
    assert found["scores"]["bert"][2] == {"logprob": None, "share": None, "mark": "unknown"}
    said = asked(*words).stdout.decode()
    assert "The ___ were here." in said and "▸keys" in said and "50.0%" in said and "unknown" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("a b", "--candidates", "a,b"), "START:END"),
        (("a b", "--at", "a", "--candidates", "a"), "1 candidates"),
        (("a b", "--at", "c", "--candidates", "a,b"), "does not stand"),
        (("--at", "a", "--candidates", "a,b"), "either a text"),
        (("a b", "--at", "a", "--candidates", "a,b", "--models", "nobody"), "nobody"),
    ],
)
@pytest.mark.usefixtures("processes")
def test_what_cannot_be_is_refused_before_an_engine_starts(words: tuple[str, ...], said: str) -> None:
    done = lookboth("rescore", *words)
    assert done.returncode == 2 and done.stdout == b"" and said in " ".join(done.stderr.decode().split())
