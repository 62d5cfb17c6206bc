"""The six models of the position claim: equal but for their windows, and trained by one command that goes on."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from core import shapes
from core.runs import Run
from core.settings import FRAMES, Shape, TrainSettings
from core.studies import positions
from tests.core.toy_runs import TEXT


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LOOKBOTH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LOOKBOTH_DATA", str(tmp_path))
    (tmp_path / "corpus").mkdir()
    monkeypatch.setattr(positions, "TRAINED", ("corpus/text.txt",))
    monkeypatch.setattr(positions, "HELD_OUT", ("corpus/valid.txt",))
    (tmp_path / "corpus" / "text.txt").write_text("\n\n".join([TEXT] * 3))
    (tmp_path / "corpus" / "valid.txt").write_text(TEXT)
    return tmp_path


def test_they_differ_in_their_windows_and_seeds_alone(data: Path) -> None:
    one = positions.settings("crops", 1)
    assert 1_100_000 < shapes.parameters("bert", one.shape) < 1_300_000 and one.threads == 1
    for frame in FRAMES:
        assert positions.settings(frame, 2) == msgspec.structs.replace(one, frame=frame, seed=2)


@pytest.mark.slow
def test_the_command_trains_all_six_and_goes_on(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = positions.settings

    def toy(*which: object) -> TrainSettings:
        small = Shape(vocabulary=4096, layers=1, width=16, heads=2, inner=16, positions=32)
        return msgspec.structs.replace(real(*which), shape=small, length=32)  # type: ignore[arg-type]

    monkeypatch.setattr(positions, "settings", toy)
    folder = data / "runs"
    first = Run(folder / "p3-crops-1")
    assert positions.main(str(folder), 6) == 0
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(f"p3-{frame}-{seed}" for frame in FRAMES for seed in (1, 2))
    ended = [Run(folder / name).outcome() for name in names]
    assert all(outcome and outcome.status == "finished" and outcome.step == 12 for outcome in ended)
    written = (first.folder / "metrics.jsonl").read_bytes()
    (folder / "p3-bare-2" / "result.json").unlink()  # as if it had been killed
    assert positions.main(str(folder), 6) == 0 and (first.folder / "metrics.jsonl").read_bytes() == written
