"""Compare: what is on screen at once, what the words show, and how one moves and asks."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from textual.pilot import Pilot

from core.messages import Compare, Compared
from tests.tui.fakes import HARMFUL, RAW, SENTENCE, SHOWN, SIZES, FakeEngine, comparison, score, top
from tests.tui.hosts import shown, until
from tui.app import LookbothApp
from tui.panes.compare import ComparePane
from tui.results import shipped
from tui.state import Status
from tui.widgets.bars import STEPS, step
from tui.widgets.text_view import TextView
from tui.widgets.word_table import WordTable


def pane_of(pilot: Pilot[None]) -> ComparePane:
    pane = pilot.app.query_one(ComparePane)
    return pane


@pytest.mark.parametrize("size", SIZES)
async def test_the_first_paint_holds_a_result_until_the_live_one_comes(
    ships: None, lab: LookbothApp, engine: FakeEngine, size: tuple[int, int]
) -> None:
    engine.hold = True
    async with lab.run_test(size=size) as pilot:
        text = shown(lab)
        assert SENTENCE in text and "shipped result" in text and "cabinet" in text
        assert "BERT saw both sides" in text and "GPT-2 saw" in text and "(pseudo)" in text
        await until(pilot, lambda: engine.held)
        await until(pilot, lambda: "bert: scoring 12/40" in shown(lab))
        engine.release()
        await until(pilot, lambda: "live result" in shown(lab) and "shipped" not in shown(lab))
        asked = [ask for ask in engine.asked if isinstance(ask, Compare)]
        assert [ask.text for ask in asked] == [SENTENCE] and asked[0].models == ["bert", "gpt2", "lstm"]


async def test_without_a_shipped_result_the_screen_says_what_it_waits_for(lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        engine.hold = True
        lab.status = Status("starting", "importing torch")
        await pilot.press("i", *"Hello", "enter")
        await until(pilot, lambda: "waiting to compare · engine starting: importing torch" in shown(lab))
        await until(pilot, lambda: "No result yet" in shown(lab))


async def test_a_broken_shipped_result_is_no_error(
    lab: LookbothApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "first-compare.json"
    path.write_bytes(b'{"text": 1}')
    monkeypatch.setattr(shipped, "first", lambda: path)
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "No result yet" in shown(lab))


async def test_a_draft_comes_back_with_its_result(home: Path) -> None:
    first = LookbothApp(FakeEngine())
    async with first.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: first.status.phase == "ready")
        await pilot.press("i", *"A draft", "enter")
        await until(pilot, lambda: "live result" in shown(first))
        await until(pilot, lambda: list((home / "state").glob("last-compare.json")))
        await pilot.press("ctrl+q")
    engine = FakeEngine()
    engine.hold = True
    second = LookbothApp(engine)
    async with second.run_test(size=(80, 24)):
        assert second.pane.field.text == "A draft" and "kept result" in shown(second)


@pytest.mark.parametrize("size", SIZES)
async def test_words_are_walked_with_keys_and_the_mouse(
    ships: None, lab: LookbothApp, engine: FakeEngine, size: tuple[int, int]
) -> None:
    engine.hold = True
    async with lab.run_test(size=size) as pilot:
        pane = pane_of(pilot)
        for keys, cursor in ((["l", "right"], 2), (["h"], 1), (["home"], 0), (["G"], 13), (["g"], 0)):
            await pilot.press(*keys)
            await until(pilot, lambda cursor=cursor: pane.cursor == cursor)
        pane.query_one(WordTable).focus()
        await pilot.press("j", "j", "down", "k")
        await until(pilot, lambda: pane.cursor == 2)
        await until(pilot, lambda: "▸to" in shown(lab))
        await pilot.click(WordTable, offset=(3, 2 + 4))
        await until(pilot, lambda: pane.cursor == 4)
        await until(pilot, lambda: "▸cabinet" in shown(lab))


@pytest.mark.parametrize("size", SIZES)
async def test_the_inspector_shows_ten_candidates_of_every_model(
    ships: None, lab: LookbothApp, engine: FakeEngine, size: tuple[int, int]
) -> None:
    engine.hold = True
    async with lab.run_test(size=size) as pilot:
        for keys in (["l"], ["enter"]):
            await pilot.press(*keys)
            await pilot.pause()
            text = shown(lab)
            for said in ("was", "is", "are", "lay", "sat", "stood", "hung", "␊", "of"):
                assert text.count(said) >= 2, said
            assert ".50" in text and ".25" in text
            assert "BERT needed 1.0 bits less than GPT-2" in text


async def test_from_120_columns_the_text_stands_whole_with_glyphs_and_numbers(
    ships: None, lab: LookbothApp, engine: FakeEngine
) -> None:
    engine.hold = True
    async with lab.run_test(size=(120, 30)) as pilot:
        view = lab.query_one(TextView)
        assert view.display
        lines = [strip.text for strip in view.render_lines(view.size.region)]
        words = ["The", "keys", "to", "the", "cabinet", "were"]
        for row, name, bits in ((0, "BERT", 0), (2, "GPT-2", 1), (4, "LSTM", 2)):
            assert lines[row].startswith(f" {name}")
            for number, word in enumerate(words):
                assert f"{word}{STEPS[step(number + bits)]}" in lines[row]
                assert f"{number + bits}.0" in lines[row + 1]
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: not view.display)
        assert lab.focused is not view


async def test_the_difference_is_signed_and_can_be_changed(ships: None, lab: LookbothApp, engine: FakeEngine) -> None:
    engine.hold = True
    async with lab.run_test(size=(160, 48)) as pilot:
        await until(pilot, lambda: "GPT-2−BERT" in shown(lab) and "+1.0 ◂" in shown(lab))
        await pilot.press("d")
        await until(pilot, lambda: "LSTM−BERT" in shown(lab) and "+2.0 ◂" in shown(lab))
        await pilot.press("d", "d")
        await until(pilot, lambda: "−BERT" not in shown(lab))


async def test_the_third_model_is_there_when_wanted(ships: None, lab: LookbothApp, engine: FakeEngine) -> None:
    engine.hold = True
    async with lab.run_test(size=(80, 24)) as pilot:
        assert "LSTM" not in shown(lab)
        await pilot.press("t")
        await until(pilot, lambda: "LSTM saw" in shown(lab))
        await until(pilot, lambda: "GPT-2" in shown(lab) and "left only" in shown(lab))


async def test_marks_are_said_in_words(lab: LookbothApp) -> None:
    one = comparison("a b c d e f", ["bert", "gpt2"])
    marked = []
    for word, mark in zip(one.words, ("dropped", "unknown", "outside", "first", "", ""), strict=True):
        bits = 5.0 if mark in ("unknown", "") else None
        scores = {"bert": score("bert", word.text, bits, mark=mark), "gpt2": word.scores["gpt2"]}
        marked.append(msgspec.structs.replace(word, scores=scores, joined=word.text == "f"))
    one = msgspec.structs.replace(one, words=marked)
    async with lab.run_test(size=(160, 48)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        lab.pane.take_up(one, "live result")
        await pilot.pause()
        table = [strip.text for strip in lab.query_one(WordTable).render_lines(lab.query_one(WordTable).size.region)]
        for row, sign in ((2, "∅ dropped"), (3, "? unk"), (4, "… outside"), (5, "– first")):
            assert sign in table[row]
        assert "∪f" in table[7]
        text = [strip.text for strip in lab.query_one(TextView).render_lines(lab.query_one(TextView).size.region)]
        (words,) = (line for line in text if line.startswith(" BERT"))
        assert all(marked in words for marked in ("a∅", "b?", "c…", "d–"))
        await until(pilot, lambda: "3 not scored" in shown(lab))
        for step_on, said in (("l", "unknown"), ("l", "outside the window"), ("G", "joined: one token")):
            await pilot.press(step_on)
            await until(pilot, lambda said=said: said in shown(lab))


@pytest.mark.parametrize("size", SIZES)
async def test_harmful_words_and_candidates_are_shown_and_harmless(
    lab: LookbothApp, engine: FakeEngine, size: tuple[int, int]
) -> None:
    text = " ".join(HARMFUL)
    one = comparison(text, ["bert", "gpt2"], HARMFUL)
    words = [
        msgspec.structs.replace(
            word,
            scores={name: msgspec.structs.replace(found, top=top(*HARMFUL)) for name, found in word.scores.items()},
        )
        for word in one.words
    ]
    engine.answer = lambda ask: Compared(id=ask.id, comparison=msgspec.structs.replace(one, words=words))
    async with lab.run_test(size=size) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        lab.pane.take(text)
        await pilot.press("i", "enter", "escape")
        await until(pilot, lambda: lab.pane.comparison is not None)
        assert lab.pane.field.value == text
        for number, harmful in enumerate(HARMFUL):
            await until(pilot, lambda number=number: lab.pane.cursor == number)
            await pilot.pause()
            screen = shown(lab)
            assert not RAW.search(screen)
            assert "▸" + SHOWN.get(harmful, harmful)[:8] in screen
            if size[0] > 100:
                assert screen.count(SHOWN.get(harmful, harmful)) >= 2
            await pilot.press("l")
        field = "".join(strip.text for strip in lab.pane.field.render_lines(lab.pane.field.size.region))
        assert "[MASK] [/] [@click=app.quit]x[/]" in field and "␛]52" in field
        assert lab.is_running and lab.clipboard == ""


async def test_a_long_text_is_read_in_pages(lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(160, 48)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        lab.pane.take_up(comparison(" ".join(f"w{number}" for number in range(1200))), "live result")
        await pilot.pause()
        await until(pilot, lambda: "page 1 of 3" in shown(lab) and len(lab.query_one(WordTable).span) == 500)
        lab.pane.query_one(WordTable).focus()
        lab.pane.query_one(WordTable).go(499)
        await until(pilot, lambda: lab.pane.cursor == 499)
        await pilot.press("j")
        await until(pilot, lambda: "page 2 of 3" in shown(lab))
        await until(pilot, lambda: "▸w500" in shown(lab) and "word 501 of 1200" in shown(lab))
        await pilot.press("G")
        await until(pilot, lambda: "▸w1199" in shown(lab))
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: "page 2 of 3" in shown(lab) and "▸w500" in shown(lab))


async def test_answers_that_are_not_wanted_any_more_are_dropped(lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        engine.hold = True
        for text in ("first text", "second text"):
            lab.pane.take(text)
            lab.pane.compare()
            await until(pilot, lambda text=text: any(ask.text == text for ask, _ in engine.held))
        old, new = (ask for ask, _ in engine.held)
        await until(pilot, lambda: engine.cancelled == [old.id])
        lab.pane.post_message(ComparePane.Answered("compare", Compared(id=old.id, comparison=comparison(old.text))))
        engine.release()
        await until(pilot, lambda: lab.pane.comparison is not None)
        assert lab.pane.comparison.text == new.text


async def test_esc_cancels_and_says_so(lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        engine.hold = True
        lab.pane.take("some text")
        lab.pane.compare()
        await until(pilot, lambda: "esc cancels" in shown(lab))
        await pilot.press("escape")
        await until(pilot, lambda: "cancelled" in shown(lab))
        assert not lab.pane.open


async def test_a_passage_can_be_found_and_opened(lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        await pilot.press("o")
        await until(pilot, lambda: "Study passages" in shown(lab))
        await pilot.press(*"saturday market", "enter")
        await until(pilot, lambda: lab.pane.comparison is not None)
        assert lab.pane.field.text.startswith("Every Saturday")
        await pilot.press("i", "ctrl+end", "ctrl+z")
        assert lab.pane.field.text == ""


async def test_a_long_text_can_be_replaced_and_taken_back(lab: LookbothApp) -> None:
    """TextArea 8.2.8 fails when its scrollbar vanishes in the same step as the line of the cursor."""
    long = "\n".join(f"line {number}" for number in range(60))
    async with lab.run_test(size=(80, 24)) as pilot:
        field = lab.pane.field
        field.focus()
        for text in ("short", long, "one line", long):
            lab.pane.take(text)
            await pilot.pause()
            assert field.text == text
        for text in ("one line", long, "short", ""):
            await pilot.press("ctrl+z")
            await pilot.pause()
            assert field.text == text


async def test_the_method_is_asked_for_and_said(ships: None, lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "live result" in shown(lab))
        await pilot.press("p", "f")
        await until(pilot, lambda: len(engine.asked) == 3)
        assert (engine.asked[-1].pll, engine.asked[-1].first_token) == ("original", "skip")
