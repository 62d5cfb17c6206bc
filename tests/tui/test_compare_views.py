"""Compare's views: text or table, colours, which models, pins, histograms, the right side, candidates."""

from __future__ import annotations

import pytest
from textual.screen import ModalScreen

from core.messages import Compare, Rescore
from tests.tui.fakes import SIZES, FakeEngine, comparison
from tests.tui.hosts import see, shown, until
from tui.app import LookbothApp
from tui.preferences import Preferences, load
from tui.results.estimates import GAUGE, Pace
from tui.widgets.histograms import Histograms
from tui.widgets.text_view import TextView
from tui.widgets.word_table import WordTable, fitting

FIVE = ["bert", "gpt2", "lstm", "bert2", "gpt3"]


@pytest.mark.parametrize("size", SIZES)
async def test_text_and_table_take_turns(ships: None, lab: LookbothApp, size: tuple[int, int]) -> None:
    async with lab.run_test(size=size) as pilot:
        await see(pilot, "live result")
        text, table = lab.query_one(TextView), lab.query_one(WordTable)
        wide = size[0] > 100
        assert (text.display, table.display) == (wide, True)
        await pilot.press("v")
        await until(pilot, lambda: text.display and not table.display and lab.focused is text)
        assert "▁" in shown(lab) and "13.0" in shown(lab)
        await pilot.press("l", "v")
        await until(pilot, lambda: table.display and not text.display and lab.focused is table and lab.pane.cursor == 1)
        await pilot.press("v")
        await until(pilot, lambda: (text.display, table.display) == ((True, True) if wide else (True, False)))


async def test_the_word_under_the_cursor_stands_in_brackets_on_every_line_of_words(
    ships: None, lab: LookbothApp
) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await see(pilot, "live result")
        await pilot.press("v")
        text = lab.query_one(TextView)
        await until(pilot, lambda: text.display and text.has_focus)
        for key, first, second in (
            ("home", "[The▁]keys▂ to", "[The▂]keys▃ to"),
            ("l", " The▁[keys▂]to", " The▂[keys▃]to"),
        ):
            await pilot.press(key)
            lines = [strip.text for strip in text.render_lines(text.size.region)]
            assert first in lines[0] and second in lines[2] and sum(line.count("[") for line in lines) == 2


async def test_pins_do_not_lay_the_text_out_again_but_a_change_of_colours_does(ships: None, lab: LookbothApp) -> None:
    async with lab.run_test(size=(160, 48)) as pilot:
        await see(pilot, "live result")
        text = lab.query_one(TextView)
        before = text.lines
        await pilot.press("space")
        await until(pilot, lambda: text.shown and text.shown.pins)
        assert text.lines is before
        await pilot.press("c")
        await until(pilot, lambda: text.shown and text.shown.colour == "rank")
        assert text.lines is not before


@pytest.mark.parametrize("size", SIZES)
async def test_the_text_is_coloured_by_rank_and_by_difference(
    ships: None, lab: LookbothApp, size: tuple[int, int]
) -> None:
    async with lab.run_test(size=size) as pilot:
        await see(pilot, "live result")
        await pilot.press(*(["v"] if size[0] < 100 else []), "c")
        text = lab.query_one(TextView)
        await until(pilot, lambda: "cabinet▃" in shown(lab) and "keys▁" in shown(lab))
        await see(pilot, "rank: ▁ ≤10")
        await pilot.press("c")
        await until(pilot, lambda: [row.name for row in text.rows] == ["GPT-2−BERT"] and "cabinet◂" in shown(lab))
        await pilot.press("c")
        await until(pilot, lambda: "cabinet▄" in shown(lab))


async def test_the_steps_of_the_ranks_are_changed_and_remembered(ships: None, lab: LookbothApp) -> None:
    async with lab.run_test(size=(160, 48)) as pilot:
        await see(pilot, "live result")
        await pilot.press("c", "b")
        await until(pilot, lambda: isinstance(lab.screen, ModalScreen))
        await pilot.press("ctrl+u", *"9 3 1", "enter")
        await see(pilot, "must rise")
        await pilot.press("ctrl+u", *"2 4 8", "enter")
        await see(pilot, "rank: ▁ ≤2 ▃ ≤4 ▅ ≤8 ▇ >8", "cabinet▇")
        lab.memory.write()
        assert load(Preferences)[0].ranks == (2, 4, 8)


