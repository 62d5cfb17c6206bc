"""Long texts: held beside the field, read from a file, in pages; from the command line too, with the time before."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import msgspec
import pytest
from textual.events import Paste

from core.errors import UserError
from core.messages import LISTED, PAGE, Compare, Compared, Comparison, Pages, Word, raw
from tests.tui.command_line import answered, asked
from tests.tui.compared import alone
from tests.tui.fakes import SIZES, FakeEngine, comparison
from tests.tui.hosts import see, shown, until
from tui.app import LookbothApp
from tui.panes.compare.holding import LARGE
from tui.results import comparisons
from tui.results.files import as_csv, as_json
from tui.widgets.word_table import WordTable

TEXT = " ".join(f"w{number}" for number in range(4 * PAGE + 20))


def paged(found: Comparison) -> Comparison:
    words = [raw(found.words[at : at + PAGE]) for at in range(0, len(found.words), PAGE)]
    return msgspec.structs.replace(found, words=Pages(words))


def alone_first(word: Word) -> Word:
    """A word with the first choices alone."""
    scores = {name: msgspec.structs.replace(score, top=score.top[:1]) for name, score in word.scores.items()}
    return msgspec.structs.replace(word, scores=scores)


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
    for at, one in enumerate((paged(whole), whole)):
        again = comparisons.read(comparisons.save(one, f"long {at}"))
        assert isinstance(again.words, Pages) and len(again.words.raw) == 5
        assert msgspec.structs.replace(again, words=list(again.words)) == whole
        assert as_json(one).count("\n") < 200


@pytest.mark.parametrize("page", [0, 2, 4])
def test_a_long_file_is_looked_at_to_its_last_word(home: Path, page: int) -> None:
    whole = comparison(TEXT, ["bert"])
    words = list(whole.words)
    words[page * PAGE] = msgspec.structs.replace(words[page * PAGE], scores={})
    with pytest.raises(UserError, match="is not whole"):
        comparisons.read(comparisons.save(msgspec.structs.replace(whole, words=words), "lacks a score"))
    path = comparisons.save(whole, "no word")
    word = f'{{"text":"w{page * PAGE}"'
    assert path.read_text().count(word) == 1
    path.write_text(path.read_text().replace(word, f'{{"text":{page}'))
    with pytest.raises(UserError, match="holds no comparison"):
        comparisons.read(path)


async def test_a_long_saved_one_is_opened_a_page_at_a_time(
    lab: LookbothApp, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    comparisons.save(comparison(TEXT), "long")
    threads: set[int] = set()
    read = comparisons.STORE.read

    def watched(path: Path) -> Comparison:
        threads.add(threading.get_ident())
        return read(path)

    monkeypatch.setattr(comparisons.STORE, "read", watched)
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        await pilot.press("ctrl+o")
        await see(pilot, "Saved comparisons", "long")
        await pilot.press("enter")
        await see(pilot, "saved as long", "page 1 of 5", "w0")
        assert threads and threading.get_ident() not in threads
        assert isinstance(lab.pane.comparison.words, Pages) and len(lab.pane.comparison.words._open) < 5
        await pilot.press("G")
        await see(pilot, "page 5 of 5")


async def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    lab: LookbothApp, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = comparisons.save(comparison(TEXT), "huge")
    monkeypatch.setattr("tui.results.store.MOST", path.stat().st_size - 1)
    monkeypatch.setattr(comparisons.STORE, "_decode", lambda content: pytest.fail("it was read"))
    async with lab.run_test(size=(160, 48)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        await pilot.press("ctrl+o")
        await see(pilot, "Saved comparisons", "huge")
        await pilot.press("enter")
        await see(pilot, "is too large", "are opened")


@pytest.mark.parametrize("size", SIZES)
async def test_where_the_lists_stop_it_is_said(lab: LookbothApp, engine: FakeEngine, size: tuple[int, int]) -> None:
    whole = comparison(" ".join(f"w{number}" for number in range(LISTED + 2)), ["bert", "gpt2"])
    words = [*whole.words[:LISTED], *map(alone_first, whole.words[LISTED:])]
    async with lab.run_test(size=size) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        lab.pane.take_up(paged(msgspec.structs.replace(whole, words=words)), "live result")
        await see(pilot, "page 1 of 7")
        await pilot.press("G")
        await see(pilot, "page 7 of 7", "the lists stop after 3,000 words")
        await pilot.press("k" if size[0] == 80 else "left", "k" if size[0] == 80 else "left")
        await until(pilot, lambda: lab.pane.cursor == LISTED - 1 and "the lists stop" not in shown(lab))


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
