"""Predict: typing, masks, slots, and taking a candidate into the text."""

from __future__ import annotations

import csv
import io
import json

import msgspec
import pytest

from core.messages import Failed, Predict, Predicted
from tests.tui.fakes import HARMFUL, RAW, SHOWN, SIZES, FakeEngine, prediction
from tests.tui.hosts import shown, until
from tui.app import LookbothApp
from tui.panes.predict import FEW, MANY, MASK, OPENING
from tui.results import predictions
from tui.state import Status
from tui.widgets.candidates import Candidates


async def open_pane(lab: LookbothApp, pilot) -> None:  # type: ignore[no-untyped-def]
    await until(pilot, lambda: lab.status.phase == "ready")
    await lab.action_show("predict")
    await answered(lab, pilot)


async def answered(lab: LookbothApp, pilot) -> None:  # type: ignore[no-untyped-def]
    """Wait until every list shows the answer to the text in the field."""
    pane = lab.pane
    await until(
        pilot,
        lambda: (
            len(lists := pane.query(Candidates)) == len(pane.models)
            and all(one.prediction and one.prediction.text == pane.field.value and not one.stale for one in lists)
        ),
        "predictions",
    )
    await pilot.pause()


@pytest.mark.parametrize("size", SIZES)
async def test_every_model_shows_its_candidates_with_bars(
    lab: LookbothApp, engine: FakeEngine, size: tuple[int, int]
) -> None:
    async with lab.run_test(size=size) as pilot:
        await open_pane(lab, pilot)
        text = shown(lab)
        assert OPENING in text and f"the mask: {OPENING.split(MASK)[0]}" in text
        assert "BERT saw both sides" in text and "GPT-2 saw the left only" in text and "LSTM saw the left only" in text
        assert text.count("GPT-2, LSTM: Answered from the words to the left.") == 1 == text.count("Answered from")
        assert text.count("50.0%") == 3 and text.count("␣were") == 3 and "█" in text
        asked = [ask for ask in engine.asked if isinstance(ask, Predict)]
        assert [ask.model for ask in asked] == ["bert", "gpt2", "lstm"]
        assert {ask.top for ask in asked} == {FEW if size[1] < 36 else MANY}


async def test_predictions_follow_the_typing_and_only_the_last_text_is_asked(
    lab: LookbothApp, engine: FakeEngine
) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await open_pane(lab, pilot)
        engine.asked.clear()
        await pilot.press("i", "ctrl+a", "ctrl+k", *"Once upon")
        await answered(lab, pilot)
        texts = [ask.text for ask in engine.asked]
        assert texts[-3:] == ["Once upon"] * 3
        await until(pilot, lambda: "what comes next: Once upon" in shown(lab))


