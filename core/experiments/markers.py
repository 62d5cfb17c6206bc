"""C9: the marks in two vocabularies, words with and without marks around them, and two tiny BERTs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from core import passages
from core.experiments import twins, vocabularies
from core.experiments.experiment import Lab, Measurement, named
from core.experiments.fresh import fresh
from core.experiments.intervals import mean
from core.experiments.lines import line
from core.experiments.twins import Sentences
from core.messages import Chart, Number
from core.models.model import Model
from core.text import sentences
from core.text.stream import generator
from core.text.tokens import Tokenizer

WITHOUT = {"sep": (True, False), "cls": (False, True), "both": (False, False)}
"""Whether [CLS] and [SEP] stand there."""
GAPS, SHORTEST, LONGEST = 5, 8, 40
"""Gaps in a sentence, and its tokens."""
PAIRS, ASKED, TRIED = 3000, 300, 60
"""What the tiny ones read: pairs to learn from, sentences to classify, and other pairs in which each word is hidden."""
KEY = 90
"""Part of the key of this file's random numbers, beside the seed."""
BIT = math.log(2)


def measure(lab: Lab, knobs: Mapping[str, float | str], seed: int) -> Measurement:
    """Marks that are entries, bits that a word costs without them, and what they are worth to a small task."""
    control = str(knobs["control"])
    found, live = vocabularies.known()
    numbers = {
        f"{name}_marks": Number(float(sum(mark in found[known].marks for mark in vocabularies.MARKS)), "of 2 marks")
        for name, known in zip(("bert", "gpt2"), vocabularies.KNOWN, strict=True)
    }
    bert, gpt2 = lab.open("bert"), lab.open("gpt2")
    costs = _Costs(lab, knobs, seed)
    numbers |= costs.bundled(bert, fresh(bert.net, seed) if control == "untrained" else bert.net)
    numbers["gpt2_without_start"] = costs.start(gpt2)
    tiny = _Tiny(lab, knobs, seed, [_bars(numbers)])
    numbers |= tiny.measure(swapped=control == "never-seen")
    notes = [
        f"“{vocabularies.TYPED}” as typed text is {_pieces(found, 0)} for BERT and {_pieces(found, 1)} for GPT-2; "
        f"GPT-2's only mark is {', '.join(found['gpt2'].marks)}. {vocabularies.shipped().made}"
        + (f" Read again just now: {', '.join(live)}." if live else ""),
        "A mark that is left out moves the words: without [CLS] each stands one position earlier.",
        f"The tiny BERTs read {PAIRS:,} made-up pairs of sentences without full stops; the labelled task is the topic "
        "of a sentence, one of four. Its intervals know the chance of the sentences, not that of the training.",
    ]
    shape = f"tiny BERTs of {twins.LAYERS} layers, {twins.WIDTH} wide, {knobs['steps']:.0f} steps, seed {seed}"
    models = {"bert": named(bert), "gpt2": named(gpt2), "tiny": shape}
    return Measurement(numbers, [_bars(numbers), *tiny.curves()], models, notes)


def _pieces(found: Mapping[str, vocabularies.Vocabulary], which: int) -> str:
    one = found[vocabularies.KNOWN[which]]
    return f"{len(one.pieces)} pieces ({' '.join(piece.strip() for piece in one.pieces)})"


