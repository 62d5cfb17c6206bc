"""What is said about a run before it starts is what then happens."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core import paths, runs
from core.errors import UserError
from core.settings import FAMILIES, PRESETS, Family, shape
from tests.tui.made_runs import make, row, write
from tui.runs import plan as plans
from tui.runs.plan import Choice, parameters, plan
from tui.runs.watch import latest


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_folder: Path) -> Path:
    """Assets with a small tokenizer, and no runs."""
    assets = tmp_path / "assets"
    shutil.copytree(paths.assets() / "passages", assets / "passages")
    for family in FAMILIES:
        shutil.copytree(own_folder, assets / "models" / family)
    monkeypatch.setattr(paths, "assets", lambda: assets)
    monkeypatch.setenv("LOOKBOTH_RUNS", str(tmp_path / "runs"))
    return assets


def net(family: Family) -> Any:
    if family == "bert":
        from core.models.nets.bert import Bert as Net
    elif family == "gpt2":
        from core.models.nets.gpt2 import Gpt2 as Net  # type: ignore[assignment]
    else:
        from core.models.nets.lstm import Lstm as Net  # type: ignore[assignment]
    return Net


@pytest.mark.parametrize("size", PRESETS)
@pytest.mark.parametrize("family", FAMILIES)
def test_parameters_are_counted_as_the_network_counts_them(family: Family, size: str) -> None:
    form = shape(family, size, 4096)
    made = net(family).from_config(net(family).shaped(form))
    assert parameters(family, form) == sum(parameter.numel() for parameter in made.parameters())


def test_without_a_text_it_is_the_passages_that_ship(shipped: Path) -> None:
    found = plan(Choice(family="gpt2", preset="tiny", minutes=2))
    assert {Path(text).parent for text in found.settings.texts} == {shipped / "passages"}
    assert found.settings.tokenizer == str(shipped / "models" / "gpt2")
    assert found.settings.shape.vocabulary == 600
    assert found.size == sum(Path(text).stat().st_size for text in found.settings.texts)


def test_minutes_become_tokens_at_the_speed_of_an_earlier_run_of_the_same_form(shipped: Path) -> None:
    guess = plan(Choice(family="gpt2", preset="tiny", minutes=2))
    assert not guess.measured
    assert "guess" in "\n".join(guess.lines())
    assert guess.settings.tokens == pytest.approx(120 * guess.speed, abs=1)
    here = runs.me()
    for name, owner in (("far", msgspec.structs.replace(here, host=socket.gethostname() + "x")), ("near", here)):
        write(
            make(name, owner=owner, settings=guess.settings), [row(5, 3.0) | {"tokens_per_second": len(name) * 1000.0}]
        )
    found = plan(Choice(family="gpt2", preset="tiny", minutes=2), [latest(runs.find("far")), latest(runs.find("near"))])
    assert found.measured
    assert found.speed == 4000
    assert found.settings.tokens == 480_000
    assert "2 min at 4000 tokens/s" in "\n".join(found.lines())
    other = plan(Choice(family="lstm", preset="tiny", minutes=2), [latest(runs.find("near"))])
    assert not other.measured


def test_what_is_said_is_what_the_settings_hold(shipped: Path) -> None:
    found = plan(Choice(family="bert", preset="small", tokens=2_000_000, seed=7))
    said = "\n".join(found.lines())
    assert f"{found.parameters:,} parameters" in said
    assert "2M tokens" in said
    assert "The first 35% of the steps are causal" in said
    assert (found.settings.tokens, found.settings.seed) == (2_000_000, 7)
    plain = plan(Choice(family="bert", preset="small", tokens=2_000_000, causal_start=False))
    assert plain.settings.causal_start == 0
    assert "causal" not in "\n".join(plain.lines())


def test_no_budget_is_that_of_the_size(shipped: Path) -> None:
    assert plan(Choice(family="lstm", preset="tiny")).settings.tokens == PRESETS["tiny"].tokens


def test_short_runs_warm_up_and_look_in_time(shipped: Path) -> None:
    found = plan(Choice(family="gpt2", preset="tiny", tokens=40 * 16 * 64)).settings
    assert found.warmup == 4
    assert found.evaluate_every == 10


def test_folders_are_looked_through(shipped: Path, tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    (folder / "deep").mkdir(parents=True)
    for name in ("a.txt", "deep/b.md", "deep/c.png"):
        (folder / name).write_text("some words\n")
    assert [path.name for path in plans.files([str(folder)])] == ["a.txt", "b.md"]
    assert [path.name for path in plans.files([str(folder / "a.txt"), str(folder / "deep")])] == ["a.txt", "b.md"]


def test_what_cannot_be_trained_on_is_refused(shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty.txt").touch()
    (tmp_path / "nothing").mkdir()
    for text, why in (("missing.txt", "no such"), ("nothing", "folder without"), ("empty.txt", "no text")):
        with pytest.raises(UserError, match=why):
            plans.files([str(tmp_path / text)])
    with pytest.raises(UserError, match="less than one step"):
        plan(Choice(family="gpt2", preset="tiny", tokens=5))
    monkeypatch.setattr(plans, "MOST_FILES", 2)
    with pytest.raises(UserError, match="too many"):
        plans.files([str(shipped)])


@pytest.mark.parametrize(("content", "why"), [(b"text\0more", "NUL"), (b"caf\xe9 au lait", "UTF-8")])
def test_what_is_no_text_is_refused_before_a_run_is_made(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "bad.dat").write_bytes(content)
    with pytest.raises(UserError) as refused:
        plans.files([str(tmp_path / "bad.dat")])
    assert why in refused.value.why and "bad.dat" in refused.value.what
