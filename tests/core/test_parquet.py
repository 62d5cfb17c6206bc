"""Texts that come as Parquet files."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from core import parquet, texts
from core.errors import UserError
from core.text import corpus

pyarrow = pytest.importorskip("pyarrow")


def made(path: Path, **columns: list[object]) -> Path:
    from pyarrow.parquet import write_table

    write_table(pyarrow.table(columns), path, row_group_size=2)
    return path


def test_a_row_is_a_document_blank_lines_and_all(tmp_path: Path) -> None:
    rows: list[object] = ["one\n\nstill one", None, "", "two \U0001f600", "three\n", "  "]
    path = made(tmp_path / "a.parquet", text=rows, n=list(range(6)))
    assert list(corpus.documents([path])) == ["one\n\nstill one", "two \U0001f600", "three"]
    assert texts.files([str(tmp_path)]) == [path.resolve()] and texts.weight(path) == 2 * path.stat().st_size


def test_few_rows_are_in_memory_and_long_ones_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "ROWS", 2)
    monkeypatch.setattr(corpus, "LONGEST", 5)
    path = made(tmp_path / "a.parquet", body=["a\nb\ncdefg", "h", "i", "j", "k"])
    assert list(corpus.documents([path], "body")) == ["a\nb", "cdefg", "h", "i", "j", "k"]


def test_what_holds_no_text_is_refused_before_a_run_begins(tmp_path: Path) -> None:
    made(tmp_path / "a.parquet", title=["x"], text=[1])
    for field, why in (("text", "not a text"), ("body", "Its columns: title, text")):
        with pytest.raises(UserError, match=why):
            texts.files([str(tmp_path / "a.parquet")], field)
    (tmp_path / "b.parquet").write_bytes(b"PAR1 but no more")
    whole = made(tmp_path / "c.parquet", text=["some words"] * 1000).read_bytes()
    (tmp_path / "c.parquet").write_bytes(whole[: len(whole) // 2])
    for name in ("b", "c"):
        with pytest.raises(UserError, match="cannot be read as Parquet"):
            texts.files([str(tmp_path / f"{name}.parquet")])
    with pytest.raises(UserError, match="no text in"):
        list(corpus.documents([made(tmp_path / "d.parquet", text=["", "", ""])]))


def test_without_pyarrow_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made(tmp_path / "a.parquet", text=["x"])
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UserError, match="pip install pyarrow"):
        texts.files([str(path)])
