"""What a run may be given to read, and what is refused before it starts."""

from __future__ import annotations

import io
import lzma
import os
from pathlib import Path

import pytest

from core import texts
from core.errors import UserError
from core.text import corpus


def test_folders_are_looked_through_and_files_named_once(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("a.txt", "deep/b.md", "deep/c.png", "d.dat"):
        (tmp_path / name).write_text("some words\n")
    (tmp_path / "e.jsonl").write_text('{"text": "a"}\n')
    (tmp_path / "f.jsonl.xz").write_bytes(lzma.compress(b'{"text": "a"}\n'))
    (tmp_path / "g.txt.xz").write_bytes(lzma.compress(b"a"))
    inside = ["a.txt", "b.md", "e.jsonl", "f.jsonl.xz", "g.txt.xz"]
    assert [path.name for path in texts.files([str(tmp_path)])] == inside
    found = texts.files([str(tmp_path / "d.dat"), str(tmp_path / "deep"), str(tmp_path)])
    assert [path.name for path in found] == ["d.dat", "b.md", "a.txt", *inside[2:]]
    assert all(path.is_absolute() for path in found)


def test_names_are_relative_to_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("some words")
    monkeypatch.chdir(tmp_path)
    assert texts.files(["a.txt"]) == [(tmp_path / "a.txt").resolve()]
    monkeypatch.setenv("HOME", str(tmp_path))
    assert texts.files(["~/a.txt"]) == [(tmp_path / "a.txt").resolve()]


def test_what_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty.txt").touch()
    (tmp_path / "nothing").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name, why in (
        ("missing.txt", "no such"), ("nothing", "folder without"), ("empty.txt", "no text"), ("pipe", "not a file"),
    ):  # fmt: skip
        with pytest.raises(UserError, match=why):
            texts.files([str(tmp_path / name)])
    with pytest.raises(UserError, match="no text in an empty list"):
        texts.files([])
    monkeypatch.setattr(texts, "MOST_FILES", 2)
    with pytest.raises(UserError, match="too many"):
        texts.files([str(tmp_path)])


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("bad.dat", b"text\0more", "Byte 4 is NUL"),
        ("bad.txt", b"caf\xe9 au lait", "Byte 3 is not UTF-8"),
        ("bad.txt.xz", b"not packed at all", "cannot be decompressed"),
        ("bad.txt.xz", lzma.compress(b"caf\xe9 au lait"), "Byte 3 is not UTF-8"),
        ("bad.jsonl", b"\xef\xbb\xbf\n" + b'{"title": "a"}\n', 'no field "text". Its fields: title.'),
        ("bad.jsonl", b"plain words\n", "is not JSON"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, name: str, content: bytes, why: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError) as refused:
        texts.files([str(tmp_path / name)])
    assert why in str(refused.value) and name in refused.value.what


def test_only_the_beginning_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("é".encode() * texts.LOOK + b"\0")
    assert texts.readable(path) == path.resolve()
    path.write_bytes(b"x" + "é".encode() * texts.LOOK)
    assert texts.readable(path) == path.resolve(), "a character may lie across the end of the look"
    line = tmp_path / "a.jsonl"
    line.write_bytes(b'{"title": "' + b"x" * texts.LOOK + b'"}\n')
    assert texts.readable(line) == line.resolve(), "a line that is not whole is not judged"
    bomb = tmp_path / "a.txt.xz"
    bomb.write_bytes(lzma.compress(b"a" * (64 << 20)))
    assert texts.readable(bomb) == bomb.resolve()


def test_packed_text_weighs_more_than_its_file(tmp_path: Path) -> None:
    for name in ("a.txt", "a.txt.xz"):
        (tmp_path / name).write_bytes(bytes(10))
    assert [texts.weight(tmp_path / name) for name in ("a.txt", "a.txt.xz")] == [10, 40]


def test_standard_input_is_kept_by_its_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_BLOCK", 3)
    monkeypatch.setenv("LOOKBOTH_HOME", str(tmp_path))
    path = texts.store(io.BytesIO("café\n\nmore".encode()))
    assert path.parent == tmp_path / "data" / "texts"
    assert list(corpus.documents(texts.files([str(path)]))) == ["café", "more"]
    assert texts.store(io.BytesIO("café\n\nmore".encode()), path.parent) == path
    assert texts.store(io.BytesIO(b"other"), path.parent) != path
    assert len(list(path.parent.iterdir())) == 2


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"", "empty"), (b"\xef\xbb\xbf \n", "empty"), (b"abcd\0", "Byte 4 is NUL"), (b"abcde\xc3", "Byte 5 is not")],
)
def test_what_comes_in_is_checked_whole(
    content: bytes, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "_BLOCK", 3)
    with pytest.raises(UserError, match=why):
        texts.store(io.BytesIO(content), tmp_path)
    assert not list(tmp_path.iterdir())
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot be kept"):
        texts.store(io.BytesIO(b"words"), tmp_path / "file")
