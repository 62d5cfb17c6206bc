"""An experiment where it is read: it runs, grows, ends with a verdict, is kept, turned, stopped and contrasted."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from core.claims import every
from core.messages import AnyRequest, Cancelled, Experiment, Experimenting, Failed, Finding
from tests.tui.fakes import HARMFUL, RAW, SIZES
from tests.tui.findings import finding
from tests.tui.hosts import see, shown, until
from tests.tui.notes_lab import PLAN, NotesLab, found, go_to, heat, settle
from tui.findings import archive
from tui.notes.known import Known
from tui.panes.notes import experimenting
from tui.widgets.experiment import ExperimentView
from tui.widgets.outline import Outline
from tui.widgets.problem import Problem


@pytest.fixture(autouse=True)
def plans(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One claim has an experiment, and nothing ships."""
    monkeypatch.setattr(every, "PLANS", {"C7": PLAN})
    monkeypatch.setattr(archive, "shipped", lambda claim, thorough: None)


def ships(monkeypatch: pytest.MonkeyPatch, shipped: Finding) -> None:
    monkeypatch.setattr(
        archive, "shipped", lambda claim, thorough: shipped if (claim, thorough) == ("C7", True) else None
    )


async def begin(pilot: Pilot[None], lab: NotesLab) -> Experiment:
    """From the claim to an experiment that is held back."""
    lab.own.hold = True
    await settle(pilot)
    await go_to(pilot, "C7")
    await see(pilot, "not yet: r measures it")
    await pilot.press("r")
    await until(pilot, lambda: lab.own.held and lab.own.partial)
    request = lab.own.held[0][0]
    assert isinstance(request, Experiment)
    return request


async def done(pilot: Pilot[None], lab: NotesLab) -> None:
    request = await begin(pilot, lab)
    lab.own.release()
    await until(pilot, lambda: not lab.notes.open)
    await until(pilot, lambda: archive.latest(request.claim), "it is kept")


@pytest.mark.parametrize("size", SIZES)
async def test_it_grows_and_ends_with_a_verdict(size: tuple[int, int]) -> None:
    lab = NotesLab()
    async with lab.run_test(size=size) as pilot:
        request = await begin(pilot, lab)
        assert (request.claim, request.thorough, request.seed, request.knobs) == ("C7", False, 1, {})
        assert isinstance(lab.focused, ExperimentView)
        await see(pilot, "30 %", "x stops", "bert: scoring")
        assert lab.own.partial is not None
        part = found(request, complete=False, verdict="inconclusive", charts=finding().charts[:1])
        lab.own.partial(Experimenting(id=request.id, finding=part))
        await see(pilot, "by position", "⠒* bert")
        assert "Measured:" not in shown(lab)
        lab.own.release()
        await see(pilot, "Measured: ± mixed", "Literature: ✓ supported", "It falls by 20 points")
        await see(pilot, "measured    ± mixed", "quick, ")
        await until(pilot, lambda: archive.latest("C7"))
        assert len(lab.own.asked) == 1 and not any(isinstance(one, Experiment) for one in lab.main.asked)
        await pilot.press("space", "space", "space")
        await see(pilot, "The rule, fixed beforehand:", "20.0 % (15.0 to 25.0)")
        await pilot.press("escape", "escape")
        await until(pilot, lambda: isinstance(lab.focused, Outline))
        await see(pilot, "± mixed")


async def test_the_engine_gives_its_memory_back_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experimenting, "IDLE", 0.01)
    lab = NotesLab()
    async with lab.run_test(size=(80, 24)) as pilot:
        await done(pilot, lab)
        await until(pilot, lambda: lab.own.phase == "off")


async def test_stopping_leaves_nothing_behind() -> None:
    lab = NotesLab()
    async with lab.run_test(size=(80, 24)) as pilot:
        request = await begin(pilot, lab)
        await pilot.press("x")
        await see(pilot, "stopped · r starts again", "not yet: r measures it")
        await until(pilot, lambda: lab.own.cancelled == [request.id])
        assert not lab.notes.open and archive.latest("C7") is None
        assert lab.own.partial is not None
        lab.own.partial(Experimenting(id=request.id, finding=found(request)))
        await pilot.pause()
        assert "Measured:" not in shown(lab)


async def test_reading_goes_on_while_it_is_measured() -> None:
    lab = NotesLab()
    async with lab.run_test(size=(160, 48)) as pilot:
        await begin(pilot, lab)
        await go_to(pilot, "C2")
        await see(pilot, "no experiment yet", "C7: 30 %, bert: scoring · x stops")
        assert not lab.notes.query_one(ExperimentView).display
        await pilot.press("r")
        assert len(lab.own.asked) == 1
        lab.own.release()
        await until(pilot, lambda: archive.latest("C7"))
        await see(pilot, "± mixed")


