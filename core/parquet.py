"""Parquet files as texts: one column, row group by row group. pyarrow, an extra, reads them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UserError

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

SUFFIX = ".parquet"
ROWS = 1024
"""Rows that are in memory at once."""


def check(path: Path, field: str) -> None:
    """Raise UserError unless `path` is a Parquet file with a column of texts named `field`."""
    with _opened(path, field):
        pass


def column(path: Path, field: str) -> Iterator[str]:
    """The texts of the column `field`, in order; rows without one are passed over.

    Raises UserError for a file that is no Parquet file, damaged, or without such a column.
    """
    with _opened(path, field) as file:
        for batch in file.iter_batches(batch_size=ROWS, columns=[field]):
            yield from (text for text in batch.column(0).to_pylist() if text)


@contextmanager
def _opened(path: Path, field: str) -> Iterator[ParquetFile]:
    try:
        from pyarrow import ArrowException, types
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise UserError(
            f"{path} cannot be read.", why="Parquet files need pyarrow.", hint="Install it: pip install pyarrow."
        ) from error
    try:
        with ParquetFile(path) as file:
            schema = file.schema_arrow
            if field not in schema.names:
                fields = ", ".join(name[:40] for name in schema.names[:20]) or "none"
                raise UserError(
                    f'{path} has no column "{field}".',
                    why=f"Its columns: {fields}.",
                    hint="Name the one with the text (--field).",
                )
            kind = schema.field(field).type
            if not (types.is_string(kind) or types.is_large_string(kind)):
                raise UserError(f'In {path} the column "{field}" is not a text.', why=f"It holds {kind}.")
            yield file
    except (ArrowException, OSError, UnicodeDecodeError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"{path} cannot be read as Parquet.", why=why, hint="Fetch it again.") from error
