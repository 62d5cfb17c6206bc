"""Minimal pairs: the verb, and the view in Compare."""

from __future__ import annotations

import pytest
from textual.screen import ModalScreen
from textual.widgets import Input

from core.messages import Failed, Pair
from tests.scans import pairing
from tests.tui.command_line import answered, asked
from tests.tui.fakes import HARMFUL, RAW, FakeEngine
from tests.tui.hosts import see, shown, until
from tui.app import LookbothApp
from tui.results.pairings import ACROSS, as_table
from tui.widgets.pair_form import PairForm
from tui.widgets.problem import Problem
from tui.widgets.sheet import Sheet

GOOD, BAD = "The keys were here .", "The keys was here ."


def test_every_model_is_told_with_the_word_that_decides() -> None:
    table = as_table(pairing(Pair(id=1, models=["bert", "gpt2", "lstm"], good=GOOD, bad=BAD)))
    assert "BERT (saw both sides) prefers the good sentence by 2.00 bits" in table
    assert "decided at “were” against “was”." in table and table.count("◆") == 4  # three models, and what it means
    lines = table.splitlines()
    assert max(map(len, lines)) <= ACROSS + 20 and "A note." in table
    step = next(line for line in lines if line.startswith("were"))
    assert step.split() == ["were", "≠", "was", "+2.00", "+2.00◆", "+4.00", "+4.00◆"]
    assert next(line for line in lines if line.startswith("keys")).split() == ["keys", "0", "0", "0", "0"]


def test_a_tie_is_said() -> None:
    assert "prefers neither" in as_table(pairing(Pair(id=1, models=["bert"], good=GOOD, bad=GOOD)))


@pytest.mark.usefixtures("processes")
def test_the_verb_prints_a_table_and_json() -> None:
    done = asked("pair", GOOD, BAD, "-m", "gpt2")
    assert done.returncode == 0 and "GPT-2 (saw the left only) prefers" in done.stdout.decode(), done.stderr
    assert b"note: A note." in done.stderr
    found = answered("pair", GOOD, BAD)
    assert list(found["preferences"]) == ["bert", "gpt2", "lstm"] and found["preferences"]["lstm"]["decided"] == 2
    assert found["steps"][2]["sums"] == {"bert": 2.0, "gpt2": 4.0, "lstm": 6.0} and found["version"] == 1


@pytest.mark.usefixtures("processes")
@pytest.mark.parametrize(("words", "said"), [((GOOD,), "BAD"), ((GOOD, ""), "empty")])
def test_what_cannot_be_is_refused(words: tuple[str, ...], said: str) -> None:
    done = asked("pair", *words)
    assert done.returncode == 2 and said in done.stderr.decode() and not done.stdout


async def test_a_word_of_the_text_is_changed_and_every_model_judges(
    ships: None, lab: LookbothApp, engine: FakeEngine
) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await see(pilot, "live result")
        lab.pane.take(GOOD)
        await pilot.press("M")
        await until(pilot, lambda: isinstance(lab.screen, PairForm))
        form = lab.screen
        assert [one.value for one in form.query(Input)] == [GOOD, GOOD]
        await pilot.press("enter")
        await see(pilot, "two different sentences")
        await until(pilot, lambda: lab.focused is form.query_one("#bad"))
        form.query_one("#bad", Input).value = BAD
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(lab.screen, Sheet))
        await see(pilot, "Minimal pair", "prefers the good sentence", "≠ was", "+2.00◆")
        asked = engine.asked[-1]
        assert isinstance(asked, Pair) and (asked.good, asked.bad, asked.models) == (GOOD, BAD, lab.pane.models)
        await pilot.press("escape", "M")
        await until(pilot, lambda: isinstance(lab.screen, PairForm))
        assert [one.value for one in lab.screen.query(Input)] == [GOOD, BAD]
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(lab.screen, ModalScreen))


async def test_what_goes_wrong_is_said(ships: None, lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await see(pilot, "live result")
        engine.answer = lambda message: Failed(id=message.id, what="The text is too long to be judged.")
        lab.pane.sentences = (GOOD, BAD)
        await pilot.press("M")
        await until(pilot, lambda: isinstance(lab.screen, PairForm))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(lab.screen, Problem))
        await see(pilot, "too long to be judged")


async def test_hostile_text_is_only_text(ships: None, lab: LookbothApp) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await see(pilot, "live result")
        lab.pane.sentences = (" ".join(HARMFUL), " ".join([*HARMFUL[:-1], "x y"]))
        await pilot.press("M")
        await until(pilot, lambda: isinstance(lab.screen, PairForm))
        lab.screen.dismiss(lab.pane.sentences)
        await see(pilot, "prefers")
        assert not RAW.search(shown(lab))
