"""What can be done to a run from the Train pane: each only where it makes sense, and through the folder alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from core import paths, runs
from core.errors import UserError
from core.runs import Beat, Run
from tests.tui.hosts import Host, see, shown, until
from tests.tui.made_runs import end, make, row, save, write
from tui.panes.train import TrainPane, doing
from tui.panes.train.pane import TrainPane as Pane
from tui.runs import trainer
from tui.widgets.ask import Ask
from tui.widgets.entry import Entry
from tui.widgets.options import Options
from tui.widgets.run_filter import RunFilter
from tui.widgets.run_form import RunForm
from tui.widgets.run_list import RunList
from tui.widgets.sheet import Sheet

pytestmark = pytest.mark.usefixtures("own_runs")


class Listener(Host):
    def on_train_pane_open_model(self, event: TrainPane.OpenModel) -> None:
        self.heard.append((event.reference, event.pane))


def alive(name: str = "one", doing: str = "training", **more: Any) -> Run:
    """A run with this process for its trainer."""
    run = make(name, owner=runs.me(), age=60, **more)
    write(run, [row(5, 3.0)])
    beat = Beat(doing=doing, time=0.0)  # type: ignore[arg-type]
    (run.folder / "beat.json").write_bytes(msgspec.json.encode(beat))
    return run


def orders(run: Run) -> list[tuple[str, int]]:
    """What was asked of a run, oldest first."""
    asked = [msgspec.json.decode(path.read_bytes()) for path in sorted((run.folder / "control").glob("[0-9]*"))]
    return [(one["do"], one["tokens"]) for one in asked]


def offered(pane: Pane) -> set[str]:
    """The actions that are offered, orders by their name."""
    names = {"stop", "stop_trio", "resume", "extend", "rename", "note", "delete", "report", "take"}
    found = {name for name in names if pane.check_action(name, ())}
    return found | {name for name in ("pause", "go", "save") if pane.check_action("order", (name,))}


async def test_a_run_that_has_ended_says_why_it_cannot_be_stopped_or_paused() -> None:
    end(make("over"), "finished")
    app = Host(TrainPane())
    async with app.run_test(size=(80, 24)) as pilot:
        await see(pilot, "over", "finished")
        await pilot.press("x", "z")
        said = [one.message for one in app._notifications]
        assert said == ["over is finished: there is nothing to stop.", "over is finished: there is nothing to pause."]


async def at(pilot: Pilot[None], screen: type) -> None:
    await until(pilot, lambda: isinstance(pilot.app.screen, screen), screen.__name__)


async def gone(pilot: Pilot[None]) -> None:
    await until(pilot, lambda: len(pilot.app.screen_stack) == 1, "the dialog is gone")


def told(pilot: Pilot[None], words: str) -> Callable[[], bool]:
    return lambda: any(words in one.message for one in pilot.app._notifications)


ALWAYS = {"rename", "note", "take"}


@pytest.mark.parametrize(
    ("make_it", "wanted"),
    [
        (lambda: alive(), {"stop", "pause", "save", "extend"}),
        (lambda: alive(doing="paused"), {"stop", "go", "extend"}),
        (lambda: end(make("one"), "stopped"), {"resume", "extend", "delete"}),
        (lambda: end(make("one"), "finished"), {"extend", "delete"}),
        (lambda: end(make("one"), "failed"), {"resume", "extend", "delete"}),
        (lambda: make("one", age=500), {"resume", "extend", "delete"}),
        (lambda: make("one", age=0), set()),
        (lambda: make("one", trio="three", age=1), {"resume", "delete", "report", "stop_trio"}),
        (lambda: make("one", owner=msgspec.structs.replace(runs.me(), host="box7")),
         {"stop", "pause", "save", "resume", "extend", "delete"}),
        (lambda: (make("one").folder / "run.json").write_text("{"), {"delete"}),
    ],
    ids=["running", "paused", "stopped", "finished", "failed", "died", "starting", "waiting", "elsewhere", "broken"],
)  # fmt: skip
async def test_only_what_makes_sense_is_offered(make_it: Callable[[], object], wanted: set[str]) -> None:
    make_it()
    pane = TrainPane()
    async with Host(pane).run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: pane.chosen is not None)
        assert offered(pane) == wanted | ALWAYS


async def test_without_a_run_nothing_can_be_done_to_one() -> None:
    pane = TrainPane()
    async with Host(pane).run_test(size=(80, 24)) as pilot:
        await see(pilot, "No runs yet")
        assert offered(pane) == set()
        await pilot.press("x", "z", "s", "r", "a", "R", "N", "D", "t", "c", "p")
        assert len(pilot.app.screen_stack) == 1 and not pilot.app._notifications


async def test_stopping_asks_once_and_then_asks_the_trainer() -> None:
    run, pane = alive(), TrainPane()
    async with Host(pane).run_test(size=(80, 24)) as pilot:
        await see(pilot, "running")
        await pilot.press("x")
        await at(pilot, Ask)
        await see(pilot, "Stop one? It saves a checkpoint first.")
        await pilot.press("enter")  # the harmless answer has the focus
        await gone(pilot)
        assert orders(run) == []
        await pilot.press("x")
        await at(pilot, Ask)
        await pilot.press("y")
        await until(pilot, lambda: orders(run) == [("stop", 0)], "the trainer was asked")
        await until(pilot, lambda: "asked one to stop" in pane.status())
        end(run, "stopped")
        await until(pilot, lambda: "asked" not in pane.status())


async def test_one_key_pauses_and_goes_on_and_another_saves() -> None:
    run = alive()
    async with Host(TrainPane()).run_test(size=(80, 24)) as pilot:
        await see(pilot, "running")
        await pilot.press("z", "s")
        await until(pilot, lambda: orders(run) == [("pause", 0), ("save", 0)])
        (run.folder / "beat.json").write_bytes(msgspec.json.encode(Beat(doing="paused", time=0.0)))
        await see(pilot, "paused")
        await pilot.press("z", "s")
        await until(pilot, lambda: orders(run)[2:] == [("go", 0)])


async def test_a_stopped_run_goes_on_and_a_refusal_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    end(make("one"), "stopped")
    asked: list[str] = []

    def resume(run: Run) -> None:
        asked.append(run.id)
        if len(asked) > 1:
            raise UserError("Somebody is at it [/red].")

    monkeypatch.setattr(trainer, "resume", resume)
    async with Host(TrainPane()).run_test(size=(80, 24)) as pilot:
        await see(pilot, "stopped")
        await pilot.press("r")
        await until(pilot, lambda: asked == ["one"])
        await pilot.press("r")
        await until(pilot, told(pilot, "Somebody is at it [/red]."))


async def test_a_run_is_given_more_time_at_its_own_speed_or_more_tokens() -> None:
    run = alive()
    async with Host(TrainPane()).run_test(size=(80, 24)) as pilot:
        await see(pilot, "running")
        for typed, tokens in (("1 min", 60 * 10_240), ("2M", 2_000_000)):
            await pilot.press("a")
            await at(pilot, Entry)
            pilot.app.screen.query_one(Input).value = "soon"
            await pilot.press("enter")
            await see(pilot, "soon is no amount.")
            pilot.app.screen.query_one(Input).value = typed
            await pilot.press("enter")
            await until(pilot, lambda tokens=tokens: ("extend", tokens) in orders(run))  # type: ignore[misc]
            await gone(pilot)


async def test_a_name_and_a_note_are_kept_beside_the_run() -> None:
    run = make("one")
    make("two", age=900)
    async with Host(TrainPane()).run_test(size=(80, 24)) as pilot:
        await see(pilot, "one")
        for key, typed in (("R", "[b]Moby"), ("N", "better with dropout")):
            await pilot.press(key)
            await at(pilot, Entry)
            await pilot.press(*typed, "enter")
            await gone(pilot)
        await see(pilot, "[b]Moby")
        await until(pilot, lambda: (run.about().name, run.about().note) == ("[b]Moby", "better with dropout"))
        await pilot.press("R")
        await at(pilot, Entry)
        pilot.app.screen.query_one(Input).value = "two"
        await pilot.press("enter")
        await until(pilot, told(pilot, "Another run is called two."))
        assert run.about().name == "[b]Moby"


async def test_deleting_asks_twice_with_two_keys() -> None:
    run = make("one", age=900)
    async with Host(TrainPane()).run_test(size=(80, 24)) as pilot:
        await see(pilot, "one")
        for answers in (("n",), ("y", "y", "n"), ("y", "escape"), ("y", "enter")):
            await pilot.press("D")
            await at(pilot, Ask)
            await pilot.press(*answers)
            await gone(pilot)
            assert run.folder.is_dir(), answers
        await pilot.press("D")
        await see(pilot, "Delete one, with its curves and all its checkpoints?")
        await pilot.press("y")
        await see(pilot, "Nothing brings one back", "(d)")
        await pilot.press("d")
        await until(pilot, lambda: not run.folder.exists(), "it is gone")
        await see(pilot, "No runs yet")


async def test_the_report_of_a_trio_is_read_and_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    from tui.headless import trio

    make("one", trio="three", age=1)
    monkeypatch.setattr(trio, "as_text", lambda name: f"{name} [/red]: GPT-2 is ahead\n" * 60)
    async with Host(TrainPane()).run_test(size=(80, 24)) as pilot:
        await see(pilot, "waiting")
        await pilot.press("t")
        await at(pilot, Sheet)
        await see(pilot, "three [/red]: GPT-2 is ahead")
        await pilot.press("y", "escape")
        await gone(pilot)
        monkeypatch.undo()


async def test_the_trio_of_a_waiting_run_goes_on_or_says_that_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    make("one", trio="three", age=1)
    states = iter(["running", "stopped"])

    class Trio:
        def state(self) -> str:
            return next(states)

    asked: list[object] = []
    monkeypatch.setattr(doing.trios, "find", lambda name: Trio())
    monkeypatch.setattr(doing, "resume_trio", asked.append)
    async with Host(TrainPane()).run_test(size=(80, 24)) as pilot:
        await see(pilot, "waiting")
        await pilot.press("r")
        await until(pilot, told(pilot, "The trio three is running"))
        assert asked == []
        await pilot.press("r")
        await until(pilot, lambda: len(asked) == 1)


async def test_a_checkpoint_goes_to_the_other_panes() -> None:
    run = alive()
    app = Listener(TrainPane())
    async with app.run_test(size=(80, 24)) as pilot:
        await see(pilot, "running")
        await pilot.press("c")
        await until(pilot, told(pilot, "no checkpoint yet"))
        assert app.heard == []
        save(run, 40)
        await pilot.press("c", "p")
        await until(pilot, lambda: len(app.heard) == 2)
        assert app.heard == [("one", "compare"), ("one", "predict")]


async def test_a_folder_that_cannot_be_written_is_said() -> None:
    run = alive()
    (run.folder / "control").rmdir()
    (run.folder / "control").write_text("in the way")
    async with Host(TrainPane()).run_test(size=(80, 24)) as pilot:
        await see(pilot, "running")
        await pilot.press("s")
        await until(pilot, told(pilot, "cannot be asked"))
        assert paths.runs().is_dir() and "running" in shown(pilot.app)


@pytest.mark.parametrize("node", [Pane, doing.DoingPane, RunForm, RunList, RunFilter, Ask, Entry, Sheet, Options])
def test_every_binding_has_an_id_and_a_tooltip(node: type) -> None:
    for binding in vars(node)["BINDINGS"]:
        assert binding.id
        assert binding.tooltip.endswith(".")


def test_no_two_keys_of_the_pane_and_its_widgets_clash() -> None:
    from textual.binding import Binding

    from tui import keys
    from tui.panes.train.starting import StartingPane

    taken: dict[str, str] = {}
    for owner in (keys.WINDOW, Pane.BINDINGS, doing.DoingPane.BINDINGS, StartingPane.BINDINGS, RunList.BINDINGS):
        for binding in Binding.make_bindings(owner):
            if binding.key not in ("escape", "z"):  # esc goes back one place; z is the way there and back
                assert taken.setdefault(binding.key, binding.id or "") == binding.id, binding.key
