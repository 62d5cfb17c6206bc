"""Text on its way to token ids on disk: once, whole or not at all, and with its characters counted."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from core import paths
from core.errors import UserError
from core.text import encoding, stream
from tests.core.toy_runs import TEXT


class Enough(Exception):
    pass


def caches() -> list[str]:
    return sorted(path.name for path in (paths.cache() / "streams").iterdir())


def test_a_second_reader_maps_what_the_first_wrote(home: Path, own_folder: Path) -> None:
    read: list[int] = []
    first = stream.load([home / "text.txt"], own_folder, tell=read.append)
    assert read[-1] == len(TEXT.encode()) - TEXT.count("\n\n") + 1  # one line end for each document
    again: list[int] = []
    second = stream.load([home / "text.txt"], own_folder, tell=again.append)
    assert again == [] and np.array_equal(first.ids, second.ids) and np.array_equal(first.starts, second.starts)
    assert isinstance(second.ids.base, np.memmap)


def test_a_changed_file_is_read_again(home: Path, own_folder: Path) -> None:
    before = stream.load([home / "text.txt"], own_folder)
    (home / "text.txt").write_text(TEXT + "\n\nOne more.", "utf-8")
    assert len(stream.load([home / "text.txt"], own_folder)) > len(before)


def test_reading_in_parts_changes_nothing(home: Path, own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = stream.load([home / "text.txt"], own_folder)
    copy = home / "copy.txt"
    copy.write_text(TEXT, "utf-8")
    monkeypatch.setattr(encoding, "BATCH", 300)
    read: list[int] = []
    parts = stream.load([copy], own_folder, tell=read.append)
    assert np.array_equal(whole.ids, parts.ids) and np.array_equal(whole.starts, parts.starts)
    assert len(read) > 10 and read == sorted(read)


def test_who_is_stopped_leaves_nothing(home: Path, own_folder: Path) -> None:
    def stop(read: int) -> None:
        raise Enough

    with pytest.raises(Enough):
        stream.load([home / "text.txt"], own_folder, tell=stop)
    assert caches() == []
    assert len(stream.load([home / "text.txt"], own_folder)) > 1000


def test_what_a_killed_writer_left_is_not_taken_for_a_text(home: Path, own_folder: Path) -> None:
    whole = stream.load([home / "text.txt"], own_folder)
    (folder,) = caches()
    streams = paths.cache() / "streams"
    (streams / folder).rename(streams / f".writing-{folder}-1-1")
    (streams / f".writing-{folder}-1-1" / "about.json").unlink()
    assert np.array_equal(stream.load([home / "text.txt"], own_folder).ids, whole.ids)


def test_two_at_once_both_have_it(home: Path, own_folder: Path) -> None:
    inner: list[stream.Stream] = []

    def meanwhile(read: int) -> None:
        if not inner:
            inner.append(stream.load([home / "text.txt"], own_folder))

    outer = stream.load([home / "text.txt"], own_folder, tell=meanwhile)
    assert np.array_equal(outer.ids, inner[0].ids) and len(caches()) == 1


def test_the_digest_is_that_of_the_ids(home: Path, own_folder: Path) -> None:
    for share in ("all", "training", "held out"):
        text = stream.load([home / "text.txt"], own_folder, share)
        assert text.digest() == hashlib.sha256(text.ids.astype("<u2").tobytes()).hexdigest()[:12]


def test_characters_of_all_tokens_are_those_of_the_text(home: Path, own_folder: Path) -> None:
    documents = ["A cat.\nIt sat.", "🦉 owl  and ﬀ", "  two spaces", "x"]
    (home / "text.txt").write_text("\n\n".join(documents), "utf-8")
    text = stream.load([home / "text.txt"], own_folder)
    assert text.characters(0, len(text)) == sum(len(document) + 1 for document in documents)
    ends = [0, *(np.flatnonzero(text.ids == text.end) + 1).tolist()]
    for document, first, last in zip(documents, ends, ends[1:], strict=False):
        assert text.characters(first, last) == len(document) + 1
    assert text.widths is not None and (text.ids[:4] != text.end).all() and text.widths[0] >= 1


def test_training_text_is_not_counted_and_held_out_text_is(
    home: Path, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "LEAST_HELD_OUT", 10)
    train, held = (stream.load([home / "text.txt"], own_folder, share) for share in ("training", "held out"))
    assert train.characters(0, 5) is None
    documents = TEXT.split("\n\n")[encoding.HELD_OUT_EVERY - 1 :: encoding.HELD_OUT_EVERY]
    assert held.characters(0, len(held)) == sum(len(document) + 1 for document in documents)


def test_a_missing_file_is_named(home: Path, own_folder: Path) -> None:
    with pytest.raises(UserError, match="nowhere"):
        stream.load([home / "nowhere.txt"], own_folder)


def test_a_full_disk_is_said(home: Path, own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(column: encoding.Column, values: np.ndarray) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(encoding.Column, "add", full)
    with pytest.raises(UserError, match="No space left") as caught:
        stream.load([home / "text.txt"], own_folder)
    assert "room" in str(caught.value) and caches() == []
