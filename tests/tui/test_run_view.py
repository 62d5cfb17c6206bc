"""The view of one run: its charts, what the cursor reads, what it says of a run's state, and runs laid over it."""

from __future__ import annotations

import time

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from core import runs
from core.runs import Run
from tests.tui.hosts import see, shown, until
from tests.tui.made_runs import UNIGRAM, end, event, held_out, learning, machine, make, row, write
from tui.runs.panels import apart, panels
from tui.runs.watch import Watch
from tui.widgets import run_view
from tui.widgets.chart import Chart
from tui.widgets.run.state import State
from tui.widgets.run_view import RunView

pytestmark = pytest.mark.usefixtures("own_runs")


class Host(App[None]):
    """The view alone."""

    def __init__(self, run: Run, *others: Run) -> None:
        super().__init__()
        self.watches = [Watch(one) for one in (run, *others)]

    def compose(self) -> ComposeResult:
        yield RunView()

    def on_mount(self) -> None:
        self.query_one(RunView).focus()
        self.look()

    def look(self) -> None:
        seen = [watch.poll() for watch in self.watches]
        self.query_one(RunView).show(seen[0], seen[1:])


def gpt2(name: str = "one", steps: int = 100, **changes: object) -> Run:
    run = make(name, owner=runs.me(), **changes)
    write(run, (row(step, 8.0 - step / 50) for step in range(1, steps + 1)))
    write(run, [held_out(50, 7.2, bits_per_character=2.5), machine(60)])
    return run


async def press(pilot: Pilot[None], *keys: str) -> str:
    await pilot.press(*keys)
    await pilot.pause()
    return shown(pilot.app)


# --- charts ------------------------------------------------------------------------------------------------------


def test_an_objective_has_a_panel_and_a_unit_has_a_panel() -> None:
    run = make("one", family="bert")
    learning(run)
    found = {panel.name: panel for panel in panels(Watch(run).poll())}
    assert list(found)[:2] == ["masked", "causal"]
    labels = {name: [one.label for one in panel.series] for name, panel in found.items()}
    unigram = f"unigram {UNIGRAM:.2f}"
    assert labels["masked"] == ["masked loss", "held out", unigram]
    assert labels["causal"] == ["causal loss", unigram]  # what is held out is asked with masks
    assert {"rate", "gradient", "speed", "cpu", "memory"} <= set(found) and "gpu" not in found and "bits" not in found
    assert found["memory"].series[0].points[0][1] == pytest.approx(0.65)


def test_a_causal_start_is_not_called_a_unigram_reader() -> None:
    run = make("one", family="bert", owner=runs.me())
    write(run, [row(5, 7.0), held_out(5, UNIGRAM)])
    watch = Watch(run)
    assert {panel.name: panel.note for panel in panels(watch.poll())}["masked"] == ""
    write(run, [row(6, 7.0, "masked")])
    assert {panel.name: panel.note for panel in panels(watch.poll())}["masked"] == "still a unigram reader"


def test_a_causal_model_has_bits_per_character() -> None:
    found = {panel.name: panel for panel in panels(Watch(gpt2()).poll())}
    assert found["bits"].series[0].points == ((50, 2.5),)
    assert "masked" not in found


@pytest.mark.parametrize(
    ("looks", "note"),
    [
        ([], ""),
        ([6.7, 6.6], "still a unigram reader"),
        ([6.7, 6.0, 6.6], "still a unigram reader"),
        ([UNIGRAM - 0.09], "still a unigram reader"),
        ([6.7, 6.6, UNIGRAM - 0.11, 6.0], "left the unigram line at step 30"),
        ([6.0], "left the unigram line at step 10"),
    ],
)
def test_the_plateau_of_a_masked_model_is_named(looks: list[float], note: str) -> None:
    run = make("one", family="bert")
    write(
        run, [row(1, 7.0), row(2, 7.0, "masked"), *(held_out(10 * at, nats) for at, nats in enumerate(looks, start=1))]
    )
    found = {panel.name: panel.note for panel in panels(Watch(run).poll())}
    assert found["masked"] == note
    assert found["causal"] == ""


