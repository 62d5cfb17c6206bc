"""Scan, minimal pairs and re-scoring with the real vocabularies: every number is that of a plain loop over
`transformers`, one forward pass a token, in float32."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from core import passages as studied
from core.errors import UserError
from core.messages import Paired, Rescored, Scan, Scanned, WordScore, encode
from core.models.model import Model
from core.pair import pair
from core.rescore import rescore
from core.scan import passages
from core.scan.apart import jaccard
from core.scan.passages import fitting
from core.scan.scan import scan
from core.text.align import Group, align
from core.text.words import cut
from tests.core.hard_texts import HARD
from tests.core.test_score_peers import CONTEXT, Twins

TOLERANCE = 1e-5
"""Nats a token."""
CLS, SEP, MASK, START = 101, 102, 103, 50256
TEXT = " ".join(passage.text for passage in studied.every()[:2]).replace("\n", " ")[:900]
PAIRS = (
    ("The keys to the cabinet were on the table.", "The keys to the cabinet was on the table."),
    ("No antidisestablishmentarian has ever won… really", "Some antidisestablishmentarian has ever won it, really"),
    ("Naïve souvenirs weren't unbelievable!", "naive souvenir wasn’t believable"),
    ("She said: well... 3.14", "She said; well... 3.15"),
    ("I like it.", "I like it"),
)
CANDIDATES = ["keys", "souvenirs", "antidisestablishmentarianism", "key", "don't", "naïve", "..."]


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory, bert_folder: Path, gpt2_folder: Path) -> dict[str, Twins]:
    home = tmp_path_factory.mktemp("ways")
    return {"bert": Twins("bert", bert_folder, home / "bert"), "gpt2": Twins("gpt2", gpt2_folder, home / "gpt2")}


@pytest.fixture(scope="module")
def models(twins: dict[str, Twins]) -> dict[str, Model]:
    return {name: one.model for name, one in twins.items()}


@pytest.fixture(scope="module")
def read() -> dict[str, tuple[list[Group], dict[str, tuple[list[int], list[Tensor]]]]]:
    """Passages that were read by plain `transformers` already: their words, and by model ids and distributions."""
    return {}


@torch.inference_mode()
def masked(twins: Twins, ids: list[int], words: Sequence[range]) -> list[Tensor]:
    """The distribution (vocabulary,) at every token, hidden with the later pieces of its word: a pass a token."""
    found = []
    for place in range(len(ids)):
        word = next((word for word in words if place in word), range(place, place + 1))
        row = [MASK if place <= at < word.stop else token for at, token in enumerate(ids)]
        found.append(twins.net(torch.tensor([[CLS, *row, SEP]])).logits[0, place + 1].log_softmax(-1))
    return found


@torch.inference_mode()
def causal(twins: Twins, ids: list[int]) -> list[Tensor]:
    """The distribution at every token, from what stands left of it and nothing else: a pass a token."""
    return [twins.net(torch.tensor([[START, *ids[:place]]])).logits[0, -1].log_softmax(-1) for place in range(len(ids))]


def told(twins: Twins, name: str, text: str) -> tuple[list[int], list[Tensor]]:
    """The ids of a text, and the distribution at each of them; a word is what the model's own tokens make of it."""
    ids = twins.theirs(text)
    assert ids == twins.model.tokenizer.encode(text).ids
    words = [group.tokens[name] for group in laid({name: twins.model}, text)]
    return ids, masked(twins, ids, words) if name == "bert" else causal(twins, ids)


def laid(models: dict[str, Model], text: str) -> list[Group]:
    return align(text, {name: model.tokenizer.encode(text) for name, model in models.items()})


def nats(ids: list[int], at: Sequence[Tensor], some: range) -> float:
    return math.fsum(float(at[place][ids[place]]) for place in some)


def check(mine: WordScore, ids: list[int], at: Sequence[Tensor], pieces: range, top: int) -> None:
    """The bits, the rank, the entropy and the list of one word."""
    assert mine.surprisal_bits is not None and len(mine.pieces) == len(pieces) > 0
    assert abs(-mine.surprisal_bits * math.log(2) - nats(ids, at, pieces)) < TOLERANCE * len(pieces)
    # Two tokens that are as likely as each other to the last digit may change places.
    least, most = (
        max(int((at[place] > at[place][ids[place]] + by).sum()) + 1 for place in pieces)
        for by in (TOLERANCE, -TOLERANCE)
    )
    assert mine.rank is not None and least <= mine.rank <= most <= least + 5
    first = at[pieces.start]
    assert mine.entropy_bits == pytest.approx(float(-(first.exp() * first).sum()) / math.log(2), abs=1e-3)
    for one, value in zip(mine.top, first.topk(top).values.tolist(), strict=True):
        assert abs(one.logprob - value) < TOLERANCE and abs(float(first[one.token_id]) - value) < TOLERANCE


@pytest.mark.parametrize("by", ["bits", "rank", "overlap"])
def test_a_scan_equals_plain_transformers(
    twins: dict[str, Twins], models: dict[str, Model], read: dict[str, Any], by: Any
) -> None:
    request = Scan(id=1, models=list(models), text=TEXT, top=1000, by=by)
    found = scan(models, request, lambda done, total, note: None, lambda part: None)
    assert found.words == len(found.hits) > 120 and found.passages > 2
    for hit in found.hits if by == "bits" else found.hits[::12]:
        if hit.text not in read:
            groups = laid(models, hit.text)
            read[hit.text] = groups, {name: told(one, name, hit.text) for name, one in twins.items()}
        groups, columns = read[hit.text]
        (group,) = (group for group in groups if (group.start, group.end) == (hit.start, hit.end))
        for name, (ids, at) in columns.items():
            check(hit.scores[name], ids, at, group.tokens[name], 10 if by == "overlap" else 1)
        one, other = (nats(ids, at, group.tokens[name]) for name, (ids, at) in columns.items())
        ranks = [hit.scores[name].rank or 0 for name in columns]
        value = {
            "bits": (one - other) / math.log(2),
            "rank": math.log2(ranks[1] / ranks[0]),
            "overlap": jaccard(*(hit.scores[name].top for name in columns)),
        }[by]
        assert hit.value == pytest.approx(value, abs=1e-4)