async def test_any_two_of_many_models_can_be_chosen(lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        lab.pane.take_up(comparison("a b c", FIVE), "live result")
        await see(pilot, "BERT saw both sides", "GPT-2 saw", "2 of 5 models")
        for key, names in (
            (".", ("bert", "lstm")), (".", ("bert", "bert2")), (",", ("gpt3", "bert2")), (",", ("gpt2", "bert2")),
        ):  # fmt: skip
            await pilot.press({".": "full_stop", ",": "comma"}[key])
            await until(pilot, lambda names=names: lab.pane.names == names)
        await see(pilot, "bert2−GPT-2")
        assert set(lab.pane.order) == set(FIVE) and len(lab.pane.order) == 5


async def test_more_models_are_shown_where_there_is_room_and_all_are_turned_round(lab: LookbothApp) -> None:
    async with lab.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        lab.pane.take_up(comparison("a b c", FIVE), "live result")
        await until(pilot, lambda: lab.pane.names == tuple(FIVE[: fitting(120)]) and fitting(120) >= 3)
        await pilot.press("t")
        await until(pilot, lambda: lab.pane.names == ("bert", "gpt2"))
        lab.pane.take_up(comparison("a b c", FIVE[:2]), "live result")
        await pilot.press("full_stop")
        await until(pilot, lambda: lab.pane.names == ("gpt2", "bert"))


@pytest.mark.parametrize("size", SIZES)
async def test_the_right_side_is_asked_for_once_and_shown(
    ships: None, lab: LookbothApp, engine: FakeEngine, size: tuple[int, int]
) -> None:
    async with lab.run_test(size=size) as pilot:
        await see(pilot, "live result")
        await pilot.press("r")
        await see(pilot, "BERT gain", "+2.0 ▸", "gain from", "BERT +28.0 bits", "left-only reading", "right side +2.0")
        asked = [ask for ask in engine.asked if isinstance(ask, Compare)]
        assert (asked[-1].models, asked[-1].pll) == (["bert"], "left_only") and len(asked) == 2
        await pilot.press("r")
        await until(pilot, lambda: "GPT-2−BERT" in shown(lab) and "total bits" in shown(lab))
        await pilot.press("r", "d")
        await until(pilot, lambda: "BERT gain" not in shown(lab))
        assert len(engine.asked) == 2
        files = lab.pane.as_files()
        assert set(files) == {"json", "csv", "svg", "left.json"} and "bert.gain_bits" in str(files["csv"])


async def test_without_a_masked_model_there_is_no_right_side(lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        lab.pane.take_up(comparison("a b c", ["gpt2", "lstm"]), "live result")
        await pilot.press("r")
        await until(pilot, lambda: any("No model on screen read both" in one.message for one in lab._notifications))
        assert not engine.asked


@pytest.mark.parametrize("size", SIZES)
async def test_words_are_pinned_and_unpinned(ships: None, lab: LookbothApp, size: tuple[int, int]) -> None:
    async with lab.run_test(size=size) as pilot:
        await see(pilot, "live result")
        await pilot.press("l", "space", "l", "l")
        await see(pilot, "•keys")
        await pilot.press(*(["enter"] if size[0] < 100 else []))
        await see(pilot, "• keys")
        await pilot.press("space", "h", "space", "space")
        await until(pilot, lambda: lab.pane.pins == [1, 3])
        await pilot.press("x")
        await until(pilot, lambda: lab.pane.pins == [] and "•" not in shown(lab))


@pytest.mark.parametrize("size", SIZES)
async def test_histograms_take_the_place_of_the_candidates(
    ships: None, lab: LookbothApp, size: tuple[int, int]
) -> None:
    async with lab.run_test(size=size) as pilot:
        await see(pilot, "live result")
        await pilot.press("s")
        await see(pilot, "words by rank", "≤10", "p/p(top)")
        wide = size[0] > 100
        assert lab.query_one(WordTable).display == wide
        if not wide:
            assert lab.focused is lab.query_one(Histograms)
        await pilot.press("s")
        await until(pilot, lambda: "words by rank" not in shown(lab) and lab.query_one(WordTable).display)


async def test_candidates_are_rescored_in_the_whole_sentence(ships: None, lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await see(pilot, "live result")
        await pilot.press("l", "a")
        await see(pilot, "In place of “keys”", "keys | was | bert")
        await pilot.press("ctrl+u", *"keys", "enter")
        await see(pilot, "1 candidates cannot be compared")
        await pilot.press("space", "vertical_line", "space", *"doors", "enter")
        await see(pilot, "The ___ to the cabinet", "▸keys", "50.0%", "unknown")
        (asked,) = (ask for ask in engine.asked if isinstance(ask, Rescore))
        assert (asked.start, asked.end, asked.candidates) == (4, 8, ["keys", "doors"])
        assert asked.models == ["bert", "gpt2", "lstm"]
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(lab.screen, ModalScreen))


async def test_long_work_is_said_before_it_starts(ships: None, lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await see(pilot, "live result")
        lab.pane.pace = Pace()
        lab.pane.pace.learn(comparison("word " * 100), "original", 30.0)
        lab.pane.take("word " * 2000)
        await pilot.press("i", "enter")
        await see(pilot, "2,000 words through BERT, GPT-2, LSTM", "about", "min")
        assert len(engine.asked) == 1
        await pilot.press("n")
        await until(pilot, lambda: not isinstance(lab.screen, ModalScreen))
        assert len(engine.asked) == 1
        engine.hold = True
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(lab.screen, ModalScreen))
        await pilot.press("y")
        await see(pilot, "in all · esc cancels")
        assert len(engine.asked) == 2


async def test_where_no_speed_is_known_it_is_measured_first(lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        engine.hold = True
        lab.pane.take("word " * 40_000)
        await pilot.press("i", "enter")
        await see(pilot, "measuring the speed on the first words")
        (asked,) = engine.asked
        assert isinstance(asked, Compare) and asked.text == ("word " * GAUGE).rstrip() and not asked.paged
        lab.pane.pace.learn(comparison("word " * 100), "original", 30.0)
        engine.release()
        await see(pilot, "40,000 words through BERT, GPT-2, LSTM", "about")
        assert len(engine.asked) == 1
        engine.hold = True
        await pilot.press("y")
        await until(pilot, lambda: len(engine.asked) == 2)
        await see(pilot, "in all · esc cancels")
        assert engine.asked[1].paged and len(engine.asked[1].text) == 200_000