async def test_an_answer_to_an_older_text_is_dropped(lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await open_pane(lab, pilot)
        engine.hold = True
        await pilot.press("i", "ctrl+end", "x")
        await until(pilot, lambda: len(engine.held) == 3)
        old = [ask for ask, _ in engine.held]
        await pilot.press("y")
        await until(pilot, lambda: len(engine.held) == 6)
        await until(pilot, lambda: set(engine.cancelled) == {ask.id for ask in old})
        stale = Predicted(id=old[0].id, prediction=prediction(old[0].text, "bert", "STALE"))
        lab.pane.post_message(lab.pane.Answered("bert", stale))
        engine.release()
        await answered(lab, pilot)
        assert "STALE" not in shown(lab)


async def test_one_key_masks_the_word_under_the_cursor(lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await open_pane(lab, pilot)
        field = lab.pane.field
        for text, moves, wanted in (
            ("one two three", ["ctrl+home", *["right"] * 5], f"one {MASK} three"),
            ("one two", ["ctrl+end"], f"one two {MASK}"),
            ("one.", ["ctrl+end"], f"one. {MASK}"),
            ("one ", ["ctrl+end"], f"one {MASK}"),
            ("(x)", ["ctrl+home"], f"{MASK}(x)"),
            ("a\nbc d", ["ctrl+end", "home"], f"a\n{MASK} d"),
        ):
            lab.pane.take(text)
            field.focus()
            await pilot.press(*moves, "f8")
            assert field.text == wanted
            await pilot.press("ctrl+z")
            assert field.text == text


async def test_masks_are_looked_at_one_after_the_other(lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await open_pane(lab, pilot)
        lab.pane.take("The [MASK] sat on <mask> and ___.")
        await answered(lab, pilot)
        await until(pilot, lambda: "mask 1 of 3" in shown(lab))
        lab.pane.field.focus()
        await pilot.press("f9")
        await until(pilot, lambda: "mask 2 of 3 (F9: the next): The [MASK] sat on ▁▁▁ and ___." in shown(lab))
        lab.pane.query(Candidates).first().focus()
        await pilot.press("left_square_bracket", "left_square_bracket")
        await until(pilot, lambda: "mask 3 of 3" in shown(lab))
        await pilot.press("enter")
        assert lab.pane.field.text == "The [MASK] sat on <mask> and were."


@pytest.mark.parametrize("key", ["enter", "tab"])
async def test_a_candidate_is_taken_and_taken_back(lab: LookbothApp, engine: FakeEngine, key: str) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await open_pane(lab, pilot)
        await pilot.press("i", "tab")
        assert isinstance(lab.focused, Candidates)
        await pilot.press("j", "right", key)
        assert lab.pane.field.text == OPENING.replace(MASK, "was")
        await answered(lab, pilot)
        await pilot.press("ctrl+z")
        assert lab.pane.field.text == OPENING


async def test_a_candidate_can_be_clicked(lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await open_pane(lab, pilot)
        await pilot.click(Candidates, offset=(4, 2 + 1), times=2)
        await until(pilot, lambda: lab.pane.field.text == OPENING.replace(MASK, "was"))


async def test_nothing_is_taken_from_an_answer_to_an_older_text(lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await open_pane(lab, pilot)
        engine.hold = True
        lab.pane.take("Something else entirely")
        await until(pilot, lambda: len(engine.held) == 3)
        lab.pane.query(Candidates).first().focus()
        await pilot.press("enter")
        await until(pilot, lambda: lab.pane.said.startswith("one moment"))
        assert lab.pane.field.text == "Something else entirely"


async def test_part_of_a_character_is_not_put_into_a_text(lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24), notifications=True) as pilot:
        await open_pane(lab, pilot)
        lab.pane.query(Candidates).first().focus()
        await pilot.press("end", "enter")
        await until(pilot, lambda: "part of a character" in shown(lab))
        assert lab.pane.field.text == OPENING


@pytest.mark.parametrize("size", SIZES)
async def test_harmful_candidates_notes_and_names_are_harmless(
    lab: LookbothApp, engine: FakeEngine, size: tuple[int, int]
) -> None:
    async with lab.run_test(size=size) as pilot:
        await open_pane(lab, pilot)
        for number in range(0, len(HARMFUL), 5):
            some = HARMFUL[number : number + 5]
            engine.answer = lambda ask, some=some: Predicted(
                id=ask.id, prediction=prediction(ask.text, ask.model, *some)
            )
            lab.pane.take(f"{' '.join(some)} {MASK}")
            await answered(lab, pilot)
            text = shown(lab)
            for harmful in some:
                assert text.count(SHOWN.get(harmful, harmful)[: 10 if size[0] < 100 else 99]) >= 3, harmful
            assert not RAW.search(text)
        wrong = HARMFUL[4]
        engine.answer = lambda ask: Failed(id=ask.id, what=f"Bad {wrong}", hint="[/]")
        lab.pane.take("again")
        await until(pilot, lambda: "Bad ␛]52" in shown(lab))
        assert lab.is_running


@pytest.mark.parametrize("size", SIZES)
async def test_notes_of_several_models_stand_once_and_whole(
    lab: LookbothApp, engine: FakeEngine, size: tuple[int, int]
) -> None:
    both = "A long note about what all of them were asked, which does not fit into a column of a small window at all."
    own = "No mask in the text: [MASK] was put at its end."

    def answer(ask: Predict) -> Predicted:
        found = prediction(ask.text, ask.model)
        notes = [both, own] if ask.model == "bert" else [both]
        return Predicted(id=ask.id, prediction=msgspec.structs.replace(found, notes=notes))

    engine.answer = answer
    async with lab.run_test(size=size) as pilot:
        await open_pane(lab, pilot)
        first, *others = lab.pane.query(Candidates)
        await until(pilot, lambda: first.room == others[0].room == others[1].room == first.needed)
        text = shown(lab)
        assert " ".join(text.replace("▏", " ").split()).count(both) == 1
        lines = [strip.text for strip in first.render_lines(first.size.region)]
        assert " ".join(" ".join(lines[1 : 1 + first.room]).replace("▏", " ").split()) == own
        for one in (first, *others):
            row = [strip.text for strip in one.render_lines(one.size.region)][1 + first.room]
            assert "␣were" in row


async def test_an_empty_text_asks_nothing_and_says_what_to_do(lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await open_pane(lab, pilot)
        engine.asked.clear()
        lab.pane.take("  \n ")
        await until(pilot, lambda: "Type a text: predictions follow." in shown(lab))
        assert not engine.asked and "50.0%" not in shown(lab)


async def test_until_the_engine_is_ready_the_screen_says_what_it_waits_for(
    lab: LookbothApp, engine: FakeEngine
) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        engine.hold = True
        lab.status = Status("starting", "importing torch")
        await lab.action_show("predict")
        await until(pilot, lambda: "waiting to predict · engine starting: importing torch" in shown(lab))


async def test_other_models_get_columns_of_their_own(lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await open_pane(lab, pilot)
        lab.pane.use_models(["lstm", "[/]/model"])
        await answered(lab, pilot)
        text = shown(lab)
        assert "LSTM saw" in text and "[/]/model" in text and "BERT" not in text
        assert lab.focused in lab.pane.query(Candidates)


async def test_predictions_can_be_copied_and_exported(lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await open_pane(lab, pilot)
        await pilot.press("y")
        await until(pilot, lambda: lab.clipboard)
        assert OPENING in lab.clipboard and "␣were" in lab.clipboard and "GPT-2 saw the left only" in lab.clipboard
        files = lab.pane.as_files()
        written = json.loads(files["json"])
        assert written["version"] == 1 and [one["model"]["name"] for one in written["predictions"]] == lab.pane.models
        rows = list(csv.DictReader(io.StringIO(files["csv"])))
        assert len(rows) == 15 and rows[0]["token"] == " were" and rows[0]["rank"] == "1"


def test_nothing_predicted_is_nothing_to_copy() -> None:
    assert predictions.as_table([]) == ""
