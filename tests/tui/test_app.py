"""The window: panes, keys, what it says about the engine, what it keeps, and that it goes."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import msgspec
import pytest
from textual.screen import ModalScreen
from textual.widgets import Footer, OptionList

from core import catalogue, paths, runs
from core.messages import Failed, Notice
from tests.tui.fakes import HARMFUL, RAW, SENTENCE, SHOWN, FakeEngine, comparison
from tests.tui.hosts import shown, until
from tui import commands, keep
from tui.app import LookbothApp
from tui.engine.death import Death
from tui.panes import PANES
from tui.preferences import Drafts, Preferences, load, save
from tui.state import Status
from tui.widgets.problem import Problem


async def test_every_pane_is_one_key_away(lab: LookbothApp) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        assert lab.pane.id == "compare"
        for number, (pane, (title, _)) in enumerate(PANES.items(), start=1):
            await pilot.press(str(number))
            await until(pilot, lambda pane=pane: lab.pane.id == pane)
            wanted = f"{number} {title}"
            await until(pilot, lambda wanted=wanted: wanted in shown(lab))
        for number, pane in enumerate(PANES, start=2):
            await pilot.press(f"f{number}")
            await until(pilot, lambda pane=pane: lab.pane.id == pane)


async def test_in_a_text_field_digits_are_text_and_function_keys_switch(lab: LookbothApp) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        field = lab.pane.field
        await pilot.press("i", "end", "1", "question_mark", "y")
        assert field.text.endswith("1?y") and lab.pane.id == "compare"
        await pilot.press("escape")
        assert not field.has_focus and lab.focused is lab.pane.rest()
        await pilot.press("i", "f2")
        await until(pilot, lambda: lab.pane.id == "notes")


async def test_tabs_can_be_clicked(lab: LookbothApp) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await pilot.click("#tab-notes")
        await until(pilot, lambda: lab.pane.id == "notes")


async def test_help_and_palette_know_every_binding_of_the_pane(lab: LookbothApp) -> None:
    async with lab.run_test(size=(80, 48)) as pilot:
        for pane in PANES:
            await lab.action_show(pane)
            await pilot.pause()
            actions = commands.every(lab)
            assert len({action.binding.id for action in actions}) == len(actions)
            for action in actions:
                assert action.binding.tooltip, action
            shown_keys = {binding.action for _, binding, *_ in lab.screen.active_bindings.values() if binding.show}
            assert shown_keys <= {action.binding.action for action in actions}
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(lab.screen, ModalScreen))
        text = shown(lab)
        assert "Help: Compare" in text and "chance in 1024" in text
        await pilot.press("1")
        assert isinstance(lab.screen, ModalScreen) and lab.pane.id == "compare"
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(lab.screen, ModalScreen))


async def test_an_action_can_be_run_from_the_palette(lab: LookbothApp) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p", *"show notes".replace(" ", "_").split("_")[1])
        await until(pilot, lambda: "lookboth: notes" in shown(lab))
        await pilot.press("enter")
        await until(pilot, lambda: lab.pane.id == "notes")


async def test_the_status_line_says_what_the_engine_does(lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "cpu" in shown(lab).splitlines()[0])
        lab.status = Status("starting", "importing torch")
        await until(pilot, lambda: "engine starting: importing torch" in shown(lab))
        engine.tell(Death(code=-9, seconds=3.0, lines=("the last line",)))
        await until(pilot, lambda: "killed by signal 9 (SIGKILL) · ctrl+r restarts it · ! shows more" in shown(lab))
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "the last line" in shown(lab))
        await pilot.press("escape", "ctrl+r")
        await until(pilot, lambda: engine.starts == 2 and lab.status.phase == "ready")


async def test_nothing_typed_is_lost_when_the_engine_dies(lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        engine.hold = True
        await pilot.press("i", *"abc", "enter")
        await until(pilot, lambda: engine.held)
        text = lab.pane.field.text
        engine.tell(Death(code=-11, seconds=3.0))
        request, future = engine.held[0]
        future.set_result(Failed(id=request.id, what="The engine died before it had an answer.", hint="Ask again."))
        await until(pilot, lambda: "SIGSEGV" in shown(lab))
        assert lab.pane.field.text == text and not isinstance(lab.screen, ModalScreen)
        engine.hold, engine.held = False, []
        await pilot.press("ctrl+r")
        await until(pilot, lambda: lab.status.phase == "ready")
        await pilot.press("enter")
        await until(pilot, lambda: lab.pane.comparison and lab.pane.comparison.text == text)


async def test_words_from_elsewhere_are_shown_as_they_are(
    lab: LookbothApp, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the status line, the header, a toast, the list of models, and an error."""
    names = [f"N{harmful}N" for harmful in HARMFUL]
    seen = [f"N{SHOWN.get(harmful, harmful)}N" for harmful in HARMFUL]
    entries = [
        catalogue.Entry(name=name, source="cache", folder="/x", architecture=name, kind="masked") for name in names
    ]
    monkeypatch.setattr(catalogue, "every", lambda: entries)
    async with lab.run_test(size=(160, 48), notifications=True) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        for name, safe in zip(names, seen, strict=True):
            lab.pane.models, lab.pane.said = [name], name
            lab.paint()
            await pilot.pause()
            lines = [line for line in shown(lab).splitlines() if line.strip()]
            assert safe in lines[0] and safe in lines[-2]
            engine.tell(Notice(text=f"{name} noticed", level="warning"))
            await until(pilot, lambda safe=safe: f"{safe} noticed" in shown(lab))
            lab.clear_notifications()
            await until(pilot, lambda safe=safe: f"{safe} noticed" not in shown(lab))
        await pilot.press("m")
        await until(pilot, lambda: lab.screen.query("#entries") and lab.screen.query_one(OptionList).option_count)
        await until(pilot, lambda: all(safe in shown(lab) for safe in seen))
        assert not RAW.search(shown(lab))
        await pilot.press("escape")
        lab.fail(Problem(*("\n".join(f"{part}{name}" for name in names) for part in ("what", "why", "hint", "detail"))))
        await until(pilot, lambda: isinstance(lab.screen, Problem) and "whatN" in shown(lab))
        text = shown(lab)
        assert all(f"what{safe}" in text and f"why{safe}" in text for safe in seen if "␉" not in safe)
        assert "whatNt" in text and not RAW.search(text)
        assert lab.is_running


