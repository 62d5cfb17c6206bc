"""C3: the rule on made-up numbers, the labelled sentences, and the experiment on toy networks that know the topics."""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import Any

import pytest
import tokenizers
import torch

from core import catalogue
from core.claims.transfer import EXAMPLES, PLAN, decide
from core.errors import Cancelled
from core.experiments import labelled, transfer
from core.experiments.experiment import run
from core.experiments.fresh import weigh
from core.messages import Experiment, Finding, Identity, Number
from core.models.load import load
from core.models.model import Model
from core.models.nets.bert import Bert
from core.models.nets.gpt2 import Gpt2
from core.models.nets.lstm import Lstm
from core.settings import Shape
from core.text.roles import Roles
from core.text.stream import generator
from core.text.tokens import Tokenizer

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
WIDTH = 16
TINY: dict[str, float | str] = {"seeds": 3, "tests": 60}


@cache
def toy(name: str) -> Model:
    """A tiny network with random weights, but for the nouns: those of one topic have one direction in common."""
    nouns = [words.split() for words in labelled.TOPICS.values()]
    known = dict.fromkeys([*SPECIAL, *(noun for words in nouns for noun in words)])
    vocabulary = {word: number for number, word in enumerate(known)}
    inner = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="[UNK]"))
    inner.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    shape = Shape(
        vocabulary=len(known), layers=1, width=WIDTH, heads=2 if name != "lstm" else 0, inner=32, positions=64
    )
    family: Any = {"lstm": Lstm, "gpt2": Gpt2, "bert": Bert}[name]
    net = weigh(family.from_config(family.shaped(shape)).start(), seed=5).eval().requires_grad_(False)
    table = net.embedding if name == "lstm" else net.words
    for topic, words in enumerate(nouns):
        for noun in words:
            table.weight[vocabulary[noun], topic] = 3.0
    identity = Identity(
        name=name, source="folder", kind=net.kind, architecture=family.__name__, revision="0" * 12, parameters=1,
        context=64, vocabulary=len(known), device="cpu", dtype="float32",
    )  # fmt: skip
    return Model(identity, Tokenizer(inner, Roles(2, 3, 4, 1, 0)), net, torch.device("cpu"))


def check(seed: int = 1, **knobs: float | str) -> Finding:
    request = Experiment(id=1, claim="C3", seed=seed, knobs=TINY | knobs)
    return run(request, toy, torch.device("cpu"), lambda done, total, note: None, lambda part: None)


def made_up(*sides: tuple[float, float, float]) -> dict[str, Number]:
    """With pre-training, without, and half the width of the band, for each number of examples."""
    found = {}
    for n, (trained, scratch, band) in zip(EXAMPLES, sides, strict=True):
        for what, value in (("pretrained", trained), ("scratch", scratch), ("gain", trained - scratch)):
            found[f"lstm_{what}_{n}"] = Number(value, "accuracy", value - band, value + band, 5)
    return found


ABOVE, EVEN, WIDE = (0.8, 0.5, 0.1), (0.5, 0.5, 0.05), (0.6, 0.5, 0.2)


@pytest.mark.parametrize(
    ("sides", "verdict"),
    [
        ((ABOVE, ABOVE, ABOVE), "refuted"),
        ((EVEN, ABOVE, ABOVE), "refuted"),
        ((WIDE, ABOVE, EVEN), "mixed"),
        ((EVEN, EVEN, EVEN), "supported"),
        ((EVEN, EVEN, WIDE), "inconclusive"),
        ((WIDE, WIDE, WIDE), "inconclusive"),
    ],
)
def test_the_rule(sides: tuple[tuple[float, float, float], ...], verdict: str) -> None:
    assert decide(made_up(*sides)).verdict == verdict


def test_sentences_are_all_different_and_only_nouns_tell_the_topic() -> None:
    some = list(islice(labelled.draw(generator(1)), 600))
    assert len({example.text for example in some}) == 600
    assert [example.label for example in some[:8]] == [0, 1, 2, 3] * 2
    nouns = [set(words.split()) for words in labelled.TOPICS.values()]
    frame = " ".join((*labelled.OPENERS, *labelled.PEOPLE, *labelled.FRAMES, *labelled.CLOSERS))
    plain = set(frame.lower().replace(",", " ").replace(".", " ").split())
    assert not plain & set().union(*nouns)
    assert sum(map(len, nouns)) == len(set().union(*nouns))
    for text, label in some[:50]:
        words = set(text.lower().replace(",", " ").replace(".", " ").split())
        assert [len(words & theirs) for theirs in nouns] == [2 if topic == label else 0 for topic in range(4)]


def test_padding_changes_no_mean() -> None:
    for name in ("lstm", "gpt2", "bert"):
        some = transfer.read(toy(name), list(islice(labelled.draw(generator(1)), 12)))
        shortest = int(some.lengths.argmin())
        alone = transfer.means(toy(name).net, some.at(torch.tensor([shortest])))
        assert torch.allclose(transfer.means(toy(name).net, some)[shortest], alone[0], atol=1e-5)


def test_what_the_toy_knows_is_carried_over_and_without_it_nothing_is() -> None:
    parts: list[Finding] = []
    request = Experiment(id=1, claim="C3", seed=1, knobs=TINY)
    found = run(request, toy, torch.device("cpu"), lambda done, total, note: None, parts.append)
    assert found.verdict == "refuted"
    assert found.measured == check().measured
    assert found.charts[0].lines[0].name == "lstm, pre-trained"
    assert len(found.charts[0].lines) == 6
    assert parts and not parts[0].complete
    assert check(control="untrained").verdict in ("supported", "inconclusive")


def test_every_weight_may_learn_and_the_model_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "STEPS", 3)
    before = {name: weight.clone() for name, weight in toy("gpt2").net.named_parameters()}  # type: ignore[attr-defined]
    found = check(learn="all", seeds=2)
    assert found.measured == check(learn="all", seeds=2).measured
    for name, weight in toy("gpt2").net.named_parameters():  # type: ignore[attr-defined]
        assert torch.equal(weight, before[name]) and not weight.requires_grad


@pytest.mark.parametrize("learn", ["head", "all"])
def test_it_can_be_cancelled(learn: str) -> None:
    calls: list[int] = []

    def report(done: int, total: int, note: str) -> None:
        calls.append(done)
        if len(calls) == 5:
            raise Cancelled

    request = Experiment(id=1, claim="C3", seed=1, knobs=TINY | {"learn": learn})
    with pytest.raises(Cancelled):
        run(request, toy, torch.device("cpu"), report, lambda part: None)
    assert len(calls) == 5


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_quick_form_with_three_seeds_and_with_untrained_weights() -> None:
    models = {name: load(catalogue.resolve(name), torch.device("cpu")) for name in PLAN.models}

    def verdict(seed: int, **knobs: float | str) -> str:
        request = Experiment(id=1, claim="C3", seed=seed, knobs=knobs)
        done = run(request, models.__getitem__, torch.device("cpu"), lambda done, total, note: None, lambda part: None)
        return done.verdict

    verdicts = {verdict(seed) for seed in (1, 2, 3)} - {"inconclusive"}
    assert verdicts == {"refuted"}
    assert verdict(1, control="untrained") != "refuted"
