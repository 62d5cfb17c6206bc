"""The choice of a note from a short list: of bookmarks, or of the claims that a screen bears on."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from tui.widgets.picker import Picker


class NotePicker(Picker[str]):
    """Answers with the key of a note, or None."""

    def __init__(self, title: str, notes: Sequence[tuple[str, str]]) -> None:
        """`notes`: the key and one line for each."""
        super().__init__(title, [(key, Content.assemble((f"{key:<12}", "bold"), line)) for key, line in notes])
