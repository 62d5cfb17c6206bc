"""Finished parts of an evaluation, kept in a folder so that it goes on where it was left."""

from __future__ import annotations

from pathlib import Path

import msgspec

from core.errors import UserError
from core.evaluation.job import Rows
from core.messages import Evaluation
from core.runs import write_atomically


class Part(msgspec.Struct, frozen=True):
    """The numbers of a part, and the seconds that they took."""

    rows: Rows
    seconds: float


class Store:
    """`evaluation.json` and one file a part; with the folder "" nothing is kept. Raises UserError for a full disk."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder).expanduser() if folder else None
        if self._folder:
            try:
                (self._folder / "parts").mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise _unwritable(self._folder, error) from error

    def known(self) -> set[str]:
        """The keys of the parts that were kept."""
        return {path.stem for path in (self._folder / "parts").glob("*.json")} if self._folder else set()

    def get(self, key: str) -> Part | None:
        """A part that was kept; None where there is none, or a damaged one, which is computed again."""
        if self._folder is None:
            return None
        try:
            return msgspec.json.decode((self._folder / "parts" / f"{key}.json").read_bytes(), type=Part)
        except (OSError, msgspec.DecodeError):
            return None

    def put(self, key: str, part: Part) -> None:
        """Keep a part, whole or not at all."""
        self._write(f"parts/{key}.json", msgspec.json.encode(part))

    def tell(self, evaluation: Evaluation) -> None:
        """Write down how far the evaluation got."""
        self._write("evaluation.json", msgspec.json.format(msgspec.json.encode(evaluation), indent=1) + b"\n")

    def _write(self, name: str, content: bytes) -> None:
        if self._folder is None:
            return
        try:
            write_atomically(self._folder / name, content)
        except OSError as error:
            raise _unwritable(self._folder, error) from error


def _unwritable(folder: Path, error: OSError) -> UserError:
    return UserError(f"The evaluation cannot be kept in {folder}.", why=f"{error}.", hint="Make room, or name another.")
