"""The header of a safetensors file: what adds up is read, everything else is refused before memory is asked for."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UserError
from core.models import header
from tests.core.folders import TENSOR, safetensors


def test_a_header_that_claims_too_much_is_refused_at_once(tmp_path: Path) -> None:
    for length in (2**24 + 1, 2**62, 2**64 - 1):
        path = tmp_path / "model.safetensors"
        path.write_bytes(length.to_bytes(8, "little") + b"{}")
        with pytest.raises(UserError, match="header claims"):
            header.read(path, "again")


@pytest.mark.parametrize(("tensors", "sound"), [(2**16, True), (2**24 // 66, False)])
def test_the_largest_headers_are_decided_in_seconds(tmp_path: Path, tensors: int, sound: bool) -> None:
    entry = '"%08d":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}'
    raw = ("{" + ",".join(entry % n for n in range(tensors)) + "}").encode()
    assert len(raw) < 2**24
    path = safetensors(tmp_path / "model.safetensors", raw)
    begun = time.process_time()
    try:
        assert len(header.read(path, "again")) == tensors
        assert sound
    except UserError as error:
        assert not sound
        assert "tensors" in error.why
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        ({"a": TENSOR | {"shape": [3]}}, "does not fit"),
        ({"a": TENSOR | {"dtype": "F64"}}, "does not fit"),
        ({"a": TENSOR | {"dtype": "P1"}}, "P1"),
        ({"a": TENSOR | {"dtype": ["F32"]}}, "F32"),
        ({"a": TENSOR | {"shape": [-2]}}, "not sizes"),
        ({"a": TENSOR | {"shape": [2.0]}}, "not sizes"),
        ({"a": TENSOR | {"shape": [2**62] * 9999}}, "not sizes"),
        ({"a": TENSOR | {"data_offsets": [8, 0]}}, "not sizes"),
        ({"a": TENSOR | {"data_offsets": [4, 12]}}, "gap"),
        ({"a": TENSOR, "b": TENSOR}, "overlap"),
        ({"a": TENSOR | {"more": 1}}, "not a type"),
        ({"a": 7}, "not a type"),
        ({}, "belong to no tensor"),
        ([], "not a table"),
        (b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":7}', "twice"),
        (b"[" * 100_000, "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        (b"", "cannot be read"),
    ],
)  # fmt: skip
def test_what_a_header_may_not_say(tmp_path: Path, raw: dict[str, Any] | bytes, word: str) -> None:
    path = safetensors(tmp_path / "model.safetensors", raw, bytes(8))
    with pytest.raises(UserError, match=word) as caught:
        header.read(path, "Get it again.")
    assert str(path) in caught.value.what and caught.value.hint


@given(st.binary(max_size=200))
def test_any_bytes_are_a_file_or_a_refusal(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.safetensors"
    for content in (raw, len(raw).to_bytes(8, "little") + raw):
        path.write_bytes(content)
        try:
            header.read(path, "again")
        except UserError as error:
            assert str(path) in error.what
