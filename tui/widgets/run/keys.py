"""The keys of the run view: they act when it has the focus."""

from __future__ import annotations

from textual.binding import Binding, BindingType

KEYS: list[BindingType] = [
    Binding("v", "view(1)", "View", id="run.view", tooltip="The next view of the run: charts, samples, events."),
    Binding("V", "view(-1)", "View back", show=False, id="run.view-back", tooltip="The view before."),
    Binding("left", "step(-1)", "Step back", show=False, id="run.back",
            tooltip="Read the charts a little further left; in samples, the evaluation before."),
    Binding("right", "step(1)", "Step on", show=False, id="run.on",
            tooltip="Read the charts a little further right; in samples, the next evaluation."),
    Binding("shift+left", "step(-10)", "Leap back", show=False, id="run.leap-back", tooltip="A tenth of all back."),
    Binding("shift+right", "step(10)", "Leap on", show=False, id="run.leap-on", tooltip="A tenth of all forward."),
    Binding("home", "step(-100)", "First step", show=False, id="run.first", tooltip="To the first step."),
    Binding("end", "step(100)", "Last step", show=False, id="run.last", tooltip="To the newest step."),
    Binding("f", "smooth", "Smooth", id="run.smooth", tooltip="Smooth the lines: off, light, strong."),
    Binding("l", "log('x')", "Log steps", show=False, id="run.log-steps",
            tooltip="Steps evenly, or by their logarithm."),
    Binding("L", "log('y')", "Log values", show=False, id="run.log-values",
            tooltip="Values evenly, or by their logarithm."),
    Binding("plus,equals_sign", "zoom(0.5)", "Zoom in", show=False, id="run.zoom-in",
            tooltip="Half as many steps around the cursor."),
    Binding("minus", "zoom(2.0)", "Zoom out", show=False, id="run.zoom-out", tooltip="Twice as many steps."),
    Binding("0", "reset", "Whole run", show=False, id="run.whole", tooltip="All steps again, without a cursor."),
    Binding("enter,p", "open", "Open it", show=False, id="run.open",
            tooltip="In samples: the nearest checkpoint, in Predict."),
    Binding("up,k", "scroll(-1)", "Up", show=False, id="run.up", tooltip="Scroll samples or events up."),
    Binding("down,j", "scroll(1)", "Down", show=False, id="run.down", tooltip="Scroll samples or events down."),
]  # fmt: skip
