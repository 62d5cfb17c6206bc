"""C8: a changed token, and where it is heard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.claims.influence import decide
from tests.core.experimenting import Open, bundled, found, number, stopped, toys

TINY = {"windows": 3, "tokens": 8}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, own_folder: Path) -> Open:
    return toys(tmp_path_factory.mktemp("influence"), own_folder)


def test_what_the_rule_says() -> None:
    fine = {"gpt2_right_cells": number(0), "bert_left": number(1, 0.9, 1.1), "bert_right": number(1, 0.9, 1.1)}
    assert decide(fine).verdict == "supported"
    assert decide(fine | {"gpt2_right_cells": number(1)}).verdict == "refuted"
    assert decide(fine | {"bert_right": number(0)}).verdict == "refuted"
    assert decide(fine | {"bert_left": number(0.005, 0.001, 0.009)}).verdict == "refuted"
    assert decide(fine | {"bert_right": number(0.011, 0.008, 0.02)}).verdict == "inconclusive"


def test_only_bert_hears_its_right_side_and_a_mask_is_exact_to_the_bit(opened: Open) -> None:
    finding = found(opened, "C8", **TINY)
    assert finding.verdict == "supported" and finding.differs == ""
    measured = finding.measured
    assert measured["bert_right_cells"].value == measured["bert_right_cells"].n == 3 * 28
    for name in ("gpt2", "lstm"):
        assert measured[f"{name}_right_cells"].value == 0
        assert measured[f"{name}_left"].low > 0  # type: ignore[operator]
    maps = {chart.title.split(":")[0]: chart.cells for chart in finding.charts if chart.kind == "heat"}
    assert all(not np.triu(np.array(maps[name], float), 1).any() for name in ("gpt2", "lstm"))
    assert (np.array(maps["bert"], float) > 0).all()


@pytest.mark.parametrize("control", ["causal-mask", "no-mask"])
def test_the_same_weights_under_another_mask_turn_the_verdict(opened: Open, control: str) -> None:
    assert found(opened, "C8", control=control, **TINY).verdict == "refuted"


def test_one_seed_gives_one_finding_and_another_seed_other_numbers(opened: Open) -> None:
    first, again, other = (found(opened, "C8", seed, **TINY) for seed in (1, 1, 2))
    assert (first.measured, first.charts) == (again.measured, again.charts)
    assert first.measured != other.measured


def test_it_can_be_stopped(opened: Open) -> None:
    assert stopped(opened, "C8", **TINY)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_bundled_models(seed: int) -> None:
    assert found(bundled, "C8", seed).verdict == "supported"
