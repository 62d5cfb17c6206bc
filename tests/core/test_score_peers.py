"""Two hundred texts with the real vocabularies: as plain `transformers` scores them, and as `minicons` does.

`minicons` is Misra 2022, arXiv 2203.13112.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from core.messages import PLL
from core.models.load import load
from core.models.model import Model
from core.scoring import causal, masked
from core.scoring.batches import windows
from core.scoring.masked import Pieces
from core.text.align import align
from tests.core import folders
from tests.core.hard_texts import TEXTS, Hard

CONTEXT = 96
SHAPE: dict[str, dict[str, Any]] = {
    "bert": {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64,
             "max_position_embeddings": CONTEXT, "initializer_range": 0.3},
    "gpt2": {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": CONTEXT, "initializer_range": 0.3},
}  # fmt: skip
FEW = 16
"""Rows of a window that the plain forward pass reads at once."""
MANY = 40
"""Rows of a text beyond which not each of them is read again by the plain forward pass."""
WINDOWS = 8
"""Of a text, that are read again by the plain forward pass of a causal model."""


class Twins:
    """A tiny random model with a real vocabulary, as the lab opens it and as `transformers` does."""

    def __init__(self, family: str, vocabulary: Path, folder: Path) -> None:
        import transformers

        torch.manual_seed(11)
        config, net, tokenizer = {
            "bert": ("BertConfig", "BertForMaskedLM", "BertTokenizerFast"),
            "gpt2": ("GPT2Config", "GPT2LMHeadModel", "GPT2TokenizerFast"),
        }[family]
        shutil.copytree(vocabulary, folder)
        self.tokenizer: Any = getattr(transformers, tokenizer).from_pretrained(vocabulary)
        self.tokenizer.batch_encode_plus = (
            self.tokenizer.__call__
        )  # minicons 0.3.39 asks for it, transformers 5 lost it
        size = {"vocab_size": len(self.tokenizer)}
        self.net: Any = getattr(transformers, net)(getattr(transformers, config)(**SHAPE[family], **size)).eval()
        self.net.save_pretrained(folder)
        self.model: Model = load(folders.entry(folder, family), torch.device("cpu"))

    @torch.inference_mode()
    def plain(self, rows: list[list[int]], columns: list[list[int]], ids: list[list[int]]) -> list[float]:
        """log p of `ids` at `columns` of each of `rows` of one length, by the forward pass of `transformers`."""
        found: list[float] = []
        for at in range(0, len(rows), FEW):
            some, where, wanted = (torch.tensor(part[at : at + FEW]) for part in (rows, columns, ids))
            logits = self.net(some).logits[torch.arange(len(some))[:, None], where]
            found += logits.log_softmax(-1).gather(2, wanted[:, :, None]).flatten().tolist()
        return found

    def theirs(self, text: str) -> list[int] | None:
        """The ids that `transformers` makes of a text, None where it refuses it."""
        try:
            return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])
        except TypeError:
            return None


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory, bert_folder: Path) -> Twins:
    return Twins("bert", bert_folder, tmp_path_factory.mktemp("peers") / "bert")


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory: pytest.TempPathFactory, gpt2_folder: Path) -> Twins:
    return Twins("gpt2", gpt2_folder, tmp_path_factory.mktemp("peers") / "gpt2")


def pieces(model: Model, text: str) -> Pieces:
    """A text and its words, as Compare cuts them."""
    encoding = model.tokenizer.encode(text)
    return Pieces(encoding.ids, [group.tokens["it"] for group in align(text, {"it": encoding})])


def copies(text: Pieces, pll: PLL) -> list[tuple[list[int], int]]:
    """What BERT reads to score each token, and where in it: written out anew, for [CLS] 101, [SEP] 102, [MASK] 103."""
    room = CONTEXT - (4 if pll == "left_only" else 2)
    home = {index: word for word in text.words for index in word}
    found = []
    for first, last, scored in windows(len(text.ids), room, room // 4, (room - room // 4) // 2):
        for index in scored:
            word = home.get(index, range(index, index + 1))
            hidden = {"original": {index}, "whole_word": set(word), "left_masked": set(range(index, last))}.get(
                pll, set(range(index, word.stop))
            )
            end = min(last, word.stop) if pll == "left_only" else last
            inner = [103 if place in hidden else text.ids[place] for place in range(first, end)]
            found.append(([101, *inner, *([103, 103] if pll == "left_only" else []), 102], index - first + 1))
    return found


def close(mine: list[Any], theirs: list[Any], within: float) -> bool:
    return len(mine) == len(theirs) and all(abs(a - b) < within for a, b in zip(mine, theirs, strict=True))


@pytest.mark.parametrize(
    ("pll", "every"),
    [("original", 6), ("within_word_l2r", 1), ("whole_word", 6), ("left_only", 6), ("left_masked", 6),
     pytest.param("original", 1, marks=pytest.mark.slow)],
)  # fmt: skip
def test_masked_scores_equal_plain_transformers(bert: Twins, pll: PLL, every: int) -> None:
    texts = [pieces(bert.model, hard.text) for hard in TEXTS]
    texts = [*texts[::every], pieces(bert.model, "The souvenirs of unbelievers.")]
    scores = masked.logprobs(bert.model, texts, pll)
    for text, mine in zip(texts, scores, strict=True):
        rows = copies(text, pll)
        by_length: dict[int, list[int]] = {}
        for number, (row, _) in list(enumerate(rows))[:: 1 + len(rows) // MANY]:
            by_length.setdefault(len(row), []).append(number)
        for numbers in by_length.values():
            these = [rows[number] for number in numbers]
            wanted = [[text.ids[number]] for number in numbers]
            expected = bert.plain([row for row, _ in these], [[column] for _, column in these], wanted)
            assert close([mine[number] for number in numbers], expected, 1e-5), bert.model.tokenizer.decode(text.ids)


@pytest.mark.parametrize("first_token", ["bos", "skip"])
def test_causal_scores_equal_plain_transformers(gpt2: Twins, first_token: Any) -> None:
    texts = [gpt2.model.tokenizer.encode(hard.text).ids for hard in TEXTS]
    head = [50256] if first_token == "bos" else []
    room = CONTEXT - len(head)
    for ids, mine in zip(texts, causal.logprobs(gpt2.model, texts, first_token), strict=True):
        expected: list[float | None] = [None] * len(ids)
        for first, last, scored in list(windows(len(ids), room, room // 2, room - room // 2))[:WINDOWS]:
            asked = scored if head or first else scored[1:]
            before = [index - first + len(head) - 1 for index in asked]
            row, wanted = head + ids[first:last], [ids[index] for index in asked]
            for index, value in zip(asked, gpt2.plain([row], [before], [wanted]) if asked else [], strict=True):
                expected[index] = value
        known = [number for number, value in enumerate(expected) if value is not None]
        assert close([mine[number] for number in known], [expected[number] for number in known], 1e-5)
        assert (mine[:1] == [None]) == (first_token == "skip" and len(ids) > 0) and None not in mine[1:]


def unlike(hard: Hard, bert: Twins, gpt2: Twins) -> bool:
    """Whether `minicons` sees other tokens in a text, other words in it, or cannot read it."""
    for twins, frame in ((bert, 2), (gpt2, 1)):
        ids = twins.model.tokenizer.encode(hard.text).ids
        if not ids or twins.theirs(hard.text) != ids or len(ids) + frame > CONTEXT:
            return True
    return _words(bert, hard.text) != [word for word in pieces(bert.model, hard.text).words if word]


def _words(bert: Twins, text: str) -> list[range]:
    """The words of `minicons`: the pre-tokens."""
    owners = bert.tokenizer(text, add_special_tokens=False).word_ids()
    return [range(owners.index(word), owners.index(word) + owners.count(word)) for word in dict.fromkeys(owners)]


def test_where_minicons_cuts_otherwise_is_listed_with_the_reason(bert: Twins, gpt2: Twins) -> None:
    assert len({hard.text for hard in TEXTS}) == 200
    for hard in TEXTS:
        assert unlike(hard, bert, gpt2) == bool(hard.reason), hard


@pytest.mark.parametrize("pll", ["original", "within_word_l2r"])
def test_masked_scores_equal_minicons(bert: Twins, gpt2: Twins, pll: PLL) -> None:
    scorer = pytest.importorskip("minicons.scorer").MaskedLMScorer(bert.net, "cpu", tokenizer=bert.tokenizer)
    readable = [hard.text for hard in TEXTS if bert.theirs(hard.text) == pieces(bert.model, hard.text).ids]
    readable = [text for text in readable if 0 < len(bert.theirs(text) or []) <= CONTEXT - 2]
    assert len(readable) > 185
    # Where it sees other words, its words are scored by both.
    texts = [Pieces(bert.theirs(text) or [], _words(bert, text)) for text in readable]
    for text, mine in zip(readable, masked.logprobs(bert.model, texts, pll), strict=True):
        (theirs,) = scorer.compute_stats(scorer.prepare_text(text, PLL_metric=pll))
        assert close(mine, theirs, 1e-4), text


@pytest.mark.parametrize("bos", [True, False])
def test_causal_scores_equal_minicons(gpt2: Twins, bos: bool) -> None:
    scorer = pytest.importorskip("minicons.scorer").IncrementalLMScorer(gpt2.net, "cpu", tokenizer=gpt2.tokenizer)
    readable = [hard.text for hard in TEXTS if gpt2.theirs(hard.text) == gpt2.model.tokenizer.encode(hard.text).ids]
    readable = [text for text in readable if 1 < len(gpt2.theirs(text) or []) < CONTEXT]
    assert len(readable) > 180
    ids = [gpt2.theirs(text) or [] for text in readable]
    for text, mine in zip(readable, causal.logprobs(gpt2.model, ids, "bos" if bos else "skip"), strict=True):
        (theirs,) = scorer.compute_stats(scorer.prepare_text(text, bos_token=bos))
        assert close(mine if bos else mine[1:], theirs, 1e-4), text