async def test_the_error_screen_copies_everything(lab: LookbothApp) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        lab.fail(Problem("what [/]", "why", "hint", "detail\nmore"))
        await until(pilot, lambda: isinstance(lab.screen, Problem))
        await pilot.press("y")
        assert lab.clipboard == "what [/]\n\nwhy\n\nhint\n\ndetail\nmore"


async def test_a_bug_in_a_worker_is_shown_and_the_window_stays(lab: LookbothApp) -> None:
    async def broken() -> None:
        raise RuntimeError("unforeseen [MASK]")

    async with lab.run_test(size=(80, 24)) as pilot:
        lab.pane.run_worker(broken(), exit_on_error=False)
        await until(pilot, lambda: "unforeseen [MASK]" in shown(lab))
        assert lab.is_running


async def test_what_is_shown_can_be_copied_and_exported(lab: LookbothApp, home: Path) -> None:
    async with lab.run_test(size=(160, 48), notifications=True) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        await pilot.press("y")
        await until(pilot, lambda: "nothing to copy" in shown(lab))
        lab.pane.take_up(comparison(), "live result")
        await pilot.press("y")
        await until(pilot, lambda: lab.clipboard)
        assert SENTENCE in lab.clipboard and "BERT saw both sides" in lab.clipboard
        await pilot.press("e")
        await until(pilot, lambda: len(list(paths.exports().glob("compare-*"))) == 3)
        files = {path.suffix: path for path in paths.exports().iterdir()}
        await until(pilot, lambda: "Written:" in shown(lab))
        written = json.loads(files[".json"].read_text("utf-8"))
        assert written == msgspec.to_builtins(comparison())
        assert written["version"] == 1
        assert files[".csv"].read_text("utf-8").splitlines()[1].startswith("The,0,3,0,0.0,1,4.0,both,The,")


