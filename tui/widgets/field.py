"""The text field of Predict and Compare: several lines, enter sends, esc leaves."""

from __future__ import annotations

import re
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Paste
from textual.message import Message
from textual.widgets import TextArea

from tui.text import one_for_one

SURROGATE = re.compile("[\ud800-\udfff]")


class TextField(TextArea):
    """A TextArea that shows control characters instead of obeying them, and keeps them in what it holds."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Go", priority=True, id="field.submit", tooltip="Send the text."),
        Binding(
            "shift+enter,ctrl+j,alt+enter",
            "newline",
            "New line",
            show=False,
            id="field.newline",
            tooltip="Start a new line.",
        ),
        Binding(
            "ctrl+home", "edge(False)", "Start", show=False, id="field.start", tooltip="Go to the start of the text."
        ),
        Binding("ctrl+end", "edge(True)", "End", show=False, id="field.end", tooltip="Go to the end of the text."),
        Binding("ctrl+l", "empty", "Empty", id="field.empty", tooltip="Empty the field; ctrl+z takes that back."),
        Binding("escape", "app.leave", "Leave", id="field.leave", tooltip="Leave the text field; keys act again."),
        # A TextArea selects with these two; they mean the same here as everywhere else.
        Binding("f6", "app.show('evaluate')", "Evaluate", show=False),
        Binding("f7", "app.glossary", "Glossary", show=False),
        Binding("alt+a", "select_all", "Select all", show=False, id="field.all", tooltip="Select the whole text."),
    ]

    class Sent(Message):
        """Enter was pressed."""

    class Pasted(Message):
        """More was pasted than can be edited with ease: it is not in the field."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, *, id: str, placeholder: str, most: int | None = None) -> None:
        """`most`: characters that may be pasted; more are handed on. None: any number."""
        self._most = most
        super().__init__(
            id=id, placeholder=placeholder, compact=True, soft_wrap=True, show_line_numbers=False, theme="css",
            highlight_cursor_line=False, tab_behavior="focus",
        )  # fmt: skip

    def on_paste(self, event: Paste) -> None:
        """Hand on what is too much; all else is pasted."""
        if self._most is not None and len(event.text) > self._most:
            event.prevent_default()
            self.post_message(self.Pasted(SURROGATE.sub("\ufffd", event.text)))

    @property
    def value(self) -> str:
        """The text, fit for the wire: half a surrogate pair becomes U+FFFD, one for one."""
        return SURROGATE.sub("\ufffd", self.text)

    def get_line(self, line_index: int) -> Text:
        """The line as it is drawn."""
        line = super().get_line(line_index)
        line.plain = one_for_one(line.plain)
        return line

    def action_submit(self) -> None:
        self.post_message(self.Sent())

    def action_newline(self) -> None:
        self.insert("\n")

    def action_edge(self, end: bool) -> None:
        self.move_cursor(self.document.end if end else (0, 0))

    def action_empty(self) -> None:
        if self.text:
            self.put("", 0, len(self.text))

    def put(self, text: str, start: int, end: int) -> None:
        """Replace the characters from `start` to `end` in one step that ctrl+z takes back; the cursor goes after."""
        self.replace(text, self.location(start), self.location(end), maintain_selection_offset=False)
        self.move_cursor(self.location(start + len(text)))

    def put_mask(self, mask: str) -> None:
        """Put `mask` in place of the selection or of the word under the cursor; between words, at the cursor."""
        text = self.text
        start, end = sorted((self.index_of(self.selection.start), self.index_of(self.selection.end)))
        if start == end and text[start : start + 1].isalnum():
            while start > 0 and text[start - 1].isalnum():
                start -= 1
            while end < len(text) and text[end].isalnum():
                end += 1
        before = text[:start][-1:]
        space = " " if start == end and (before.isalnum() or before in tuple(".,;:!?")) else ""
        self.put(space + mask, start, end)

    def location(self, index: int) -> tuple[int, int]:
        """Row and column of the character at `index` of `text`."""
        index = max(0, min(index, len(self.text)))
        before = self.text[:index].split(self.document.newline)
        return len(before) - 1, len(before[-1])

    def index_of(self, location: tuple[int, int]) -> int:
        """Where a row and column stand, in characters from the start of `text`."""
        row, column = location
        lines = self.text.split(self.document.newline)
        return sum(len(line) + len(self.document.newline) for line in lines[:row]) + column
