"""What is counted of a text, how long a comparison will take, which candidates are proposed, and the picture of it."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import msgspec
import pytest

from core.errors import UserError
from core.messages import Rescore
from tests.tui.compared import rescoring
from tests.tui.fakes import HARMFUL, comparison, identity, score, top
from tui.results import gaps, histograms, rescorings
from tui.results.estimates import Pace, work
from tui.results.picture import svg
from tui.results.shown import Shown


def test_every_word_is_counted_once_or_left_out() -> None:
    one = comparison("a b c d", ["bert"])
    scores = [
        score("bert", "a", 1.0, rank=1, entropy_bits=0.0),
        score("bert", "b", 3.0, rank=50, entropy_bits=3.9),
        score("bert", "c", 9.0, rank=5000, entropy_bits=15.5, pieces=["c", "##d"]),
        score("bert", "d", None, mark="outside"),
    ]
    words = [msgspec.structs.replace(word, scores={"bert": made}) for word, made in zip(one.words, scores, strict=True)]
    rank, share, entropy = histograms.of(msgspec.structs.replace(one, words=words), ["bert"], (10, 100, 1000))
    assert (rank.counts["bert"], rank.left_out["bert"]) == ([1, 1, 0, 1], 1)
    # The first choice has .5: p is .5 and .125, and a word of two pieces has no p of its own.
    assert (share.counts["bert"], share.left_out["bert"]) == ([0, 0, 1, 0, 0, 0, 0, 0, 0, 1], 2)
    assert (entropy.counts["bert"], entropy.left_out["bert"]) == ([1, 1, 0, 0, 0, 0, 0, 1], 1)
    assert all(len(found.bins) == len(found.counts["bert"]) for found in (rank, share, entropy))


def test_the_expected_time_follows_the_work() -> None:
    bert, gpt = identity("bert", "masked"), identity("gpt2", "causal")
    assert work([bert], 100, "original") > 50 * work([gpt], 100, "original")
    assert work([bert], 100, "left_only") == work([bert], 100, "original") / 2
    pace, known = Pace(), {"bert": bert, "gpt2": gpt}
    assert pace.expected(known, ["bert"], 1000, "original") is None
    tiny, small, large = (comparison("a " * words, ["bert"]) for words in (49, 60, 200))
    pace.learn(tiny, "original", 99.0)
    assert pace.seconds is None
    pace.learn(large, "original", 10.0)
    pace.learn(small, "original", 99.0)  # the larger one knows better
    assert pace.expected(known, ["bert"], 200, "original") == pytest.approx(10.0)
    assert pace.expected(known, ["bert"], 400, "original") == pytest.approx(20.0)  # both are longer than the window
    assert pace.expected(known, ["bert", "lstm"], 400, "original") is None


def test_proposed_candidates_are_whole_words_of_every_model() -> None:
    one = comparison("the cabinet", ["bert", "gpt2"])
    lists = {"bert": top("was", "##s", "[MASK]", "is"), "gpt2": top("s", " was", " lay", "\n", "‹F0›")}
    scores = {name: msgspec.structs.replace(score(name, "cabinet", 1.0), top=found) for name, found in lists.items()}
    word = msgspec.structs.replace(one.words[1], scores=scores)
    assert rescorings.proposed(one, word, ("bert", "gpt2")) == ["cabinet", "was", "is", "lay"]


def test_spellings_of_one_word_are_one_candidate() -> None:
    """The list itself is left as the model gave it."""
    one = comparison("The cabinet", ["bert", "gpt2"])
    lists = {"bert": top("the", "a", "he"), "gpt2": top(" The", "The", " A", "\tthe", "A", "IT", " It")}
    scores = {name: msgspec.structs.replace(score(name, "The", 1.0), top=found) for name, found in lists.items()}
    word = msgspec.structs.replace(one.words[0], scores=scores)
    assert rescorings.proposed(one, word, ("bert", "gpt2")) == ["The", "A", "he", "IT"]
    assert len(word.scores["gpt2"].top) == 7
    small = msgspec.structs.replace(word, text="the")
    assert rescorings.proposed(one, small, ("bert", "gpt2")) == ["the", "a", "he", "IT"]


def test_what_a_model_cannot_tell_apart_is_said_under_the_table() -> None:
    asked = Rescore(id=1, models=["bert"], text="we were", start=3, end=7, candidates=["were", "Were"])
    note = "bert reads were, Were as the same tokens: \x1b[31m each has an equal part of one share."
    table = rescorings.as_table(msgspec.structs.replace(rescoring(asked), notes=[note]))
    assert "bert reads were, Were as the same tokens: ␛[31m" in table and max(map(len, table.splitlines())) <= 70


def test_candidates_are_typed_with_bars_between() -> None:
    assert rescorings.parse(" was | is|was | , ") == ["was", "is", ","]
    for typed in ("", "was", "was | was |", "|".join(map(str, range(51)))):
        with pytest.raises(UserError):
            rescorings.parse(typed)


def test_a_long_text_is_rescored_by_its_sentence() -> None:
    short = comparison("One here. Two there.")
    assert rescorings.sentence(short, short.words[0]) == ("One here. Two there.", 0)
    long = comparison("One is here. " + "Two are there, " * 30 + 'and so "on." Three stay.')
    word = next(word for word in long.words if word.text == "on")
    text, start = rescorings.sentence(long, word)
    assert text.startswith("Two are") and text.endswith('"on."') and text[word.start - start :].startswith("on")
    last = long.words[-2]
    assert rescorings.sentence(long, last)[0] == "Three stay."


def test_the_table_of_a_rescoring_fits_into_80_columns_and_marks_what_stood_there() -> None:
    words = ["were", "are", "中文", "\x1b[31m"]
    asked = Rescore(id=1, models=["bert", "gpt2", "lstm"], text="we were", start=3, end=7, candidates=words)
    lines = rescorings.as_table(rescoring(asked)).splitlines()
    assert max(map(len, lines)) <= 70 and lines[0] == "we ___"
    (stood,) = (line for line in lines if line.startswith("▸"))
    assert stood.split()[:3] == ["▸were", "50.0%", "44.28"]  # (30 + ln 2) / ln 2 bits
    assert any("unknown" in line and "␛" in line for line in lines)


@pytest.mark.parametrize("colour", ["bits", "rank", "difference"])
def test_the_picture_stands_alone_and_holds_every_word(colour: str) -> None:
    one = comparison(" ".join(HARMFUL), ["bert", "gpt2"], HARMFUL)
    gap = gaps.between(one, ("bert", "gpt2"))
    drawn = svg(Shown(one, ("bert", "gpt2"), range(len(HARMFUL)), gap, colour=colour))  # type: ignore[arg-type]
    texts = [element.text or "" for element in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
    assert sum("[MASK]" in text for text in texts) == (1 if colour == "difference" else 2)
    assert "\x1b" not in drawn and any("0123456789ab" in text for text in texts)
    assert "<script" not in drawn and "href" not in drawn
