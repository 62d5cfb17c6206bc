"""Long texts: held beside the field, read from a file, in pages; from the command line too, with the time before."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from textual.events import Paste

from core.messages import PAGE, Compare, Compared, Comparison, Pages, raw
from tests.tui.command_line import answered, asked
from tests.tui.compared import alone
from tests.tui.fakes import FakeEngine, comparison
from tests.tui.hosts import see, until
from tui.app import LookbothApp
from tui.panes.compare.holding import LARGE
from tui.results import comparisons
from tui.results.files import as_csv, as_json
from tui.widgets.word_table import WordTable

TEXT = " ".join(f"w{number}" for number in range(4 * PAGE + 20))


def paged(found: Comparison) -> Comparison:
    words = [raw(found.words[at : at + PAGE]) for at in range(0, len(found.words), PAGE)]
    return msgspec.structs.replace(found, words=Pages(words))


def answer(request: Compare) -> Compared:
    """As the engine does: in pages where they were asked for."""
    found = comparison(request.text, request.models)
    found = alone(found) if request.pll == "left_only" else found
    return Compared(id=request.id, comparison=paged(found) if request.paged else found)


async def test_a_file_is_held_beside_the_field_and_read_in_pages(
    lab: LookbothApp, engine: FakeEngine, tmp_path: Path
) -> None:
    file = tmp_path / "long.txt"
    file.write_text(TEXT + " and" * 4500)
    engine.answer = lambda ask: answer(ask)  # type: ignore[arg-type, return-value]
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        await pilot.press("O", *str(file), "enter")
        await see(pilot, "long.txt: 29 kB, held", "page 1 of 14", "w0")
        assert len(lab.pane.field.text) < 100 and lab.pane.comparison.text == file.read_text()
        await pilot.press("right_square_bracket", "right_square_bracket")
        await see(pilot, "page 3 of 14", f"▸w{2 * PAGE}")
        await pilot.press("number_sign", "ctrl+u", *"15", "enter")
        await see(pilot, "a number from 1 to 14")
        await pilot.press("ctrl+u", *"2", "enter")
        await see(pilot, "page 2 of 14", f"▸w{PAGE}")
        await pilot.press("i", "ctrl+l")
        await until(pilot, lambda: lab.pane.asked == "")
        await pilot.press(*"short", "enter")
        await until(pilot, lambda: lab.pane.comparison.text == "short")


async def test_what_is_pasted_and_long_is_held_and_what_is_short_is_not(lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        await pilot.press("i")
        lab.post_message(Paste("a b c"))
        await until(pilot, lambda: lab.pane.asked == "a b c")
        lab.post_message(Paste("long " * LARGE))
        await see(pilot, "a pasted text: 100 kB, held beside this field")
        assert lab.pane.asked == "long " * LARGE and lab.memory.draft("compare") == "a b c"


async def test_sums_gains_and_files_are_those_of_the_whole_text(
    lab: LookbothApp, engine: FakeEngine, tmp_path: Path
) -> None:
    engine.answer = lambda ask: answer(ask)  # type: ignore[arg-type, return-value]
    whole = comparison(TEXT)
    async with lab.run_test(size=(160, 48)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        lab.pane.take_up(paged(whole), "live result")
        bits = sum(word.scores["bert"].surprisal_bits or 0 for word in whole.words)
        await see(pilot, "page 1 of 5", f"{bits:.1f} (pseudo)")
        lab.pane.pace.learn(whole, "left_only", 0.01)
        lab.pane.known = {name: one.identity for name, one in whole.models.items()}
        await pilot.press("r")
        await see(pilot, f"BERT {2 * len(whole.words):+.1f} bits")
        await pilot.press("r", "s")
        await see(pilot, "words by rank")
        await pilot.press("G")
        await see(pilot, "page 5 of 5")
        files = lab.pane.as_files()
        assert msgspec.json.decode(str(files["json"]), type=Comparison) == whole
        assert files["csv"] == as_csv(whole, lab.pane._known_gains())
        assert len(lab.query_one(WordTable).span) == 20


def test_a_long_comparison_is_saved_and_read(home: Path) -> None:
    whole = comparison(TEXT, ["bert"])
    assert comparisons.read(comparisons.save(paged(whole), "long")) == whole
    assert as_json(paged(whole)).count("\n") < 200


@pytest.mark.usefixtures("processes")
def test_the_verb_prints_a_page_and_says_the_time_before(tmp_path: Path) -> None:
    file = tmp_path / "long.txt"
    file.write_text(TEXT)
    found = answered("compare", "--file", str(file), "--page", "5")
    assert (found["page"], found["pages"], len(found["words"])) == (5, 5, 20) and found["text"] == TEXT
    done = asked("compare", "--file", str(file), "--json", "--top", "1")
    assert "2,020 words through BERT, GPT-2: about" in done.stderr.decode()
    words = json.loads(done.stdout)["words"]
    assert [word["text"] for word in words] == TEXT.split() and len(words[-1]["scores"]["bert"]["top"]) == 1
    assert b"no page 6" in asked("compare", "--file", str(file), "--page", "6").stderr
