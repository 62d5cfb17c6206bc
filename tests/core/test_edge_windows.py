"""Where texts end: no row is ever longer than a window, limits count tokens, and batches do not change what is said."""

from __future__ import annotations

import math
from typing import Any, get_args

import pytest
import torch

from core.compare import compare
from core.errors import UserError
from core.messages import LISTED, PLL, Compared, Comparison, Scan, encode
from core.models.load import load
from core.models.model import Model
from core.pair import pair
from core.predict import predict
from core.rescore import rescore
from core.scan.scan import scan
from core.scoring import batches
from core.scoring.causal import surprisal
from core.scoring.tokens import silent
from tests.core import folders
from tests.core.test_score import uneven
from tests.core.toys import toy

CONTEXT = 16
RANDOM = torch.log_softmax(torch.randn(10, 10, generator=torch.Generator().manual_seed(3)), dim=-1)


def quiet(done: int, total: int, note: str) -> None:
    pass


class Lengths:
    """Two toys, and the rows that their networks were given, without padding."""

    def __init__(self) -> None:
        self.rows: dict[str, list[list[int]]] = {"causal": [], "masked": []}
        self.models: dict[str, Model] = {"causal": toy("causal", uneven()), "masked": toy("masked", uneven())}
        for name, model in self.models.items():
            self._watch(name, model.net)

    def _watch(self, name: str, net: Any) -> None:
        read = net.read

        def watched(ids: Any, lengths: Any, rows: Any, columns: Any) -> Any:
            many = [ids.shape[1]] * len(ids) if lengths is None else lengths.tolist()
            self.rows[name] += [row[:length] for row, length in zip(ids.tolist(), many, strict=True)]
            assert all(column < many[row] for row, column in zip(rows.tolist(), columns.tolist(), strict=True))
            return read(ids, lengths, rows, columns)

        net.read = net.states = watched

    @property
    def longest(self) -> dict[str, int]:
        return {name: max(map(len, rows), default=0) for name, rows in self.rows.items()}


