"""A window without colours, as NO_COLOR asks for (no-color.org): what has a background of its own is reversed."""

from __future__ import annotations

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

PLAIN = Style.parse("default on default")


class Colourless(LineFilter):
    """Takes every colour out of a line. Meant for a theme whose own background is that of the terminal.

    Textual would send greys, and sixteen colours have none: black on black. Without them the choice in a list, a
    selection and the focus would look like everything else, were they not reversed.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments, bold, underlined or reversed as they were."""
        return [Segment(text, colourless(style), control) for text, style, control in segments]


@lru_cache(1024)
def colourless(style: Style | None) -> Style | None:
    """`style` in the colours of the terminal."""
    if style is None:
        return None
    marked = style.bgcolor is not None and not style.bgcolor.is_default
    return style + PLAIN + Style(reverse=True) if marked else style + PLAIN
