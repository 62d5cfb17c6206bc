"""What a run will cost, measured without leaving a trace."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core import shapes
from core.settings import Family
from core.training import probe
from tests.core.toy_runs import settings


class Enough(Exception):
    pass


@pytest.mark.parametrize("family", ["bert", "gpt2", "lstm"])
def test_a_probe_says_speed_memory_and_the_time_of_a_look(tmp_path: Path, family: Family) -> None:
    wanted = settings(tmp_path, tmp_path, family, tokens=0, causal_start=0.5 if family == "bert" else 0.0)
    found = probe.measure(wanted, seconds=0.0)
    assert found.tokens_per_second > 0 and found.evaluation_seconds > 0
    least = 16 * shapes.parameters(family, wanted.shape)
    assert least < found.memory_bytes < 100 * least


def test_more_windows_need_more_memory_though_fewer_are_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def memory(rows: int) -> int:
        return probe.measure(settings(tmp_path, tmp_path, rows=rows, dropout=0.0), seconds=0.0).memory_bytes

    four, sixteen = memory(4), memory(16)
    monkeypatch.setattr(probe, "TOKENS", 4 * 32)
    assert four < sixteen and memory(16) == pytest.approx(sixteen, rel=0.02)


def test_a_probe_leaves_the_random_state_and_the_threads_alone(tmp_path: Path) -> None:
    torch.manual_seed(11)
    before, threads = torch.random.get_rng_state(), torch.get_num_threads()
    probe.measure(settings(tmp_path, tmp_path, threads=threads + 1), seconds=0.0)
    assert torch.equal(torch.random.get_rng_state(), before) and torch.get_num_threads() == threads


def test_a_probe_can_be_ended_between_steps(tmp_path: Path) -> None:
    asked = []

    def check() -> None:
        asked.append(1)
        if len(asked) == 2:
            raise Enough

    threads = torch.get_num_threads()
    with pytest.raises(Enough):
        probe.measure(settings(tmp_path, tmp_path, threads=threads + 1), seconds=60.0, check=check)
    assert torch.get_num_threads() == threads