@pytest.mark.parametrize("count", [1, 11, 12, 13, 14, 15, 16, 17, 18, 33])
@pytest.mark.parametrize("pll", get_args(PLL))
def test_no_row_of_a_comparison_is_longer_than_the_window(count: int, pll: PLL) -> None:
    """E2, E3: with start, end and the two masks of `left_only`, which come on top of the text; A3: no end for GPT-2."""
    seen = Lengths()
    for first_token in ("bos", "skip"):
        found = compare(seen.models, "a b cd e " * (count // 5) + "a " * (count % 5), 2, pll, first_token, quiet)
        assert sum(len(word.scores["masked"].pieces) for word in found.words) == count
        assert all(word.scores["masked"].surprisal_bits is not None for word in found.words)
    assert 0 < max(seen.longest.values()) <= CONTEXT
    assert not any(3 in row for row in seen.rows["causal"]), "the end of a text is not asked about"


@pytest.mark.parametrize("count", [13, 14])
def test_the_longest_text_that_fits_is_rescored_and_one_token_more_is_refused(count: int) -> None:
    """E3: a candidate of more pieces makes the text longer; [CLS] and [SEP] count, for a causal model the start."""
    seen = Lengths()
    text = "a " * count
    masked = {"masked": seen.models["masked"]}
    whole = rescore(masked, text, 0, 1, ["a", "b"], quiet)
    assert all(one.logprob is not None for one in whole.scores["masked"]) and seen.longest["masked"] == count + 2
    if count == 14:
        with pytest.raises(UserError, match="It has 17 tokens, and masked reads 16") as refused:
            rescore(masked, text, 0, 1, ["a", "cd"], quiet)
        assert "too long to be re-scored" in refused.value.what
        causal = rescore({"causal": seen.models["causal"]}, text, 0, 1, ["a", "cd"], quiet)  # 15 and the start
        assert causal.scores["causal"][1].logprob is not None and seen.longest["causal"] <= CONTEXT
    else:
        assert rescore(masked, text, 0, 1, ["a", "cd"], quiet).scores["masked"][1].logprob is not None
    assert seen.longest["masked"] <= CONTEXT


def test_limits_count_tokens_and_not_characters() -> None:
    """E4: sixteen characters of one word may be a text too long, five hundred spaces are not."""
    models = {"masked": toy("masked", uneven()), "causal": toy("causal", uneven())}
    many = "c" + "d" * 15
    with pytest.raises(UserError, match="It has 18 tokens, and masked reads 16"):
        pair(models, many, "a", quiet)
    far = f"a{' ' * 500}b"
    assert pair(models, far, "a e", quiet).preferences["masked"].good < 0
    assert not compare(models, far, 2, "within_word_l2r", "bos", quiet).notes
    notes = compare(models, many, 2, "within_word_l2r", "bos", quiet).notes
    assert any(note.startswith("masked reads the text in windows of 14 tokens") for note in notes)
    hits = scan(models, Scan(id=1, models=list(models), text=f"{many} {far}", top=9), quiet, lambda part: None)
    assert {hit.text[hit.start : hit.end] for hit in hits.hits} == {"a", "b"}
    assert "1 word(s) are left out: one alone is longer than a model's window." in hits.notes


@pytest.mark.parametrize("place", [0, 1, 7, 20, 38, 39])
def test_a_place_far_into_a_text_is_cut_with_its_text(place: int) -> None:
    """E11: the window moved and the mark did not, so that another place was answered."""
    words = ["a", "b", "e", "c"] * 10
    model = toy("masked", RANDOM)
    (slot,) = predict(model, " ".join([*words[:place], "[MASK]", *words[place + 1 :]]), 10).slots
    ids = {"a": 5, "b": 6, "c": 7, "e": 9}
    left = ids[words[place - 1]] if place else 2
    right = ids[words[place + 1]] if place < 39 else 3
    expected = torch.log_softmax(RANDOM[left] + RANDOM[right], dim=-1)
    assert {one.token_id: pytest.approx(one.logprob, abs=1e-5) for one in slot.top} == dict(
        enumerate(expected.tolist())
    )
    net: Any = model.net
    ((read, column),) = net.asked
    assert len(read) == CONTEXT and read[column] == 4 and read.count(4) == 1


def test_every_word_of_a_long_text_is_hidden_in_its_own_row_between_its_own_neighbours() -> None:
    """A8, E11: in windows too, the place that is read is the one that was hidden."""
    model = toy("masked", RANDOM)
    words = ["a", "b", "e", "c", "c", "a", "e", "b", "b", "a", "c", "e", "e", "a", "b", "c"] * 3
    found = compare({"it": model}, " ".join(words), 0, "original", "bos", quiet)
    ids = [2, *({"a": 5, "b": 6, "c": 7, "e": 9}[word] for word in words), 3]
    for at, word in enumerate(found.words, start=1):
        expected = torch.log_softmax(RANDOM[ids[at - 1]] + RANDOM[ids[at + 1]], dim=-1)[ids[at]]
        assert word.scores["it"].surprisal_bits == pytest.approx(-float(expected) / math.log(2), abs=1e-5)


def test_the_lists_stop_where_it_is_said_and_not_before() -> None:
    models = {"it": toy("causal", uneven())}

    def run(count: int, top: int) -> Comparison:
        return compare(models, "a " * count, top, "original", "bos", quiet)

    assert not any("stop" in note for note in [*run(LISTED, 2).notes, *run(LISTED + 1, 1).notes])
    found = run(LISTED + 1, 2)
    assert found.notes[-1] == "The lists of candidates stop after 3,000 words: later ones have the first choice alone."
    assert [len(word.scores["it"].top) for word in found.words[-2:]] == [2, 1]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, own_folder: Any) -> dict[str, Model]:
    made = {}
    for name in ("bert", "gpt2", "lstm"):
        folder = folders.model(tmp_path_factory.mktemp("edge") / name, name, own_folder)
        made[name] = load(folders.entry(folder, name), torch.device("cpu"))
    return made


def test_no_batch_changes_a_digit_that_is_shown(real: dict[str, Model], monkeypatch: pytest.MonkeyPatch) -> None:
    """E8: what is shown has two decimals, and the size of a batch, or a neighbour, moves none by a thousandth."""
    text = "The keys to the cabinet, naïve or not, were on the table near the old door. Unbelievably so!"

    def run() -> Comparison:
        return compare(real, text, 3, "within_word_l2r", "bos", quiet)

    usual = run()
    assert encode_of(run()) == encode_of(usual), "the same batches give the same bits"
    for budget in (64, 200):
        monkeypatch.setattr(batches, "BUDGET", budget)
        for one, other in zip(usual.words, run().words, strict=True):
            for name in real:
                mine, theirs = one.scores[name], other.scores[name]
                assert mine.surprisal_bits is not None
                assert theirs.surprisal_bits == pytest.approx(mine.surprisal_bits, abs=1e-3)
                assert theirs.entropy_bits == pytest.approx(mine.entropy_bits, abs=1e-3)


def encode_of(found: Comparison) -> bytes:
    return encode(Compared(id=1, comparison=found))


@pytest.mark.filterwarnings("ignore:No memory")
@pytest.mark.parametrize("kind", ["masked", "causal"])
def test_a_batch_without_memory_is_read_in_halves_with_the_same_numbers(kind: Any) -> None:
    """E7: caught, halved, tried again and said; a single row for which there is no memory fails."""
    text, tight = "a b cd e " * 20, toy(kind, RANDOM)
    net: Any = tight.net
    states, tried = net.states, []

    def short_of_memory(ids: Any, *rest: Any) -> Any:
        tried.append(len(ids))
        if len(ids) > room:
            raise torch.OutOfMemoryError("out of memory")
        return states(ids, *rest)

    net.states = short_of_memory
    wanted = compare({"it": toy(kind, RANDOM)}, text, 2, "within_word_l2r", "bos", quiet)
    room = 2
    with pytest.warns(UserWarning, match="read in halves"):
        assert compare({"it": tight}, text, 2, "within_word_l2r", "bos", quiet).words == wanted.words
    assert max(tried) > room
    room = 0
    with pytest.raises(torch.OutOfMemoryError):
        compare({"it": tight}, text, 2, "within_word_l2r", "bos", quiet)


def test_impossible_tokens_leave_the_entropy_a_number() -> None:
    """E10: 0 times the logarithm of 0 is nothing, where a program has NaN."""
    table = torch.full((10, 10), -math.inf)
    table[:, 5:7] = math.log(0.5)
    first, last = surprisal(toy("causal", table), [5, 7], [3, 3], "bos", silent)
    assert first is not None and last is not None
    assert first.entropy == pytest.approx(1.0) and last.entropy == pytest.approx(1.0)
    assert last.logprob == -math.inf and last.rank == 3 and not math.isnan(first.logprob)
