"""The full-size recipe: its shapes by the book, and all of its stages on a toy."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import catalogue, learning, shapes
from core.errors import UserError
from core.presets import PRESETS, shape
from core.runs import Run
from core.settings import FAMILIES
from core.studies import recipe
from core.text.tokens import Tokenizer
from tests.core.toy_runs import TEXT


def test_the_full_size_is_matched_and_fits() -> None:
    counts = {family: shapes.parameters(family, shape(family, "base", 6144)) for family in FAMILIES}
    assert counts == {"bert": 7_997_184, "gpt2": 7_924_224, "lstm": 7_863_040}
    assert all(abs(count / counts["gpt2"] - 1) < 0.02 and 2 * count < recipe.LARGEST for count in counts.values())


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_stage_runs_on_a_toy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOOKBOTH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LOOKBOTH_DATA", str(tmp_path))
    monkeypatch.setenv("LOOKBOTH_DEVICE", "cpu")
    (tmp_path / "text.txt").write_text("\n\n".join([TEXT] * 8))
    (tmp_path / "valid.txt").write_text(TEXT)
    monkeypatch.setattr(recipe, "TRAINED", ("text.txt",))
    monkeypatch.setattr(recipe, "HELD_OUT", ("valid.txt",))
    monkeypatch.setattr(recipe, "FACTORS", (1.0, 2.0))
    folder = tmp_path / "study"
    with pytest.raises(UserError, match="no plan"):
        recipe.main(["train", str(folder)])
    given = [str(folder), "--preset", "tiny", "--vocabulary", "300", "--threads", "1"]
    recipe.main(["check", *given, "--minutes", "0.15"])
    for stage in ("trials", "train"):
        recipe.main([stage, *given])
    recipe.main(["evaluate", *given, "--sets", str(tmp_path / "valid.txt")])
    recipe.main(["publish", *given])
    spent = {family: Run(folder / "runs" / f"full-{family}").outcome() for family in FAMILIES}
    assert len({outcome.tokens for outcome in spent.values() if outcome}) == 1
    for family in FAMILIES:
        published = folder / "published" / family
        assert "Learning rates tried" in (published / "README.md").read_text() and learning.beside(published)
        assert Tokenizer.load(published).vocabulary == 300
        tried = Run(folder / "runs" / f"trial-{family}-2").file().settings.lr
        assert tried == 2 * PRESETS["tiny"].recipes[family].lr
        assert catalogue.resolve(str(published)).architecture
    told = capsys.readouterr().out
    assert told.count("must be below") == told.count("are allowed") == 3 and "on valid.txt" in told
    before = (folder / "runs" / "full-bert" / "metrics.jsonl").read_bytes()
    recipe.main(["train", *given])
    assert (folder / "runs" / "full-bert" / "metrics.jsonl").read_bytes() == before
