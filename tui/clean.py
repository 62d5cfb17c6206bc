"""Text that the lab did not write, made safe for a terminal: shown, never obeyed, nothing silently dropped."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

LONGEST = 10_000
"""Characters of one line that are shown."""
MARKS = 8
"""Combining marks that one character may carry."""

_BROKEN = "\N{REPLACEMENT CHARACTER}"
_INVISIBLE = (
    (0x80, 0x9F),  # C1 controls: a terminal may read 0x9B as the start of an escape sequence
    (0x061C, 0x061C), (0x180E, 0x180E), (0x200E, 0x200F),  # direction marks
    (0x2028, 0x202E),  # line and paragraph separators, direction overrides
    (0x2060, 0x206F),  # word joiner, invisible operators, direction isolates
    (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB),  # byte order mark, annotations
    (0x1D173, 0x1D17A),  # musical controls
    (0xD800, 0xDFFF),  # half characters, which no terminal can be sent
    (0xE0000, 0xE007F),  # tags, which can hide a whole text
)  # fmt: skip
_CLASS = "".join(f"{chr(first)}-{chr(last)}" for first, last in _INVISIBLE)
_SUSPECT = re.compile(f"[\0-\x1f\x7f\xad\u200b{_CLASS}]")
_ESCAPED = re.compile(f"[\x7f{_CLASS}]")
_VISIBLE = {code: chr(0x2400 + code) for code in range(32)} | {
    0x7F: "\N{SYMBOL FOR DELETE}",
    0xAD: "\N{HYPHEN}",  # a soft hyphen
    0x200B: "\N{OPEN BOX}",  # a space without width
}


def clean(text: str) -> str:
    """One line of `text` for a screen: every control code, direction mark and half character as one visible stand-in.

    Number and order of characters stay, but a line over `LONGEST` is cut with an ellipsis, and more than `MARKS`
    combining marks in a row end in one stand-in.
    """
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}"
    text = _SUSPECT.sub(lambda found: _VISIBLE.get(ord(found[0]), _BROKEN), text)
    return text if text.isascii() else _piles().sub(lambda pile: pile[0][:MARKS] + _BROKEN, text)


def clean_lines(text: str) -> str:
    """Several lines of `text` for a screen: as `clean`, with line breaks kept and tabs expanded."""
    return "\n".join(clean(line) for line in text.replace("\r\n", "\n").expandtabs(4).split("\n"))


def clean_json(text: str) -> str:
    """JSON that means the same and holds nothing that a terminal could obey: such characters become escapes."""
    return _ESCAPED.sub(lambda found: _escape(ord(found[0])), text)


def _escape(code: int) -> str:
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


@cache
def _piles() -> Any:
    """More combining marks in a row than any script needs. `regex` is imported for texts beyond ASCII only."""
    import regex

    return regex.compile(rf"[\p{{Mn}}\p{{Me}}]{{{MARKS + 1},}}")
