"""Texts that a person names on the command line or in a dialog: read whole, or refused with the reason."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO

from core import texts
from core.errors import UserError

LIMIT = 64 * 2**20
"""Bytes of a text that is read at once. Larger ones are for training, which streams them."""
LONGEST_NAME = 200


def read(name: str) -> str:
    """The text in the file `name`, or on standard input for `-`. Raises UserError naming what is wrong with it.

    The newline that ends the last line of a file is not part of its text: `echo word` means the same as `word`.
    """
    if name == "-":
        return _whole(_bounded(sys.stdin.buffer, "Standard input"), "Standard input")
    path = Path(name).expanduser()
    called = str(path)[:LONGEST_NAME]
    try:
        if path.is_dir():
            raise UserError(f"{called} is a folder.", hint="Name one text file.")
        with open(path, "rb") as file:
            return _whole(_bounded(file, called), called)
    except FileNotFoundError:
        raise UserError(f"There is no file {called}.", hint="Check the name, or give the text itself.") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise UserError(f"{called} cannot be read.", why=str(error)) from error


def named(name: str) -> str:
    """The path, absolute, of a file or folder of texts that an engine of this machine will read.

    Raises UserError for one without any, before an engine is started for it.
    """
    try:
        texts.files([name])
        return str(Path(name).expanduser().resolve())
    except (OSError, ValueError) as error:
        raise UserError(f"{name[:LONGEST_NAME]} cannot be read.", why=str(error)[:LONGEST_NAME]) from error


def given(text: str) -> str:
    """A text that was given as an argument. Raises UserError when there is nothing in it or it is not UTF-8."""
    try:
        return _decode(text.encode("utf-8", "surrogateescape"), "The text")
    except UnicodeEncodeError as error:
        raise UserError("The text holds half a character.", why=str(error)) from error


def _bounded(file: BinaryIO, called: str) -> bytes:
    raw = file.read(LIMIT + 1)
    if len(raw) > LIMIT:
        hint = "Take a part of it, or train on it."
        raise UserError(f"{called} is too large.", why=f"At most {LIMIT // 2**20} MiB are read at once.", hint=hint)
    return raw


def _whole(raw: bytes, called: str) -> str:
    return _decode(raw, called).removesuffix("\n").removesuffix("\r")


def _decode(raw: bytes, called: str) -> str:
    if not raw.strip():
        raise UserError(f"{called} is empty.", hint="Give it at least one word.")
    if (nul := raw.find(b"\0")) >= 0:
        raise UserError(f"{called} is not a text.", why=f"Byte {nul:,} is NUL.", hint="Name a plain text file.")
    try:
        return raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        why = f"Byte {error.start:,} is {raw[error.start]:#04x}, which cannot stand there."
        raise UserError(f"{called} is not UTF-8.", why=why, hint="Convert it, for example with iconv.") from error
