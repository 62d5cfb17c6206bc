"""Costs by formula are what real networks count, and matched shapes are matched."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from core import shapes
from core.errors import UserError
from core.models.nets.bert import Bert
from core.models.nets.gpt2 import Gpt2
from core.models.nets.lstm import Lstm
from core.presets import PRESETS, shape
from core.settings import FAMILIES, Family, Shape, TrainSettings

NETS: dict[Family, Any] = {"bert": Bert, "gpt2": Gpt2, "lstm": Lstm}


def net(family: Family, form: Shape) -> Any:
    return NETS[family].from_config(NETS[family].shaped(form))


def settings(family: Family, form: Shape, **changes: Any) -> TrainSettings:
    base = TrainSettings(
        family=family, shape=form, texts=[], tokenizer="", tokens=1, rows=3, length=form.positions, lr=1.0, warmup=1
    )
    return msgspec.structs.replace(base, **changes)


@pytest.mark.parametrize("size", PRESETS)
@pytest.mark.parametrize("family", FAMILIES)
def test_parameters_are_counted_as_the_network_counts_them(family: Family, size: str) -> None:
    form = shape(family, size, 4096)
    with torch.device("meta"):
        made = net(family, form)
    assert shapes.parameters(family, form) == sum(parameter.numel() for parameter in made.parameters())


@pytest.mark.parametrize("size", PRESETS)
@pytest.mark.parametrize("vocabulary", [1024, 4096, 6144, 8192, 32768])
def test_the_three_families_of_a_preset_are_matched(size: str, vocabulary: int) -> None:
    counts = [shapes.parameters(family, shape(family, size, vocabulary)) for family in FAMILIES]
    assert max(counts) / min(counts) <= 1.02


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.filterwarnings("ignore:TF32")
def test_arithmetic_is_what_torch_counts(family: Family) -> None:
    form = Shape(vocabulary=301, layers=2, width=32, heads=0 if family == "lstm" else 2, inner=80, positions=24)
    made, rows, time = net(family, form), 3, 24
    asked = 10 if family == "bert" else rows * time
    # The counter knows plain products only: no fused attention, no fused LSTM.
    with (
        torch.backends.mkldnn.flags(enabled=False),
        sdpa_kernel(SDPBackend.MATH),
        FlopCounterMode(display=False) as counted,
    ):
        states = made.hidden(torch.randint(0, 301, (rows, time))).flatten(0, 1)
        made.head(states[:asked]).sum().backward()
    spared = 0
    if family == "lstm":  # nobody asks for the gradient of the state before the first token
        spared = form.layers * rows * 2 * 4 * form.inner * form.inner
    expected = shapes.flops(settings(family, form, short=0.0), rows * time, asked)
    assert counted.get_total_flops() == expected - spared


def test_the_budget_expects_the_windows_that_are_drawn() -> None:
    form = shape("bert", "tiny", 600)
    made = settings("bert", form, short=0.25, causal_start=0.4, length=64)
    random = np.random.default_rng(1)
    short = random.random(200_000) < made.short
    lengths = np.where(short, random.integers(shapes.SHORTEST, 65, len(short)), 64)
    masks = (lengths - 2).sum() * (made.mask_from + made.mask_to) / 2
    expected = 0.4 + 0.6 * masks / lengths.sum()
    assert shapes.targets_per_token(made) == pytest.approx(expected, rel=2e-3)
    per_window = [shapes.flops(settings("bert", form, short=0.0, length=int(n)), n, 0) for n in np.unique(lengths)]
    drawn = np.array(per_window)[np.searchsorted(np.unique(lengths), lengths)].sum()
    assert shapes.flops(made, float(lengths.sum()), 0) == pytest.approx(drawn, rel=2e-3)
    assert shapes.targets_per_token(msgspec.structs.replace(made, family="gpt2")) == 1


def test_a_budget_is_what_was_counted_or_what_is_expected() -> None:
    made = settings("bert", shape("bert", "tiny", 600))
    expected, counted = shapes.budget(made, 10_000), shapes.budget(made, 10_000, 500)
    assert expected.parameters == shapes.parameters("bert", made.shape)
    assert (expected.tokens, expected.targets) == (10_000, round(10_000 * shapes.targets_per_token(made)))
    assert expected.flops == pytest.approx(10_000 * shapes.flops_per_token(made), rel=1e-4)
    assert (counted.tokens, counted.targets) == (10_000, 500)
    assert counted.flops == shapes.flops(made, 10_000, 500)


@pytest.mark.parametrize("size", PRESETS)
@pytest.mark.parametrize("vocabulary", [300, 4096, 65536])
def test_the_others_are_matched_to_a_gpt2(size: str, vocabulary: int) -> None:
    wanted = shapes.parameters("gpt2", shape("gpt2", size, vocabulary))
    forms = {family: shapes.matched(family, size, vocabulary, wanted) for family in FAMILIES}
    counts = [shapes.parameters(family, form) for family, form in forms.items()]
    assert max(counts) / min(counts) <= 1.02
    assert forms["gpt2"] == shape("gpt2", size, vocabulary), "what fits already stays"
    assert {form.width for form in forms.values()} == {PRESETS[size].width}


@pytest.mark.parametrize("wanted", [100_000, 1_000_000, 12_345_678, 124_000_000])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_number_of_parameters_is_come_close_to(family: Family, wanted: int) -> None:
    form = shapes.matched(family, "small", 4096, wanted)
    assert shapes.parameters(family, form) == pytest.approx(wanted, rel=0.02)
    assert form.layers == shape(family, "small", 4096).layers
    if family == "lstm":
        assert form.heads == 0 and form.width % 16 == 0
    else:
        assert form.width / form.heads in (16, 32)
        assert form.width <= form.inner <= 16 * form.width


def test_what_is_given_stays() -> None:
    form = shapes.matched("gpt2", "tiny", 600, 400_000, layers=4, width=72, positions=40)
    assert (form.layers, form.width, form.positions) == (4, 72, 40)
    assert 72 % form.heads == 0
    assert shapes.parameters("gpt2", form) == pytest.approx(400_000, rel=0.02)


@pytest.mark.parametrize(("wanted", "changes"), [(30_000, {}), (10_000_000, {"width": 64}), (400_000, {"width": 512})])
def test_what_cannot_be_matched_is_refused(wanted: int, changes: dict[str, int]) -> None:
    with pytest.raises(UserError, match=f"{wanted:,} parameters"):
        shapes.matched("bert", "tiny", 4096, wanted, **changes)


def test_heads_divide_the_width() -> None:
    assert [shapes.heads(width, 32) for width in (16, 64, 100, 192, 97)] == [1, 2, 4, 6, 1]
