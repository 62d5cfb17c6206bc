"""One page of a long comparison, as a result of its own."""

from __future__ import annotations

import msgspec

from core.errors import UserError
from core.messages import PAGE, Comparison


class Part(Comparison, frozen=True, kw_only=True):
    """A comparison with the words of one page; `text`, models and notes are those of the whole."""

    page: int
    """Counted from 1."""
    pages: int


def part(whole: Comparison, page: int) -> Part:
    """A page of `PAGE` words. Raises UserError where there are fewer pages."""
    pages = -(-len(whole.words) // PAGE)
    if page > pages:
        raise UserError(f"There is no page {page}.", why=f"The text has {len(whole.words):,} words: {pages} page(s).")
    words = whole.words[(page - 1) * PAGE : page * PAGE]
    return Part(**{**msgspec.structs.asdict(whole), "words": words}, page=page, pages=pages)
