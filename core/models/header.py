"""What a safetensors file says it holds, checked against its size before any library opens it.

The format: eight bytes with the length of a JSON header, the header, the numbers
(https://huggingface.co/docs/safetensors, section Format). It has no checksum, so a file that was cut short or
grown is recognised by its length alone.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from core.errors import UserError

HEADER_LIMIT = 16 * 2**20
"""Bytes. A model with ten thousand tensors has a header of one MiB."""
TENSORS = 2**16
"""In one file: far more than an honest one holds, and each costs time and memory to check."""

BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16,
    "I32": 32, "U32": 32, "F32": 32, "I64": 64, "U64": 64, "F64": 64,
}  # fmt: skip
"""Bits of one number. The packed types below a byte belong to quantized models, which the lab does not open."""


class Piece(NamedTuple):
    """One tensor as the header describes it."""

    dtype: str
    shape: tuple[int, ...]

    @property
    def numbers(self) -> int:
        return math.prod(self.shape)


def read(path: Path, again: str) -> dict[str, Piece]:
    """The tensors in the file `path`, by name. `again` tells a person how to get a whole copy of the file.

    Raises UserError where the file is cut short, grown, or says anything that does not add up.
    """
    with open(path, "rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        header, start = _header(file, size, path, again)
    header.pop("__metadata__", None)
    if len(header) > TENSORS:
        raise _bad(path, f"It claims {len(header):,} tensors; at most {TENSORS:,} are read from one file.", again)
    spans, pieces = [], {}
    for name, entry in header.items():
        piece, begin, end = _piece(name, entry, path, again)
        pieces[name] = piece
        spans.append((begin, end))
    expected = 0
    for begin, end in sorted(spans):
        if begin != expected:
            raise _bad(path, f"Its tensors overlap or leave a gap at byte {min(begin, expected)}.", again)
        expected = end
    held = size - start
    if held < expected:
        raise UserError(
            f"{path} is not complete.",
            why=f"It should have {start + expected:,} bytes and has {size:,}: a download or a copy stopped half way.",
            hint=again,
        )
    if held > expected:
        raise _bad(path, f"{held - expected:,} bytes at its end belong to no tensor.", again)
    return pieces


def _bad(path: Path, why: str, again: str) -> UserError:
    return UserError(f"{path} is not a sound safetensors file.", why=why, hint=again)


def _header(file: BinaryIO, size: int, path: Path, again: str) -> tuple[dict[str, Any], int]:
    """The header as a dictionary, and the byte at which the numbers start."""
    length = int.from_bytes(file.read(8), "little")
    if size < 8:
        raise UserError(f"{path} is not complete.", why=f"It has only {size} bytes.", hint=again)
    if length > HEADER_LIMIT:
        raise _bad(path, f"Its header claims {length:,} bytes; at most {HEADER_LIMIT:,} are read.", again)
    if size < 8 + length:
        raise UserError(f"{path} is not complete.", why="It ends within its header.", hint=again)
    try:
        header = json.loads(file.read(length).decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise _bad(path, f"Its header cannot be read: {error}.", again) from error
    if not isinstance(header, dict):
        raise _bad(path, "Its header is not a table of tensors.", again)
    return header, 8 + length


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A dictionary that no name enters twice: two readers could each believe another of the two."""
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a name stands in it twice")
    return table


def _piece(name: str, entry: Any, path: Path, again: str) -> tuple[Piece, int, int]:
    """One tensor and its first and last byte. Raises UserError unless type, shape and length agree."""
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise _bad(path, f"The entry of {name[:80]} is not a type, a shape and two offsets.", again)
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in BITS:
        raise _bad(path, f"The numbers of {name[:80]} are of the type {str(dtype)[:20]}, which is not read.", again)
    if not _sizes(shape) or not _sizes(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise _bad(path, f"The shape or the offsets of {name[:80]} are not sizes.", again)
    piece = Piece(dtype, tuple(shape))
    if piece.numbers * BITS[dtype] != 8 * (offsets[1] - offsets[0]):
        raise _bad(path, f"The shape of {name[:80]} does not fit the bytes it has.", again)
    return piece, offsets[0], offsets[1]


def _sizes(value: Any) -> bool:
    """Whether `value` is a short list of sizes; multiplying a long one could take for ever."""
    return (
        isinstance(value, list) and len(value) <= 16 and all(type(size) is int and 0 <= size < 2**63 for size in value)
    )