async def test_knobs_are_turned_and_it_runs_again() -> None:
    lab = NotesLab()
    async with lab.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await go_to(pilot, "C7")
        await pilot.press("tab", "right", "down", "right", "down", "shift+right")
        await see(pilot, "*windows", "‹    25    ›", "*control", "‹ shuffled ›", "*seed")
        await pilot.press("r")
        await until(pilot, lambda: len(lab.own.asked) == 1 and not lab.notes.open)
        request = lab.own.asked[0]
        assert isinstance(request, Experiment)
        assert (request.knobs, request.seed) == ({"windows": 25.0, "control": "shuffled"}, 11)
        await see(pilot, "control shuffled", "not yet: r measures it")
        await pilot.press("delete")
        await until(pilot, lambda: not lab.notes.turned_knobs["C7"])
        await pilot.press("r")
        await until(pilot, lambda: len(lab.own.asked) == 2)
        await see(pilot, "measured    ± mixed")


async def test_the_thorough_form_says_first_how_long_it_takes() -> None:
    lab = NotesLab()
    async with lab.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await go_to(pilot, "C7")
        await pilot.press("R")
        await see(pilot, "takes about 8 min")
        await pilot.press("n")
        await until(pilot, lambda: lab.screen is lab.window)
        assert not lab.own.asked
        await pilot.press("R")
        await see(pilot, "takes about 8 min")
        await pilot.press("y")
        await until(pilot, lambda: lab.own.asked)
        request = lab.own.asked[0]
        assert isinstance(request, Experiment) and request.thorough


async def test_what_ships_stands_on_the_card_and_is_contrasted(monkeypatch: pytest.MonkeyPatch) -> None:
    ships(monkeypatch, finding(verdict="refuted", why="By far.", thorough=True))
    lab = NotesLab()
    async with lab.run_test(size=(160, 48), notifications=True) as pilot:
        await settle(pilot)
        await go_to(pilot, "C7")
        await see(pilot, "✗ refuted  thorough, ships with the lab", "Measured: ✗ refuted")
        await pilot.press("c")
        await see(pilot, "r measures it here first.")
        await pilot.press("r")
        await see(pilot, "Measured: ± mixed")
        await pilot.press("c")
        await see(pilot, "Shipped, thorough: ✗ refuted By far.", "a shipped: bert")
        await pilot.press("c")
        await until(pilot, lambda: "Shipped, thorough" not in shown(lab))


async def test_what_was_measured_before_is_there_again() -> None:
    archive.save(finding(verdict="supported"))
    lab = NotesLab()
    async with lab.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await see(pilot, "✓ supported")
        await go_to(pilot, "C7")
        await see(pilot, "measured    ✓ supported  quick,")
        await pilot.press("tab", "y")
        await until(pilot, lambda: "measured here:     supported" in lab.clipboard)
        assert set(lab.notes.as_files()) >= {"json", "csv", "svg", "md"}


@pytest.mark.parametrize("kind", [Failed, Cancelled])
async def test_no_answer_is_told(kind: type[Failed] | type[Cancelled]) -> None:
    def refuse(request: AnyRequest) -> Failed | Cancelled:
        return Cancelled(id=request.id) if kind is Cancelled else Failed(id=request.id, what="No text.", why="Empty.")

    lab = NotesLab()
    async with lab.run_test(size=(80, 24)) as pilot:
        await begin(pilot, lab)
        lab.own.answer = refuse
        lab.own.release()
        if kind is Failed:
            await until(pilot, lambda: isinstance(lab.screen, Problem))
            await see(pilot, "No text.", "Empty.")
            await pilot.press("escape")
            await see(pilot, "No text. ! shows more")
        else:
            await see(pilot, "stopped · r starts again")


async def test_words_of_a_finding_are_shown_as_they_are() -> None:
    lab = NotesLab()
    async with lab.run_test(size=(100, 70)) as pilot:
        await settle(pilot)
        await go_to(pilot, "C7")
        await pilot.press("tab")
        for harm in HARMFUL:
            made = finding(
                title=harm, why=harm, rule=harm, differs=harm, notes=[harm], models={harm: harm}, device=harm,
                charts=[*finding().charts[:2], heat(harm)],
            )  # fmt: skip
            lab.notes.known["C7"] = Known().with_new(made, 0.0)
            lab.notes.turned()
            await see(pilot, "Measured: ± mixed")
            assert not RAW.search(shown(lab).replace("\n", "")), harm
            if harm.startswith("["):
                assert harm in shown(lab)
