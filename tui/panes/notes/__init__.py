"""The notes: what is read, searched, and measured where it is read."""

from tui.panes.notes.pane import NotesPane
from tui.panes.notes.searching import SearchField

__all__ = ["NotesPane", "SearchField"]