@pytest.mark.parametrize(("good", "bad"), PAIRS)
def test_a_minimal_pair_equals_plain_transformers(
    twins: dict[str, Twins], models: dict[str, Model], good: str, bad: str
) -> None:
    found = pair(models, good, bad, lambda done, total, note: None)
    for name, one in twins.items():
        sums = []
        for text, side in ((good, "good"), (bad, "bad")):
            groups = laid(models, text)
            ids, at = told(one, name, text)
            whole = getattr(found.preferences[name], side)
            assert abs(whole - nats(ids, at, range(len(ids)))) < TOLERANCE * len(ids)
            sums.append(whole)
            for step in found.steps:
                place = getattr(step, side)
                mine = [group for group in groups if place.start <= group.start and group.end <= place.end]
                pieces = [token for group in mine for token in group.tokens[name]]
                by_hand = math.fsum(float(at[token][ids[token]]) for token in pieces)
                said = getattr(step, f"{side}_bits")[name]
                assert abs(-said * math.log(2) - by_hand) < TOLERANCE * max(1, len(pieces))
        difference = (sums[0] - sums[1]) / math.log(2)
        assert found.preferences[name].bits == pytest.approx(difference, abs=1e-9)
        assert found.preferences[name].prefers == ("good" if difference > 0 else "bad")


@pytest.mark.parametrize(("before", "after"), [("The ", " to the cabinet were on the table."), ("", ""), ("(", "!")])
def test_rescoring_equals_plain_transformers(
    twins: dict[str, Twins], models: dict[str, Model], before: str, after: str
) -> None:
    text = f"{before}souvenir{after}"
    found = rescore(models, text, len(before), len(text) - len(after), CANDIDATES, lambda done, total, note: None)
    for name, one in twins.items():
        by_hand = []
        for word, mine in zip(CANDIDATES, found.scores[name], strict=True):
            full = before + word + after
            ids, at = told(one, name, full)
            by_hand.append(nats(ids, at, range(len(ids))))
            assert mine.logprob is not None and abs(mine.logprob - by_hand[-1]) < TOLERANCE * len(ids)
        shares = torch.tensor(by_hand, dtype=torch.float64).softmax(0).tolist()
        assert [one.share for one in found.scores[name]] == pytest.approx(shares, rel=1e-3)


def test_every_hard_text_is_half_of_a_pair_and_its_steps_add_up(models: dict[str, Model]) -> None:
    """Section A to E and J: nothing that tools of this field stumbled over stops it, or is lost from the sums."""
    judged = 0
    for hard in HARD:
        try:
            found = pair(models, hard.text, f"{hard.text} it", lambda done, total, note: None)
        except UserError as error:
            assert hard.text.isspace() or not hard.text or "too long" in error.what, hard
            continue
        judged += 1
        for name, one in found.preferences.items():
            assert math.isfinite(one.good) and math.isfinite(one.bad), hard
            for side, whole in (("good", one.good), ("bad", one.bad)):
                bits = math.fsum(getattr(step, f"{side}_bits")[name] for step in found.steps)
                assert bits * math.log(2) == pytest.approx(-whole, abs=1e-6), hard
        assert encode(Paired(id=1, pairing=found))
    assert judged > 75


def test_every_hard_text_is_a_candidate(models: dict[str, Model]) -> None:
    words = list({hard.text.strip(): None for hard in HARD if 0 < len(hard.text.strip()) < 30})[:50]
    text = "The cat sat."
    found = rescore(models, text, 4, 7, words, lambda done, total, note: None)
    assert found.candidates == words and len(words) == 50
    for column in found.scores.values():
        assert math.fsum(one.share or 0.0 for one in column) == pytest.approx(1)
        for one in column:
            assert (one.logprob is None) == (one.mark != "") == (one.share is None)
    assert encode(Rescored(id=1, rescoring=found))


def test_a_scan_of_all_hard_texts_accounts_for_every_word(models: dict[str, Model]) -> None:
    text = "\n\n".join(hard.text for hard in HARD)
    request = Scan(id=1, models=list(models), text=text, top=5000)
    found = scan(models, request, lambda done, total, note: None, lambda part: None)
    groups = [(part.text, group) for block in text.split("\n\n") for one in passages.passages(block)
              for part in fitting(one, models) for group in part.groups]  # fmt: skip
    whole = sum(len(cut(part[group.start : group.end])) for part, group in groups)
    unknown, too_long = (int(note.split()[0]) for note in found.notes)
    assert found.words == len(found.hits) > 900 and found.complete
    assert found.words + unknown == len(groups) and unknown > 20
    assert whole + too_long == len(cut(text)) and too_long == 2, "ten thousand letters, ten thousand accents"
    for hit in found.hits:
        assert hit.text[hit.start : hit.end].strip()
        for one in hit.scores.values():
            assert math.isfinite(one.surprisal_bits or 0.0) and not one.mark
            assert not set("ĠĊ") & set("".join([*one.pieces, one.top[0].text])), (
                "the spelling of a vocabulary leaks (B3)"
            )
        assert max(len(model.tokenizer.encode(hit.text).ids) for model in models.values()) < CONTEXT
    assert encode(Scanned(id=1, found=found))
