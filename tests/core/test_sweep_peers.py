"""A sweep in words, with the real vocabularies, equals plain loops over `transformers`."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import torch

from core import passages
from core.messages import Sweep
from core.models.load import load
from core.sweep import text
from core.sweep.sweep import sweep
from core.sweep.units import documents, encode
from core.sweep.windows import Drawn, draw
from tests.core import folders

TEXT = " ".join(passage.text for passage in passages.every()[:4]).replace("\n", " ")
LENGTH, WINDOWS, SEED = 16, 6, 5


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory, bert_folder: Path, gpt2_folder: Path) -> dict[str, Any]:
    """Tiny random models of `transformers`, and the folders that they were written to."""
    from transformers import BertConfig, BertForMaskedLM, GPT2Config, GPT2LMHeadModel

    torch.manual_seed(4)
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    bert = BertForMaskedLM(BertConfig(vocab_size=30522, max_position_embeddings=64, initializer_range=0.4, **sizes))
    gpt2 = GPT2LMHeadModel(GPT2Config(vocab_size=50257, n_embd=32, n_layer=2, n_head=2, n_positions=64,
                                      initializer_range=0.4))  # fmt: skip
    made: dict[str, Any] = {"bert": bert.eval(), "gpt2": gpt2.eval()}
    for name, folder in (("bert", bert_folder), ("gpt2", gpt2_folder)):
        home = tmp_path_factory.mktemp(name) / name
        copytree(folder, home)
        made[name].save_pretrained(home)
        made[f"{name}-ours"] = load(folders.entry(home), torch.device("cpu"))
    return made


def windows(theirs: dict[str, Any]) -> Drawn:
    """The windows of the sweep, drawn once more."""
    tokenizers = {name: theirs[f"{name}-ours"].tokenizer for name in ("bert", "gpt2")}
    found = text.find(TEXT, "", "paired").documents
    return draw(documents(found, encode(found, tokenizers), "words"), {"bert": 64, "gpt2": 64}, LENGTH, WINDOWS, SEED)


@torch.no_grad()
def naive(theirs: dict[str, Any], drawn: Drawn, series: str, position: int) -> tuple[int, float, float]:
    """How many targets, the share of first choices and the mean log-probability, one forward pass a target."""
    hits, total, count = 0, 0.0, 0
    name, _, condition = series.partition("/")
    for window in drawn.crops:
        place = window.place(name, position)
        ids = window.ids(name)
        if place is None or (condition == "no-start" and place == 0):
            continue
        target = ids[place]
        if name == "bert":
            hidden = [*ids[:place], 103, *ids[place + 1 :]]
            row = {"": [101, *hidden, 103, 103, 102], "framed": [101, *hidden, 102], "bare": hidden,
                   "left-only": [101, *ids[:place], 103, 103, 103, 102]}[condition]  # fmt: skip
            at = place + (condition != "bare")
        else:
            row = [*([] if condition == "no-start" else [50256]), *ids[:place]]
            at = len(row) - 1
        logprobs = theirs[name](torch.tensor([row])).logits[0, at].log_softmax(-1)
        hits += int(logprobs.argmax()) == target
        total += float(logprobs[target])
        count += 1
    return count, hits / max(1, count), total / max(1, count)


def test_it_equals_plain_transformers(theirs: dict[str, Any]) -> None:
    models = {name: theirs[f"{name}-ours"] for name in ("bert", "gpt2")}
    request = Sweep(id=1, models=["bert", "gpt2"], text=TEXT, length=LENGTH, windows=WINDOWS, seed=SEED)
    found = sweep(models, {"bert": "masks", "gpt2": "start"}, request, lambda *_: None, lambda _: None)
    assert found.unit == "words" and found.length == LENGTH
    seen, drawn = 0, windows(theirs)
    for series in ("bert", "bert/framed", "bert/bare", "bert/left-only", "gpt2", "gpt2/no-start"):
        for at, position in enumerate(found.positions):
            count, accuracy, logprob = naive(theirs, drawn, series, position)
            one = found.series[series]
            assert one.n[at] == count, (series, position)
            if count:
                assert one.logprob[at] == pytest.approx(logprob, abs=1e-5) and one.accuracy[at] == accuracy
                seen += 1
    assert seen > 60
