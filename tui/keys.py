"""The keys of the window itself; those of a pane or a widget stand in its own file."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from tui.panes import PANES

WINDOW: list[BindingType] = [
    *(
        Binding(f"{key},f{key + 1}", f"show('{pane}')", title, show=False, id=f"app.{pane}",
                tooltip=f"Show {title}: {key} outside a text field, F{key + 1} anywhere.")
        for key, (pane, (title, _)) in enumerate(PANES.items(), start=1)
    ),
    Binding("E,f6", "show('evaluate')", "Evaluate", show=False, id="app.evaluate",
            tooltip="Evaluate models on texts, minimal pairs and facts: E outside a text field, F6 anywhere."),
    Binding("escape", "leave", "Leave", show=False, id="app.leave", tooltip="Leave a field; then: cancel what runs."),
    Binding("ctrl+g,f7", "glossary", "Glossary", show=False, id="app.glossary",
            tooltip="Look a word up in the glossary: ctrl+g or F7, anywhere."),
    Binding("C", "claim", "Claim", show=False, id="app.claim",
            tooltip="To the claim of the notes that this screen bears on, where you can measure it."),
    Binding("m", "models", "Models", id="app.models", tooltip="Choose the models of this pane."),
    Binding("y", "copy", "Copy", id="app.copy", tooltip="Copy what is shown, as text (OSC 52)."),
    Binding("e", "export", "Export", id="app.export", tooltip="Write what is shown to files."),
    Binding("ctrl+r", "restart", "Restart", show=False, id="app.restart", tooltip="Restart the engine."),
    Binding("exclamation_mark", "trouble", "Trouble", show=False, id="app.trouble",
            tooltip="Show the last error again, with all its details."),
    Binding("question_mark,f1", "help", "Help", key_display="?", id="app.help", tooltip="Show every key."),
    Binding("ctrl+p", "command_palette", "All", priority=True, id="app.palette", tooltip="Every action by its name."),
    Binding("ctrl+q", "quit", "Quit", priority=True, id="app.quit", tooltip="Leave the lab. Trainings go on."),
]  # fmt: skip
UNDER = {"show", "leave", "glossary", "claim", "models", "copy", "export", "restart", "trouble", "help"}
"""Actions that mean nothing while a dialog lies over the window."""
