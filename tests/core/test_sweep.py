"""Sweeps of models whose accuracy at every position is known by hand, and the negative controls."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import torch

from core import passages
from core.errors import Cancelled, UserError
from core.messages import Curves, Sweep
from core.models.load import load
from core.sweep.sweep import sweep
from tests.core import folders
from tests.core.cycles import CYCLE, SIZE, Reader, cycle, model, swept, tokenizer


@pytest.fixture(scope="module")
def found() -> Curves:
    """A masked and a causal reader of the cycle, on windows of 20 words."""
    return swept({"m": model("masked"), "c": model("causal")}, {"m": "masks", "c": "start"}, cycle(300))


def test_accuracy_by_position_is_what_was_worked_out(found: Curves) -> None:
    assert found.unit == "tokens" and found.positions == list(range(20)) and found.complete
    series = {name: one.accuracy for name, one in found.series.items()}
    ones = [1.0] * 20
    assert series["m"] == ones  # two masks before [SEP]: it reads its left neighbour everywhere
    assert series["m/bare"] == [*ones[:19], 0.0]  # nothing on the right: it says a full stop
    assert series["m/framed"] == [*ones[:19], 0.0]
    assert series["m/left-only"] == [0.0, *ones[1:]]
    assert series["m/full-stop"] == [*[None] * 14, *ones[14:]]
    assert series["m/cls"] == [*ones[:6], *[None] * 14]
    assert [series[f"m/right-{r}"][19] for r in range(11)] == [0.0, *ones[:10]]
    assert series["c"][1:] == ones[1:] and series["c/no-start"] == [None, *ones[1:]]
    assert all(
        one.n[at] in (0, 30) for name, one in found.series.items() if name != "m/sentence-end" for at in range(20)
    )


def test_log_probability_and_full_stops(found: Curves) -> None:
    right = 5 - torch.tensor([5.0] + [0.0] * (SIZE - 1)).logsumexp(0).item()
    assert found.series["m"].logprob[10] == pytest.approx(right, abs=1e-5)
    assert found.series["m/bare"].logprob[19] == pytest.approx(right - 5, abs=1e-5)
    assert found.series["m/bare"].stop[19] == 1.0 and found.series["m"].stop[19] == 0.0


def test_the_waterfall_names_the_artefact(found: Curves) -> None:
    split = found.waterfalls["m"]
    assert (split.bare.fall.value, split.trained.fall.value, split.artefact.value) == (1.0, 0.0, 1.0)
    assert found.falls["c"].fall.value == 0.0 and "c" not in found.waterfalls
    said = " ".join(found.sentences)
    assert "a fall of 100.0 points" in said and "its fall looks larger than it is" in said
    assert "by construction" in said and "does not show which model is better" in said


def test_with_another_training_format_the_same_fall_is_information() -> None:
    split = swept({"m": model("masked")}, {"m": "framed"}, cycle(300)).waterfalls["m"]
    assert (split.bare.fall.value, split.trained.fall.value, split.artefact.value) == (1.0, 1.0, 0.0)
    trained_bare = swept({"m": model("masked")}, {"m": "bare"}, cycle(300)).waterfalls["m"]
    assert trained_bare.artefact.value == 0.0 and trained_bare.trained.condition == "bare"


def test_shuffled_windows_leave_only_the_artefact() -> None:
    words = cycle(4000).split()
    random.Random(3).shuffle(words)
    found = swept({"m": model("masked")}, {"m": "masks"}, " ".join(words), windows=300, conditions=["bare"])
    split = found.waterfalls["m"]
    assert split.trained.fall.low < 0 < split.trained.fall.high  # no information in either place
    assert split.artefact.low > 0 and split.bare.last == 0.0
    assert split.bare.middle == pytest.approx(1 / len(CYCLE), abs=0.03)


def test_real_sentence_ends_have_windows_of_their_own() -> None:
    text = " ".join(cycle(300).replace("hen", "hen .").split())
    found = swept({"m": model("masked")}, {"m": "framed"}, text)
    ends = found.series["m/sentence-end"]
    assert ends.n == [*[0] * 19, 30] and ends.accuracy[19] == 1.0
    assert any("30 windows of its own" in note for note in found.notes)


def test_the_same_seed_gives_the_same_numbers(found: Curves) -> None:
    words = cycle(4000).split()
    random.Random(5).shuffle(words)
    text = " ".join(words)
    runs = [swept({"m": model("masked")}, {"m": "masks"}, text, seed=seed) for seed in (7, 7, 8)]
    assert runs[0].series == runs[1].series and runs[0].waterfalls == runs[1].waterfalls
    assert runs[0].series != runs[2].series


def test_untrained_weights_are_at_chance(own_folder: Path, tmp_path: Path) -> None:
    text = " ".join(passage.text for passage in passages.every()[:20]).replace("\n", " ")
    models = {
        family: load(folders.entry(folders.model(tmp_path / family, family, own_folder)), torch.device("cpu"))
        for family in ("bert", "gpt2", "lstm")
    }
    found = swept(models, {"bert": "framed", "gpt2": "start", "lstm": "start"}, text, conditions=["bare"], windows=20)
    for one in found.series.values():
        hits = sum((share or 0) * n for share, n in zip(one.accuracy, one.n, strict=True))
        assert sum(one.n) > 50 and hits / sum(one.n) < 0.05


def test_a_causal_model_reads_a_window_once() -> None:
    one = model("causal")
    net: Any = one.net
    swept({"c": one}, {"c": "start"}, cycle(300), conditions=["start"])
    assert net.rows == 30


def test_partial_results_come_and_the_ends_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.sweep.pace.OFTEN", 0.0)
    parts: list[Curves] = []
    told: list[tuple[int, int, str]] = []
    request = Sweep(id=1, models=["m"], text=cycle(300), length=60, windows=12, conditions=["bare"])
    models = {"m": model("masked")}
    whole = sweep(models, {"m": "framed"}, request, lambda *said: told.append(said), parts.append)
    assert whole.complete and not any(part.complete for part in parts)
    look = next(part.series["m"].n for part in parts if part.series["m"].n[59] == 12)
    assert look[0] == 12 and not look[10] and whole.series["m"].n[10] == 12
    assert [sum(part.series["m"].n) for part in parts] == sorted(sum(part.series["m"].n) for part in parts)
    assert told[-1][:2] == (100, 100) and "left" in told[-1][2]


def test_cancelling_stops_at_the_next_batch() -> None:
    def stop(done: int, total: int, note: str) -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        sweep({"m": model("masked")}, {"m": "framed"}, Sweep(id=1, models=["m"], text=cycle(300)), stop, lambda _: None)


def test_what_cannot_be_swept_is_refused_with_its_reason() -> None:
    models = {"m": model("masked")}
    with pytest.raises(UserError, match="condition nonsense"):
        swept(models, {"m": "framed"}, cycle(300), conditions=["nonsense"])
    with pytest.raises(UserError, match="No window"):
        swept(models, {"m": "framed"}, cycle(10))
    with pytest.raises(UserError, match="position"):
        swept(models, {"m": "framed"}, cycle(300), positions=[500])
    bare = tokenizer()
    bare.mask = None
    with pytest.raises(UserError, match="mask"):
        swept({"m": model("masked", tokens=bare)}, {"m": "framed"}, cycle(300))


def test_a_model_without_special_tokens_is_read_bare() -> None:
    found = swept({"m": model("masked", tokens=tokenizer(None, None))}, {"m": "framed"}, cycle(300))
    assert list(found.series) == ["m"] and found.series["m"].condition == "bare" and found.formats == {"m": "bare"}
    assert isinstance(model("masked").net, Reader)
