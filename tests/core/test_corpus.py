"""Documents out of files of every kind, streamed."""

from __future__ import annotations

import json
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


def lines(path: Path, *records: object) -> Path:
    text = "\n".join(record if isinstance(record, str) else json.dumps(record) for record in records)
    path.write_bytes(lzma.compress(text.encode()) if path.suffix == ".xz" else text.encode())
    return path


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.xz"])
def test_each_json_line_is_one_document(name: str, tmp_path: Path) -> None:
    path = lines(
        tmp_path / name, {"text": "one\n\nstill one\n", "id": 1}, "", {"text": " "}, {"id": 2, "text": "two\ud800"}
    )
    assert list(corpus.documents([path])) == ["one\n\nstill one", "two\ufffd"]
    (tmp_path / "b.txt").write_text("plain\n\ntext")
    assert list(corpus.documents([tmp_path])) == ["one\n\nstill one", "two\ufffd", "plain", "text"]


def test_the_field_has_a_name(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", {"text": "no", "body": "yes"}, {"body": "also"})
    assert list(corpus.documents([path], "body")) == ["yes", "also"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ({"title": "a", "body": "b"}, 'has no field "text". Its fields: title, body.'),
        ({}, "Its fields: none."),
        ({"text": ["a"]}, 'the field "text" is not a text'),
        (["a"], "is not a JSON object"),
        ('{"text": "a"', "is not JSON"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_a_line_without_a_text_is_named(line: object, why: str, tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", {"text": "good"}, "", line, {"text": "never read"})
    found = corpus.documents([path])
    assert next(found) == "good"
    with pytest.raises(UserError) as caught:
        next(found)
    assert f"ine 3 of {path}" in str(caught.value) and why in str(caught.value)


def test_long_json_texts_are_cut_after_a_line_and_long_lines_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus, "LONGEST", 10)
    path = lines(tmp_path / "a.jsonl", {"text": "one\ntwo\nthree\n\n\n" + "x" * 25})
    assert list(corpus.documents([path])) == ["one\ntwo", "three", "x" * 10, "x" * 10, "x" * 5]
    monkeypatch.setattr(corpus, "LONGEST_LINE", 20)
    with pytest.raises(UserError, match=r"Line 1 of .* is longer"):
        list(corpus.documents([path]))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"one line", ["one line"]),
        (b"x", ["x"]),
        (b"no end\n\nof the last", ["no end", "of the last"]),
        (b"a\r\nb\r\n\r\nc\r\n", ["a\r\nb", "c"]),
        (b"\xef\xbb\xbfmarked\n", ["marked"]),
    ],
)
def test_odd_ends_and_beginnings(content: bytes, found: list[str], tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    assert list(corpus.documents([tmp_path / "a.txt"])) == found
    plain = content.removeprefix(b"\xef\xbb\xbf").decode()
    mark = content[: len(content) - len(plain.encode())]
    for end in (b"", b"\n", b"\r\n"):
        (tmp_path / "a.jsonl").write_bytes(mark + json.dumps({"text": plain}).encode() + end)
        assert list(corpus.documents([tmp_path / "a.jsonl"])) == [plain.rstrip()]


def test_many_json_lines_are_streamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "_BLOCK", 1 << 15)
    path, count = tmp_path / "large.jsonl", 40_000
    with open(path, "w") as file:
        for number in range(count):
            file.write(json.dumps({"text": f"{number} some words " * 6}) + "\n")
    assert path.stat().st_size > 4 << 20
    tracemalloc.start()
    assert sum(1 for _ in corpus.documents([path])) == count
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 << 20