class _Costs:
    """What a word costs the bundled models without the marks that they know."""

    def __init__(self, lab: Lab, knobs: Mapping[str, float | str], seed: int) -> None:
        self.lab, self.seed, self.count = lab, seed, int(knobs["sentences"])

    def _draw(self, tokenizer: Tokenizer) -> list[list[int]]:
        """Sentences of the lab's passages as tokens."""
        cut = []
        for passage in passages.every():
            ends = [0, *sentences.starts(passage.text), len(passage.text)]
            texts = (passage.text[start:end].strip() for start, end in pairwise(ends))
            cut += [ids for text in texts if SHORTEST <= len(ids := tokenizer.encode(text).ids) <= LONGEST]
        return [cut[number] for number in generator(self.seed, KEY).permutation(len(cut))[: self.count]]

    def bundled(self, model: Model, net: Any) -> dict[str, Number]:
        """Bits more a word, by what is left out of [CLS] … [SEP]."""
        rows = self._draw(model.tokenizer)
        extra: dict[str, list[float]] = {name: [] for name in WITHOUT}
        for number, ids in enumerate(rows):
            whole = _gaps(model, net, ids, True, True)
            for name, (head, tail) in WITHOUT.items():
                extra[name].append((_gaps(model, net, ids, head, tail) - whole) / BIT)
            self.lab.report(30 * (number + 1) // len(rows), 100, "gaps without marks")
        return {f"bert_without_{name}": mean(values, "bits a word", self.seed) for name, values in extra.items()}

    @torch.inference_mode()
    def start(self, model: Model) -> Number:
        """Bits more a word without the start token; the first word, which nothing then stands before, left out."""
        net: Any = model.net
        head = [] if model.tokenizer.start is None else [model.tokenizer.start]
        extra = []
        for number, ids in enumerate(rows := self._draw(model.tokenizer)):
            wanted = torch.tensor(ids[1:], device=model.device)[:, None]
            said = [
                net.head(net.hidden(torch.tensor([text], device=model.device))[0, -len(ids) : -1]).log_softmax(-1)
                for text in (ids, [*head, *ids])
            ]
            without, known = (float(one.gather(1, wanted).mean()) for one in said)
            extra.append((known - without) / BIT)
            self.lab.report(30 + 20 * (number + 1) // len(rows), 100, "GPT-2 without its start token")
        return mean(extra, "bits a word", self.seed)


@torch.inference_mode()
def _gaps(model: Model, net: Any, ids: list[int], head: bool, tail: bool) -> float:
    """Mean nats of some tokens of a sentence, each hidden in turn."""
    tokenizer, device = model.tokenizer, model.device
    left = [tokenizer.start] if head and tokenizer.start is not None else []
    right = [tokenizer.end] if tail and tokenizer.end is not None else []
    places = torch.from_numpy(np.linspace(0, len(ids) - 1, GAPS).round().astype(int)).to(device)
    rows = torch.tensor([[*left, *ids, *right]] * GAPS, device=device)
    each, columns = torch.arange(GAPS, device=device), places + len(left)
    wanted = rows[each, columns]
    rows[each, columns] = -1 if tokenizer.mask is None else tokenizer.mask
    logits = net.read(rows, None, each, columns).log_softmax(-1)
    return -float(logits.gather(1, wanted[:, None]).mean())


class _Tiny:
    """Two tiny BERTs, with and without marks in pre-training, then both with them on a labelled task."""

    def __init__(self, lab: Lab, knobs: Mapping[str, float | str], seed: int, before: list[Chart]) -> None:
        self.lab, self.seed, self.before = lab, seed, before
        self.steps, self.repeats, most = int(knobs["steps"]), int(knobs["repeats"]), int(knobs["labels"])
        self.counts = [most // 4, most // 2, most]
        self.text = Sentences(PAIRS, TRIED, most, ASKED, seed)
        self.right: dict[bool, list[np.ndarray]] = {True: [], False: []}
        self.tuning = int(knobs["tuning"])

    def measure(self, swapped: bool) -> dict[str, Number]:
        """`swapped`: the one that never saw the marks is asked without them in the place of the other."""
        nets = {marks: self._pretrained(marks) for marks in (True, False)}
        said = {
            marks: twins.surprisal(nets[not swapped], self.text.tried, *marks)
            for marks in ((True, True), *WITHOUT.values())
        }
        found = {
            f"tiny_without_{name}": mean((said[marks] - said[True, True]) / BIT, "bits a word", self.seed)
            for name, marks in WITHOUT.items()
        }
        for count in self.counts:
            for marks, net in nets.items():
                self.right[marks].append(self._tuned(net, count))
                self.lab.show([*self.before, *self.curves()])
        gain = np.mean(self.right[True], 0) - np.mean(self.right[False], 0)
        found["tiny_known_marks_gain"] = mean(gain, "of the answers", self.seed)
        for marks, name in ((True, "known"), (False, "new")):
            for count, right in zip(self.counts, self.right[marks], strict=True):
                found[f"tiny_{name}_marks_{count}"] = mean(right, "of the answers", self.seed)
        return found

    def _pretrained(self, marks: bool) -> Any:
        known = "with" if marks else "without"

        def tell(step: int) -> None:
            self.lab.report(
                50 + 10 * (not marks) + 10 * step // self.steps, 100, f"pre-training {known} marks, step {step}"
            )

        return twins.pretrained(self.text, marks, self.steps, self.seed, tell)

    def _tuned(self, net: Any, count: int) -> np.ndarray:
        """How often (0 to 1) each of the asked sentences (N,) is classified right."""
        done = 70 + 30 * sum(map(len, self.right.values())) // (2 * len(self.counts))

        def tell(step: int) -> None:
            self.lab.report(done, 100, f"{count} labelled sentences, step {step}")

        runs = [
            twins.tuned(net, self.text, count, self.tuning, self.seed + 1000 * repeat, tell)
            for repeat in range(self.repeats)
        ]
        right: np.ndarray = np.mean(runs, 0)
        return right

    def curves(self) -> list[Chart]:
        """Accuracy against labelled sentences."""
        lines = []
        for marks, name in ((True, "marks known from pre-training"), (False, "marks new at fine-tuning")):
            means = [mean(right, "", self.seed) for right in self.right[marks]]
            lines.append(line(name, means, self.counts[: len(means)]))
        return [Chart("A task read off [CLS]", x="labelled sentences", y="right", lines=lines, log_x=True)]


def _bars(numbers: Mapping[str, Number]) -> Chart:
    """What a word costs without the marks."""
    names = [name for name in numbers if "_without_" in name]
    cost = line("without", [numbers[name] for name in names])
    ticks = [name.replace("_without_", " without ") for name in names]
    return Chart("What a word costs more without the marks", "bars", y="bits a word", lines=[cost], ticks=ticks)
