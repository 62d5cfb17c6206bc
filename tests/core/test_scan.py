"""A scan: passages that partition a text and fit, numbers equal to Compare's, the strongest kept, the same by seed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch

from core import messages as m
from core.compare import compare
from core.errors import UserError
from core.models.model import Model
from core.scan import scan as scanning
from core.scan.apart import jaccard
from core.scan.passages import WORDS, drawn, fitting, passages
from core.scan.scan import scan
from core.text.words import cut
from tests.core.test_score import uneven
from tests.core.toys import toy

OTHER = torch.log_softmax(torch.randn(10, 10, generator=torch.Generator().manual_seed(3)), dim=-1)
TEXT = "A b cd e. B c a b a. E a cd cd b. C e e b a.\n\nA a a b e c. B e cd a c. E b."

KNOWN = {"a", "b", "c", "e", "cd"}


@pytest.fixture(scope="module")
def two() -> dict[str, Model]:
    return {"bert": toy("masked", OTHER), "gpt2": toy("causal", uneven())}


def run(models: dict[str, Model], text: str = TEXT, **changes: Any) -> m.Hits:
    show = changes.pop("show", lambda part: None)
    report = changes.pop("report", lambda done, total, note: None)
    return scan(models, m.Scan(id=1, models=list(models), text=text, **changes), report, show)


def test_passages_are_whole_sentences_and_every_word_is_in_one() -> None:
    text = " ".join(f"{'The cat sat on the mat and ' * n}it was number {n}." for n in range(6))
    found = list(passages(text))
    words = [text[span.start : span.end] for span in cut(text)]
    assert [one[span.start : span.end] for one in found for span in cut(one)] == words
    sizes = [len(cut(one)) for one in found]
    assert 1 < len(found) < 6 and max(sizes) <= WORDS
    assert all(one.startswith(("The", "it was number 0")) and one.endswith(".") for one in found)
    assert [len(cut(one)) for one in passages("a " * 100)] == [WORDS, WORDS, 100 - 2 * WORDS]
    assert list(passages(" \n ")) == [] and list(passages("a")) == ["a"]


def test_a_passage_is_halved_until_it_fits_and_a_word_that_does_not_is_left_out(two: dict[str, Model]) -> None:
    found = list(fitting("a b c e " * 10, two))
    assert " ".join(one.text for one in found) == ("a b c e " * 10).strip()
    assert max(len(one.encodings["bert"].ids) for one in found) <= 14 and len(found) == 4
    assert [one.text for one in fitting("a " + "c" + "d" * 20 + " b", two)] == ["a", "b"]


def test_numbers_are_those_of_compare_in_the_same_passage(two: dict[str, Model]) -> None:
    found = run(two, top=1000)
    assert (
        found.words == len(found.hits) == sum(word in KNOWN for word in TEXT.replace(".", "").split())
        and found.complete
    )
    for hit in found.hits:
        alone = compare(two, hit.text, 1, "within_word_l2r", "bos", lambda done, total, note: None)
        word = next(word for word in alone.words if (word.start, word.end) == (hit.start, hit.end))
        for name in two:
            mine, other = hit.scores[name], word.scores[name]
            assert mine.surprisal_bits == pytest.approx(other.surprisal_bits, abs=1e-4)
            assert (mine.rank, mine.top[0].token_id) == (other.rank, other.top[0].token_id)
    first, second = (hit.scores for hit in found.hits[:2])
    assert found.hits[0].value == first["gpt2"].surprisal_bits - first["bert"].surprisal_bits  # type: ignore[operator]
    assert second.keys() == two.keys()


@pytest.mark.parametrize("by", ["bits", "rank", "overlap"])
def test_the_strongest_are_kept_in_order(two: dict[str, Model], by: m.By, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "TOP", 3)  # of ten words in all
    every, some = run(two, top=1000, by=by), run(two, top=7, by=by)
    assert [hit.value for hit in some.hits] == [hit.value for hit in every.hits[:7]]
    assert some.hits[0] == every.hits[0] and some.words == every.words
    strengths = [-hit.value if by == "overlap" else abs(hit.value) for hit in every.hits]
    assert strengths == sorted(strengths, reverse=True) and len(set(strengths)) > 1
    for hit in every.hits:
        one, other = hit.scores.values()
        if by == "rank":
            assert hit.value == math.log2(other.rank / one.rank)  # type: ignore[operator]
        if by == "overlap":
            assert hit.value == jaccard(one.top, other.top) and len(one.top) == 3


def test_lists_are_compared_as_words() -> None:
    def top(*texts: str) -> list[m.Candidate]:
        return [m.Candidate(text=text, token_id=at, prob=0.1, logprob=-2.3) for at, text in enumerate(texts)]

    assert jaccard(top(" the", " Cat", "s"), top("the", "cat", "##s")) == 2 / 4
    assert jaccard(top("a"), top("b")) == 0 and jaccard(top("a"), top(" A")) == 1


def test_the_same_seed_draws_the_same_passages_in_their_order(
    two: dict[str, Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert drawn(range(1000), 5, 1) == drawn(range(1000), 5, 1) == sorted(drawn(range(1000), 5, 1))
    assert drawn(range(1000), 5, 1) != drawn(range(1000), 5, 2) and drawn(range(3), 5, 1) == [0, 1, 2]
    counts = [0] * 10
    for seed in range(300):
        for one in drawn(range(10), 3, seed):
            counts[one] += 1
    assert min(counts) > 60 and max(counts) < 120
    monkeypatch.setattr("core.scan.passages.WORDS", 7)
    first, again = run(two, limit=3), run(two, limit=3)
    assert first.hits == again.hits and 3 <= first.passages <= 6 and first.words < run(two).words
    assert len({hit.passage for hit in first.hits}) == 3


def test_batches_change_nothing_and_partial_results_come(
    two: dict[str, Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.scan.passages.WORDS", 6)
    whole, parts, told = run(two), [], []
    monkeypatch.setattr(scanning, "FIRST", 1)
    monkeypatch.setattr(scanning, "TOGETHER", 2)
    monkeypatch.setattr(scanning, "OFTEN", 0.0)
    again = run(two, show=parts.append, report=lambda *one: told.append(one))
    assert [(hit.passage, hit.start) for hit in again.hits] == [(hit.passage, hit.start) for hit in whole.hits]
    assert len(parts) >= 2 and not any(part.complete for part in parts)
    assert [part.words for part in parts] == sorted(part.words for part in parts) and parts[-1].words < again.words
    assert told[-1][0] == told[-1][1] and [done for done, _, _ in told] == sorted(done for done, _, _ in told)


def test_a_file_and_a_folder_are_read_and_named(two: dict[str, Model], tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("A b e.\n\nB a a.")
    (tmp_path / "two.txt").write_text("C cd e.")
    (tmp_path / "empty.txt").write_text("")
    found = run(two, text="", path=str(tmp_path))
    assert {(hit.source, hit.passage) for hit in found.hits} == {("one.txt", 0), ("one.txt", 1), ("two.txt", 2)}
    assert found.text == tmp_path.name
    assert run(two, text="", path=str(tmp_path / "two.txt")).hits[0].source == "two.txt"


def test_words_that_a_tokenizer_does_not_know_are_left_out_and_counted(two: dict[str, Model]) -> None:
    found = run(two, text="a zebra b")
    assert {hit.text[hit.start : hit.end] for hit in found.hits} == {"a", "b"} and "1 word(s) are left out" in " ".join(
        found.notes
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"text": "zebra"}, "no word"), ({"top": 0}, "0 words"), ({"limit": -1}, "-1 passages"),
     ({"text": "", "path": "/no/such"}, "no file or folder")],
)  # fmt: skip
def test_what_cannot_be_is_refused(two: dict[str, Model], changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said):
        run(two, **changes)


def test_other_than_two_models_are_refused(two: dict[str, Model]) -> None:
    with pytest.raises(UserError, match="1 model"):
        run({"bert": two["bert"]})


def test_a_report_that_raises_ends_it(two: dict[str, Model]) -> None:
    def stop(done: int, total: int, note: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(two, report=stop)
