"""The one error meant for people."""

from __future__ import annotations


class UserError(Exception):
    """Something a person can act on: what happened, why, and what to do about it.

    Every other exception that reaches a front end is a bug and is shown with its traceback.
    """

    def __init__(self, what: str, why: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.hint = hint

    def __str__(self) -> str:
        return " ".join(part for part in (self.what, self.why, self.hint) if part)


class Cancelled(Exception):
    """The person who asked no longer wants the answer."""