async def test_one_panel_at_80_columns_and_four_at_160() -> None:
    run = gpt2()
    for size, count in (((80, 24), 1), ((160, 24), 2), ((160, 48), 4)):
        app = Host(run)
        async with app.run_test(size=size) as pilot:
            await see(pilot, "causal loss, nats by step", "[causal]", f"unigram {UNIGRAM}")
            assert sum(chart.display for chart in app.query(Chart)) == count
            await see(pilot, *["learning rate by step"] * (count > 2))
            await press(pilot, "v", "v")
            await see(pilot, "learning rate by step", "[rate]")
            await press(pilot, "V", "V", "V")
            await see(pilot, "Nothing out of the ordinary has happened.", "[events]")


async def test_a_run_without_a_row_says_so() -> None:
    async with Host(make("one", age=5)).run_test(size=(80, 24)) as pilot:
        await see(pilot, "no loss has been written yet", "starting: its process has not spoken yet")
        assert "[samples]" in await press(pilot, "V", "V")
        await see(pilot, "It has not been asked anything yet")


async def test_the_cursor_reads_every_series_at_a_step() -> None:
    app = Host(gpt2())
    async with app.run_test(size=(80, 24)) as pilot:
        await see(pilot, "causal loss, nats")
        assert "step 100 · causal loss 6.000, held out 7.200 (step 50)" in await press(pilot, "left")
        assert "step 99 · causal loss 6.020" in await press(pilot, "left")
        assert "step 89 · causal loss 6.220" in await press(pilot, "shift+left")
        text = await press(pilot, "home")
        assert "step 1 · causal loss 7.980, held out –, unigram 6.61 · rate 0.001" in text
        assert "│" in text
        assert "step 100 ·" in await press(pilot, "end")
        assert "step 100 ·" not in await press(pilot, "0")


async def test_axes_smoothing_and_zoom_say_that_they_are_on() -> None:
    app = Host(gpt2())
    async with app.run_test(size=(80, 24)) as pilot:
        view = app.query_one(RunView)
        await see(pilot, "causal loss, nats")
        assert "· smoothed 0.9" in await press(pilot, "f")
        assert "· smoothed 0.98" in await press(pilot, "f")
        assert "smoothed" not in await press(pilot, "f")
        assert "by step · log steps" in await press(pilot, "l")
        assert "by step · log steps, log values" in await press(pilot, "L")
        assert "· zoomed" in await press(pilot, "l", "L", "plus")
        assert view.state.frame.window == pytest.approx((50.5, 100))  # a held-out look at step 50 moves no axis
        assert "zoomed" not in await press(pilot, "minus", "minus")
        assert "zoomed" in await press(pilot, "plus") and "zoomed" not in await press(pilot, "0")


async def test_a_masked_model_in_its_causal_start_shows_that_until_its_masks_begin() -> None:
    run = make("one", family="bert", owner=runs.me())
    write(run, [held_out(0, 8.4), *(row(step, 7.0) for step in range(1, 50))])
    app = Host(run)
    async with app.run_test(size=(80, 24)) as pilot:
        await see(pilot, "causal loss, nats", "causal start, left to right", "held out with masks 8.400")
        write(run, [row(50, 7.5, "masked")])
        app.look()
        await see(pilot, "masked loss, nats", "masked training", "still a unigram reader")


async def test_another_run_keeps_the_way_of_looking_and_not_the_place() -> None:
    one, two = gpt2("one"), gpt2("two", 50)
    app = Host(one)
    async with app.run_test(size=(80, 24)) as pilot:
        view = app.query_one(RunView)
        await press(pilot, "f", "left", "plus")
        app.watches = [Watch(two)]
        app.look()
        await see(pilot, "two ·", "smoothed 0.9")
        assert view.state.frame.cursor is None and view.state.frame.window is None


async def test_what_comes_by_itself_is_drawn_at_most_four_times_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    run = gpt2()
    app = Host(run)
    async with app.run_test(size=(80, 24)) as pilot:
        await see(pilot, "step 100 of")
        view = app.query_one(RunView)
        clock = [1000.0]
        monkeypatch.setattr(run_view, "monotonic", lambda: clock[0])
        view.paint()
        painted: list[float] = []
        real = view.paint
        monkeypatch.setattr(view, "paint", lambda: (painted.append(clock[0]), real()))
        for step in range(101, 140):
            write(run, [row(step, 5.0)])
            app.look()
        assert painted == [] and view.seen and view.seen.now.step == 139
        clock[0] += run_view.REST
        await until(pilot, lambda: painted, "what waited is drawn")
        assert len(painted) == 1
        assert "step 139 of" in shown(app)


