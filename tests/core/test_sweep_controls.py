"""Negative controls of whole sweeps: what a curve must look like where there is nothing to find, and its repetition."""

from __future__ import annotations

import json
import math
import random
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from core import passages
from core.models.load import load
from core.sweep import paired
from core.sweep.board import Board
from core.sweep.scores import Reading
from tests.core import folders
from tests.core.cycles import CYCLE, cycle, model, swept

LENGTH = 20


class Permuted(Board):
    """Every window's positions change their labels after scoring, each window's in its own way."""

    def __init__(self, *known: Any) -> None:
        super().__init__(*known)
        self._random = random.Random(2)
        self._labels: dict[int, list[int]] = {}

    def put(self, model: str, condition: str, window: int, position: int, reading: Reading) -> None:
        labels = self._labels.setdefault(window, self._random.sample(range(LENGTH), LENGTH))
        super().put(model, condition, window, labels[position], reading)


def test_permuted_positions_give_a_flat_line(monkeypatch: pytest.MonkeyPatch) -> None:
    models, text = {"m": model("masked")}, cycle(4000)
    true = swept(models, {"m": "bare"}, text, windows=300, conditions=["bare"])
    monkeypatch.setattr(paired, "Board", Permuted)
    permuted = swept(models, {"m": "bare"}, text, windows=300, conditions=["bare"])
    assert true.series["m"].accuracy == [*[1.0] * 19, 0.0] and true.falls["m"].fall.value == 1.0
    found = permuted.series["m"]
    everywhere = 19 / 20  # what is right in all, over what is asked in all
    assert all(abs((share or 0) - everywhere) < 0.05 for share in found.accuracy) and set(found.n) == {300}
    assert permuted.falls["m"].fall.low < 0 < permuted.falls["m"].fall.high
    assert permuted.waterfalls["m"].artefact.value == 0.0


def test_untrained_weights_know_no_place_from_another(own_folder: Path, tmp_path: Path) -> None:
    """Chance: no word is named, and a word costs about what the uniform distribution takes for it."""
    text = " ".join(passage.text for passage in passages.every()[:20]).replace("\n", " ")
    one = load(folders.entry(folders.model(tmp_path / "bert", "bert", own_folder)), torch.device("cpu"))
    with torch.no_grad():
        for parameter in one.net.parameters():
            parameter *= 0.1
    found = swept({"bert": one}, {"bert": "framed"}, text, conditions=["bare"], windows=20)
    chance = -math.log(one.identity.vocabulary)
    for series in found.series.values():
        asked = [(logprob, n) for logprob, n in zip(series.logprob, series.n, strict=True) if logprob is not None]
        assert sum(n for _, n in asked) > 50 and all(abs(logprob - chance) < 0.5 for logprob, _ in asked)
    assert found.waterfalls["bert"].artefact.low <= 0 <= found.waterfalls["bert"].artefact.high


def test_shuffled_windows_leave_only_the_artefact_at_every_end() -> None:
    """In no order at all nothing but the surroundings can make a fall; and none is left where there are none."""
    words = cycle(4000).split()
    random.Random(4).shuffle(words)
    found = swept({"m": model("masked"), "c": model("causal")}, {"m": "masks", "c": "start"}, " ".join(words),
                  windows=300, conditions=["bare"])  # fmt: skip
    split, causal = found.waterfalls["m"], found.falls["c"].fall
    assert split.bare.fall.value == pytest.approx(split.artefact.value, abs=0.05) and split.artefact.low > 0
    assert split.trained.fall.low < 0 < split.trained.fall.high and causal.low < 0 < causal.high
    assert found.falls["c"].middle == pytest.approx(1 / len(CYCLE), abs=0.03)


@pytest.mark.slow
def test_the_verb_repeats_itself(home: Path, own_folder: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text(" ".join(passage.text for passage in passages.every()[:20]).replace("\n", " "))
    names = [str(folders.model(tmp_path / family, family, own_folder)) for family in ("bert", "gpt2")]
    lookboth = [sys.executable, "-P", "-c", "from tui.cli import main; main()"]
    command = [*lookboth, "sweep", str(text), "--models", ",".join(names), *shlex.split("--length 20 --windows 8")]

    def told(seed: int) -> dict[str, Any]:
        done = subprocess.run([*command, "--seed", str(seed), "--json"], capture_output=True, timeout=300, check=True)
        found: dict[str, Any] = json.loads(done.stdout)
        return {name: value for name, value in found.items() if name not in ("seconds", "seed")}

    one, again, other = told(3), told(3), told(4)
    assert one == again and one["series"] != other["series"]
