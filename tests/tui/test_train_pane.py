"""The Train pane: watching runs live, starting and stopping them, and what it says when something is broken."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator

import msgspec
import psutil
import pytest

from core import paths, runs
from core.runs import Owner, Run
from tests.tui.fakes import SIZES
from tests.tui.hosts import Host, see, shown, until
from tests.tui.made_runs import UNIGRAM, end, held_out, make, row, save, write
from tui.panes.train import TrainPane
from tui.widgets.ask import Ask
from tui.widgets.options import Options
from tui.widgets.run_form import RunForm
from tui.widgets.run_list import RunList
from tui.widgets.run_view import RunView

pytestmark = pytest.mark.usefixtures("own_runs")


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that stands for a trainer."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    yield process
    process.kill()
    process.wait()


def owner(process: subprocess.Popen[bytes]) -> Owner:
    return msgspec.structs.replace(runs.me(), pid=process.pid, started=psutil.Process(process.pid).create_time())


def running(name: str = "one", family: str = "gpt2") -> Run:
    run = make(name, family=family, owner=runs.me(), age=60)
    write(run, [held_out(0, 8.4), *(row(step, 8.0 - step / 50) for step in range(1, 101))])
    return run


async def test_without_runs_it_says_what_to_press_and_the_key_works() -> None:
    async with Host(TrainPane()).run_test(size=(80, 24)) as pilot:
        await see(pilot, "No runs yet. n starts one")
        await until(pilot, lambda: pilot.app.focused is not None, "something has the focus")
        await pilot.press("n")
        await until(pilot, lambda: isinstance(pilot.app.screen, RunForm), "the form")


@pytest.mark.parametrize("size", SIZES)
async def test_the_list_tells_the_state_of_every_run(size: tuple[int, int]) -> None:
    running("going")
    end(make("done", age=7200), "finished")
    end(make("halted", age=7300), "stopped")
    end(make("broke", age=7400), "failed", "no room [/red]")
    make("dead", owner=msgspec.structs.replace(runs.me(), pid=2**22 - 3), age=7500)
    make("far", owner=msgspec.structs.replace(runs.me(), host="box7"), age=7600)
    (make("torn").folder / "run.json").write_text("{")
    async with Host(TrainPane()).run_test(size=size) as pilot:
        await see(pilot, "torn")
        lines = {line.split()[0]: line for line in reversed(shown(pilot.app).splitlines()) if line.strip()}
        states = {"going": "running", "done": "finished", "halted": "stopped", "broke": "failed", "dead": "died"}
        for name, state in (states | {"far": "elsewhere", "torn": "broken"}).items():
            assert state in lines[name], lines[name]
        for part in ("gpt2", "100/1000", "6.00", "10.2k"):
            assert part in lines["going"]
        assert "2 h" in lines["done"]


@pytest.mark.parametrize("size", SIZES)
async def test_a_run_is_followed_live(size: tuple[int, int]) -> None:
    run = running()
    async with Host(TrainPane()).run_test(size=size) as pilot:
        await see(pilot, "100/1000")
        await pilot.press("enter")
        await see(
            pilot, "step 100 of 1,000 (10 %)", "held out 8.400, top-1 25.0 %", f"unigram {UNIGRAM}", "causal loss"
        )
        await see(pilot, "10.2k tokens/s", "about 90 s left", "lr 0.001")
        assert any(0x2800 < ord(glyph) < 0x2900 for glyph in shown(pilot.app))
        with open(run.folder / "metrics.jsonl", "ab") as file:
            line = msgspec.json.encode(row(500, 4.321)) + b"\n"
            file.write(line[:30])
            file.flush()
            await pilot.pause(0.6)
            await until(pilot, lambda: "step 100 of" in shown(pilot.app))
            file.write(line[30:])
        await see(pilot, "step 500 of 1,000 (50 %)", "loss 4.321")
        end(run, "finished")
        await see(pilot, "finished ·")


async def test_the_causal_start_of_a_masked_model_is_named_and_has_its_own_chart() -> None:
    run = running(family="bert")
    app = Host(TrainPane())
    async with app.run_test(size=(80, 24)) as pilot:
        await see(pilot, "100/1000")
        await pilot.press("enter")
        await see(pilot, "causal start, left to right", "causal loss")
        await pilot.press("v")
        await until(pilot, lambda: "causal loss" not in shown(pilot.app), "what is held out, with masks")
        await pilot.press("v")
        await see(pilot, "causal loss", "held out with masks 8.400")
        app.query_one(RunView).phase = ""
        write(run, [row(step, 7.5, "masked") for step in range(101, 121)])
        await see(pilot, "masked training", "masked loss")
        assert "causal loss" not in shown(pilot.app)
        await pilot.press("v")
        await see(pilot, "causal loss")
        assert "masked loss" not in shown(pilot.app)


@pytest.mark.parametrize("size", SIZES)
async def test_the_last_words_of_a_failed_run_are_shown_as_they_are(size: tuple[int, int]) -> None:
    run = running()
    end(run, "failed", "disk [bold]full[/red]")
    (run.folder / "console.log").write_text("at [MASK]\n\x1b[31mOSError: [Errno 28] [/]\x07 No space\n")
    async with Host(TrainPane()).run_test(size=size) as pilot:
        await see(pilot, "failed")
        await pilot.press("enter")
        await see(pilot, "disk [bold]full[/red]", "no checkpoint · w shows what its trainer printed")
        assert "at [MASK]" not in shown(pilot.app)
        await pilot.press("w")
        await see(pilot, "at [MASK]", "␛[31mOSError: [Errno 28] [/]␇ No space")
        await pilot.press("w")
        await until(pilot, lambda: "at [MASK]" not in shown(pilot.app))


async def test_why_a_run_failed_comes_first_and_whole() -> None:
    run = running()
    why = "The text of 12 tokens is shorter than one window of 128 tokens. " * 3 + "Choose a longer one."
    end(run, "failed", why)
    (run.folder / "console.log").write_text("".join(f"line {n} of it\n" for n in range(12)))
    async with Host(TrainPane()).run_test(size=(80, 24)) as pilot:
        await see(pilot, "failed")
        await pilot.press("enter")
        await see(pilot, "Choose a longer one.")
        text = " ".join(shown(pilot.app).split())
        assert why in text and text.index(why) < text.index("failed ·") and "line 0 of it" not in text
        await pilot.press("w")
        await see(pilot, *(f"line {n} of it" for n in range(12)))


async def test_a_died_run_is_not_called_running() -> None:
    run = make("one", owner=msgspec.structs.replace(runs.me(), started=1.0))  # the number of a process, used again
    save(run, 50)
    pane = TrainPane()
    async with Host(pane).run_test(size=(80, 24)) as pilot:
        await see(pilot, "died")
        await pilot.press("enter")
        await see(pilot, "died: process gone, no result · 1 checkpoint, newest at step 50")
        assert not pane.check_action("stop", ())


async def test_stopping_asks_once_and_then_asks_the_trainer(sleeper: subprocess.Popen[bytes]) -> None:
    make("one", owner=owner(sleeper))
    pane = TrainPane()
    async with Host(pane).run_test(size=(80, 24)) as pilot:
        await see(pilot, "running")
        await pilot.press("x")
        await until(pilot, lambda: isinstance(pilot.app.screen, Ask), "the question")
        await until(pilot, lambda: "Stop one? It saves a checkpoint first." in shown(pilot.app))
        await pilot.press("enter")  # the harmless answer has the focus
        await until(pilot, lambda: not isinstance(pilot.app.screen, Ask), "the question is gone")
        assert sleeper.poll() is None
        await pilot.press("x")
        await until(pilot, lambda: isinstance(pilot.app.screen, Ask), "the question")
        await pilot.press("y")
        await until(pilot, lambda: sleeper.poll() is not None, "the trainer was asked")
        assert sleeper.poll() == -15
        assert "asked one to stop" in pane.status() or "0 running" in pane.status()


class Listener(Host):
    def on_train_pane_open_model(self, event: TrainPane.OpenModel) -> None:
        self.heard.append((event.reference, event.pane))


async def test_a_checkpoint_goes_to_the_other_panes() -> None:
    run = running()
    app = Listener(TrainPane())
    async with app.run_test(size=(80, 24)) as pilot:
        await see(pilot, "running")
        await pilot.press("c")
        await until(pilot, lambda: app._notifications, "a word that there is none")
        assert app.heard == []
        save(run, 40)
        await pilot.press("c", "p")
        await until(pilot, lambda: len(app.heard) == 2)
        assert app.heard == [("one", "compare"), ("one", "predict")]


async def test_nobody_reads_while_the_pane_is_hidden() -> None:
    running()
    pane = TrainPane()
    async with Host(pane).run_test(size=(80, 24)) as pilot:
        await see(pilot, "100/1000")
        looks: list[int] = []
        real = pane._survey.look
        pane._survey.look = lambda: (looks.append(1), real())[1]  # type: ignore[method-assign]
        pane.display = False
        await pilot.pause(0.3)
        looks.clear()
        await pilot.pause(1.2)
        assert looks == []
        pane.display = True
        await until(pilot, lambda: looks, "it looks again")


async def test_a_run_that_appears_or_vanishes_keeps_the_cursor_on_its_run() -> None:
    running("one")
    app = Host(TrainPane())
    async with app.run_test(size=(80, 24)) as pilot:
        await see(pilot, "one")
        make("newer", age=1)
        await see(pilot, "newer")
        assert app.query_one(RunList).chosen == "one"
        shutil.rmtree(paths.runs() / "one")
        await until(pilot, lambda: app.query_one(RunList).chosen == "newer", "the cursor goes on")


async def test_copy_and_export_hold_what_is_shown() -> None:
    running()
    pane = TrainPane()
    async with Host(pane).run_test(size=(160, 48)) as pilot:
        await see(pilot, "step 100 of")
        assert "step 100 of 1,000" in pane.as_text()
        lines = pane.as_files()["csv"].splitlines()
        assert lines[0] == "measured,objective,step,nats"
        assert lines[1] == "loss,causal,1,7.980000"
        assert lines[-1] == "held out,causal,0,8.400000"
        assert len(lines) == 102


async def test_the_steps_turn_logarithmic() -> None:
    running()
    async with Host(TrainPane()).run_test(size=(160, 48)) as pilot:
        await see(pilot, "nats by step")
        await pilot.press("l")
        await see(pilot, "nats by step  (log)")


@pytest.mark.parametrize("node", [TrainPane, RunForm, RunList, Ask, Options])
def test_every_binding_has_an_id_and_a_tooltip(node: type) -> None:
    for binding in vars(node)["BINDINGS"]:
        assert binding.id
        assert binding.tooltip.endswith(".")


def test_the_view_names_nothing_it_does_not_know() -> None:
    assert RunView().seen is None
