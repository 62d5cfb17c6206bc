"""Amounts as a person types them: 5, 2.5, 300k, 2M, 10 min, 1.5 h."""

from __future__ import annotations

import re

from core.errors import UserError

UNITS = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9}
TIMES = {"s": 1 / 60, "min": 1.0, "minutes": 1.0, "h": 60.0}
NUMBER = r"(\d+(?:[.,]\d+)?)"


def amount(text: str) -> float:
    """A number with its unit; nothing is 0. Raises UserError for anything else."""
    text = text.strip()
    if not text:
        return 0.0
    found = re.fullmatch(NUMBER + r"\s*([kKmMgG]?)", text.replace("_", ""), re.ASCII)
    if found is None or not float(found[1].replace(",", ".")):
        raise UserError(f"{text} is no amount.", hint="Type a number like 5, 2.5, 300k or 2M.")
    return float(found[1].replace(",", ".")) * UNITS[found[2].lower()]


def more(text: str, tokens_per_second: float) -> int:
    """Tokens that `text` comes to: `10 min` at a speed in tokens a second, or a number of tokens like `2M`.

    Raises UserError for anything else, and for a time where no speed is known.
    """
    found = re.fullmatch(NUMBER + r"\s*(s|min|minutes|h)", text.strip().lower(), re.ASCII)
    if found is None:
        tokens = round(amount(text))
    elif tokens_per_second <= 0:
        raise UserError("The speed of this run is not known.", hint="Say how many tokens more, like 2M.")
    else:
        tokens = round(60 * float(found[1].replace(",", ".")) * TIMES[found[2]] * tokens_per_second)
    if tokens < 1:
        raise UserError("That is nothing.", hint="Type a time like 10 min, or tokens like 2M.")
    return tokens