def test_an_export_never_overwrites_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "strftime", lambda form: "now")
    one, two = keep.write("compare", {"json": "1"}), keep.write("compare", {"json": "2"})
    assert one != two and Path(one[0]).read_text() == "1"
    with pytest.raises(ZeroDivisionError):  # what comes in pieces and breaks off leaves nothing behind
        keep.write("half", {"csv": (str(1 // left) for left in (1, 0))})
    assert not list(paths.exports().glob("half*"))


async def test_theme_drafts_and_models_are_remembered(home: Path) -> None:
    first = LookbothApp(FakeEngine())
    async with first.run_test(size=(80, 24)) as pilot:
        first.theme = "gruvbox"
        await pilot.press("i", *"My draft")
        first.pane.use_models(["lstm", "bert"])
        await pilot.press("ctrl+q")
    assert load(Preferences)[0].theme == "gruvbox"
    second = LookbothApp(FakeEngine())
    async with second.run_test(size=(80, 24)):
        assert second.theme == "gruvbox"
        assert second.pane.field.text == "My draft"
        assert second.pane.models == ["lstm", "bert"]


async def test_a_damaged_file_is_kept_and_said(lab: LookbothApp, home: Path) -> None:
    for folder, name in ((paths.config(), "preferences.json"), (paths.state(), "drafts.json")):
        folder.mkdir(parents=True)
        (folder / name).write_bytes(b'{"theme": [MASK] \xff')
    async with lab.run_test(size=(120, 30), notifications=True) as pilot:
        await until(pilot, lambda: shown(lab).count("was damaged") == 2)
    assert (paths.config() / "preferences.json.broken").read_bytes() == b'{"theme": [MASK] \xff'


def test_preferences_survive_a_round_trip_and_need_no_fields(home: Path) -> None:
    save(Drafts(texts={"compare": "a\x1b💩"}))
    assert load(Drafts) == (Drafts(texts={"compare": "a\x1b💩"}), "")
    (paths.state() / "drafts.json").write_text("{}")
    assert load(Drafts) == (Drafts(), "")


async def test_a_theme_that_is_gone_is_no_error(lab: LookbothApp, home: Path) -> None:
    save(Preferences(theme="no such theme"))
    async with lab.run_test(size=(80, 24)):
        assert lab.theme in lab.available_themes


class SlowEngine(FakeEngine):
    """One that does not end."""

    async def stop(self) -> None:
        await asyncio.sleep(60)


async def test_quitting_takes_under_a_second_and_names_the_trainings(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Fake:
        id = "2026-01-01_bert [/]"

        def state(self) -> str:
            return "running"

    monkeypatch.setattr(runs, "every", lambda: iter([Fake()]))
    lab = LookbothApp(SlowEngine())
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        assert str(await keep.farewell(lab)) == "Training goes on: 2026-01-01_bert [/]"
        begun = time.monotonic()
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not lab.is_running or lab.return_code is not None, seconds=2)
        assert time.monotonic() - begun < 1.5  # the promise is 1 s on an idle machine
    assert lab.return_code == 0


async def test_a_checkpoint_opens_in_another_pane(lab: LookbothApp, engine: FakeEngine) -> None:
    from tui.panes.train import TrainPane

    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        lab.post_message(TrainPane.OpenModel("2026_run", "predict"))
        await until(pilot, lambda: lab.pane.id == "predict")
        await until(pilot, lambda: lab.pane.models[0] == "2026_run" and any(
            getattr(ask, "model", "") == "2026_run" for ask in engine.asked
        ))  # fmt: skip


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 48)])
async def test_nothing_scrolls_sideways(lab: LookbothApp, size: tuple[int, int]) -> None:
    async with lab.run_test(size=size) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        for pane in PANES if size[0] >= 80 else ("predict", "compare"):
            await lab.action_show(pane)
            await pilot.pause()
            for widget in [lab.screen, *lab.screen.query("*")]:
                if size[0] >= 80 or not isinstance(widget, Footer):  # keys that do not fit are under ? and ctrl+p
                    assert not widget.show_horizontal_scrollbar, widget


async def test_a_window_that_changes_its_size_keeps_going(lab: LookbothApp) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        lab.pane.take_up(comparison(), "live result")
        for size in ((160, 48), (60, 20), (130, 30), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await until(pilot, lambda: "cabinet" in shown(lab))
            await pilot.press("right")
        await until(pilot, lambda: lab.pane.cursor == 4)
