from __future__ import annotations

import lzma
import os
import threading
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UserError
from core.text import corpus


def test_a_file_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbfcaf\xc3\xa9\r\nx\xef\xbb\xbf\n\n")
    assert corpus.read(path) == "caf\u00e9\r\nx\ufeff\n\n"
    packed = tmp_path / "a.txt.xz"
    packed.write_bytes(lzma.compress(path.read_bytes()))
    assert corpus.read(packed) == corpus.read(path)


@given(st.text(max_size=40), st.integers(1, 9))
def test_characters_across_blocks_are_whole(tmp_path_factory: pytest.TempPathFactory, text: str, block: int) -> None:
    path = tmp_path_factory.mktemp("blocks") / "a.txt"
    path.write_bytes(("x" + text.replace("\0", "")).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpus, "_BLOCK", block)
        assert corpus.read(path) == "x" + text.replace("\0", "")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"abc\0d", "Byte 3 is NUL"),
        (b"abcd\xff", "Byte 4 is not UTF-8"),
        (b"abc\xe2\x82", "Byte 3 is not UTF-8"),
        (b"x\xed\xa0\x80", "Byte 1 is not UTF-8"),
    ],
)
@pytest.mark.parametrize("block", [2, 1 << 20])
def test_what_is_no_text_is_refused(
    content: bytes, why: str, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus, "_BLOCK", block)
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        corpus.read(path)
    assert why in str(caught.value) and str(path) in str(caught.value)


def test_missing_files_folders_and_broken_archives_are_refused(tmp_path: Path) -> None:
    broken = tmp_path / "b.txt.xz"
    broken.write_bytes(lzma.compress(b"hello " * 1000)[:-20])
    for path, why in (
        (tmp_path / "none.txt", "no file"),
        (tmp_path, "is a folder"),
        (broken, "cannot be decompressed"),
        (tmp_path / "none.txt" / "x", "no file"),
    ):
        with pytest.raises(UserError) as caught:
            corpus.read(path)
        assert why in str(caught.value)


def test_too_much_text_is_refused_also_out_of_a_small_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "LARGEST", 3 << 20)
    path = tmp_path / "bomb.txt.xz"
    path.write_bytes(lzma.compress(b"a" * (4 << 20)))
    assert path.stat().st_size < 10_000
    with pytest.raises(UserError, match="too large"):
        corpus.read(path)


def test_a_pipe_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(b"through a pipe",))
    writer.start()
    assert corpus.read(path) == "through a pipe"
    writer.join()


def test_documents_stand_between_blank_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("\n\none\ntwo\x85\u2028still two\n \t\nthree\r\nfour\r\n\r\nfive".encode())
    assert list(corpus.documents([path])) == ["one\ntwo\x85\u2028still two", "three\r\nfour", "five"]


def test_documents_of_folders_come_in_order_of_name(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name, text in (("b.txt", b"b"), ("a.md", b"a"), ("sub/c.txt.xz", lzma.compress(b"c\n\nd")), ("x.py", b"no")):
        (tmp_path / name).write_bytes(text)
    (tmp_path / "empty.txt").write_bytes(b"")
    assert list(corpus.documents([tmp_path, tmp_path / "b.txt"])) == ["a", "b", "c", "d", "b"]


def test_documents_of_nothing_are_refused(tmp_path: Path) -> None:
    (tmp_path / "blank.txt").write_bytes(b"\n \n")
    (tmp_path / "none").mkdir()
    for paths, why in (([tmp_path], "no text"), ([tmp_path / "none"], "no file that ends in"), ([], "no text")):
        with pytest.raises(UserError) as caught:
            list(corpus.documents(paths))
        assert why in str(caught.value)


@pytest.mark.parametrize("line", [b"a long line of words ", b"some words\n"])
def test_documents_are_streamed_and_cut(line: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "_BLOCK", 1 << 15)
    monkeypatch.setattr(corpus, "LONGEST", 1 << 15)
    path = tmp_path / "large.txt"
    repeats = (4 << 20) // len(line)
    path.write_bytes(line * repeats)
    tracemalloc.start()
    for document in corpus.documents([path]):
        assert len(document) <= corpus.LONGEST
        repeats -= document.count("words")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 0 <= repeats < 200, "only a word that was cut in two is not counted"
    assert peak < 2 << 20