# --- runs laid over each other -----------------------------------------------------------------------------------


def test_runs_that_are_no_fair_comparison_say_why() -> None:
    known = {"text": "aa", "held_out_text": "bb"}
    one, two = gpt2("one", **known), gpt2("two", **known)
    other = make("other", family="bert", **known)
    learning(other)
    seen = {run.id: Watch(run).poll() for run in (one, two, other)}
    assert apart(seen["one"], [seen["two"]]) == []
    assert any(reason.startswith("not comparable: ") for reason in apart(seen["one"], [seen["other"]]))
    state = State()
    state.take(seen["one"], [seen["other"]])
    assert [panel.name for panel in state.panels[:2]] == ["causal", "masked"]
    assert all(panel.note.startswith("not comparable: ") for panel in state.panels[:2])
    assert state.panels[2].note == ""


async def test_runs_laid_over_each_other_have_letters_and_names() -> None:
    app = Host(gpt2("one"), gpt2("two\u202e"[:3], 50), gpt2("three", 80))
    async with app.run_test(size=(80, 24)) as pilot:
        await see(pilot, "⠒A one", "a held out", "⠒B two", "⠒C three")
        text = await press(pilot, "home")
        assert "step 1 · A 7.980, a –, B 7.980, b –, C 7.980" in text
        text = await press(pilot, "end")
        assert "A 6.000, a 7.200 (step 50), B –" in text  # the second run never came so far
        assert "not known to be comparable" in text


# --- copied, listed, bound -------------------------------------------------------------------------------------------


async def test_what_is_copied_holds_the_facts_and_what_the_cursor_reads() -> None:
    run = gpt2()
    end(run, "failed", "No space.", cause="disk")
    app = Host(run)
    async with app.run_test(size=(80, 24)) as pilot:
        await see(pilot, "Free some room")
        await press(pilot, "home")
        text = app.query_one(RunView).as_text()
        assert "step 100 of 1,000" in text and "step 1 · causal loss 7.980" in text and "Free some room" in text
        picture = app.query_one(RunView).as_svg()
        assert picture.startswith("<svg ") and "causal loss, nats by step" in picture
    assert RunView().as_text() == "" and RunView().as_svg() == ""


async def test_events_are_listed_newest_first() -> None:
    run = gpt2()
    write(run, [event(10, "canary", "Started again [/red]\x1b[31m."), event(20, "paused", "Waits.")])
    async with Host(run).run_test(size=(80, 24)) as pilot:
        await press(pilot, "V")
        await see(pilot, "Started again [/red]␛[31m.")
        text = shown(pilot.app)
        assert text.index("Waits.", text.index("[events]")) < text.index("Started again")
        assert time.strftime("%b %d %H:%M", time.localtime(1_700_000_010)) in text


def test_every_binding_has_an_id_a_tooltip_and_a_key_that_no_other_has() -> None:
    keys: list[str] = []
    for binding in RunView.BINDINGS:
        assert binding.id and binding.id.startswith("run.")  # type: ignore[union-attr]
        assert binding.tooltip.endswith(".")  # type: ignore[union-attr]
        keys += binding.key.split(",")  # type: ignore[union-attr]
    assert len(keys) == len(set(keys))
    assert not set(keys) & {"n", "x", "c", "w", "tab", "escape", "m", "y", "e", "1", "2", "3", "4"}


async def test_only_keys_that_do_something_are_offered() -> None:
    async with Host(gpt2()).run_test(size=(80, 24)) as pilot:
        view = pilot.app.query_one(RunView)
        ways = ("step", "reset", "log", "zoom", "smooth", "scroll")

        def offered(name: str) -> set[str]:
            view.state.chosen = name
            view.paint()
            return {action for action in ways if view.check_action(action, ())}

        assert offered("causal") == set(ways) - {"scroll"}
        assert offered("rate") == {"step", "reset", "log", "zoom"}  # smoothing would show nothing new
        assert offered("samples") == {"step", "reset", "scroll"}
        assert offered("events") == {"scroll"}
