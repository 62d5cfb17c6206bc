"""The three models of the position claim as they ship: alike in everything but their windows."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
import torch

from core import catalogue, paths
from core.messages import Curves
from core.models.load import load
from core.sweep.formats import trained_in

FOLDER = paths.assets() / "models"
SWEEP = paths.assets() / "results" / "sweeps" / "positions-1.json"


@pytest.mark.parametrize(
    ("name", "frame", "trained"),
    [("bert-crops", "crops", "framed"), ("bert-sentences", "sentences", "masks"), ("bert-bare", "bare", "bare")],
)
def test_each_opens_and_says_what_its_windows_were(name: str, frame: str, trained: str) -> None:
    entry = catalogue.resolve(name)
    model = load(entry, torch.device("cpu"))
    assert (entry.source, model.identity.kind, model.identity.parameters) == ("bundled", "masked", 1_223_552)
    assert json.loads((Path(entry.folder) / "config.json").read_bytes())["lookboth_frame"] == frame
    assert trained_in(entry, "masked") == trained
    assert (model.tokenizer.start is None) == (model.tokenizer.end is None) == (frame == "bare")
    card = (FOLDER / name / "README.md").read_text("utf-8")
    for needed in ("Wikipedia", "CC BY-SA", "OpenStax", "CC BY 4.0", "seed", "nats", "core.studies.positions"):
        assert needed in card, needed


def test_they_share_their_vocabulary_with_the_trio() -> None:
    def pieces(name: str) -> dict[str, int]:
        found: dict[str, int] = json.loads((FOLDER / name / "tokenizer.json").read_bytes())["model"]["vocab"]
        return found

    assert all(pieces(name) == pieces("bert") for name in catalogue.STUDIED)
    assert [entry.name for entry in catalogue.every()][:6] == [*catalogue.BUNDLED, *catalogue.STUDIED]


def test_their_sweep_is_of_the_weights_that_ship() -> None:
    found = msgspec.json.decode(SWEEP.read_bytes(), type=Curves)
    assert list(found.models) == list(catalogue.STUDIED)
    for name, identity in found.models.items():
        assert load(catalogue.resolve(name), torch.device("cpu")).identity.revision == identity.revision
