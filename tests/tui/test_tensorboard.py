"""A run as TensorBoard event files."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import pytest

from core.errors import UserError
from core.runs import Run
from tests.tui import made_runs
from tui.headless import exporting

pytest.importorskip("tensorboardX")
pytestmark = pytest.mark.usefixtures("own_runs")


def scalars(folder: Path) -> dict[tuple[str, int], float]:
    """What the event files hold, read by their published framing: length, its sum, the record, its sum."""
    from tensorboardX.proto.event_pb2 import Event

    found = {}
    for file in sorted(folder.glob("events.*")):
        content, at = file.read_bytes(), 0
        while at < len(content):
            (length,) = struct.unpack("<Q", content[at : at + 8])
            event = Event.FromString(content[at + 12 : at + 12 + length])
            found |= {(value.tag, event.step): value.simple_value for value in event.summary.value}
            at += length + 16
    return found


def test_every_number_arrives_under_its_step(tmp_path: Path) -> None:
    run = run_with_rows()
    exporting.write(run, "tensorboard", str(tmp_path / "board"))
    found = scalars(tmp_path / "board")
    assert found[("train/loss", 1)] == 7.5 and found[("train/loss", 2)] == 6.25
    assert found[("held_out/nats", 2)] == 6.5 and found[("machine/cpu", 2)] == 98.0
    assert not any(tag.endswith("cosine") for tag, _ in found)


def test_a_folder_is_needed_and_nothing_is_mixed_in(tmp_path: Path) -> None:
    run = run_with_rows()
    with pytest.raises(UserError, match="reads a folder"):
        exporting.write(run, "tensorboard", "")
    exporting.write(run, "tensorboard", str(tmp_path / "board"))
    with pytest.raises(UserError, match="not empty"):
        exporting.write(run, "tensorboard", str(tmp_path / "board"))
    exporting.write(run, "tensorboard", str(tmp_path / "board"), force=True)
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot be written"):
        exporting.write(run, "tensorboard", str(tmp_path / "file"))


def test_without_tensorboardx_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(UserError, match="pip install tensorboardX"):
        exporting.write(run_with_rows(), "tensorboard", str(tmp_path / "board"))


def run_with_rows() -> Run:
    run = made_runs.make("one")
    rows = [
        made_runs.row(1, 7.5),
        made_runs.row(2, 6.25) | {"held_out": {"nats": 6.5, "cosine": None}, "machine": {"cpu": 98.0}},
        {"event": "resumed", "text": "nothing to draw"},
    ]
    made_runs.write(run, rows)
    return run
