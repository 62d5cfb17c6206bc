"""Watch it learn: what a run said about its sentences, evaluation by evaluation."""

from __future__ import annotations

from itertools import pairwise

import pytest
from textual.app import App, ComposeResult

from core import runs
from tests.tui.hosts import see, shown, until
from tests.tui.made_runs import learning, make, said, save, sentences, write
from tui.runs import scrub
from tui.runs.scrub import Sentences
from tui.runs.watch import Watch
from tui.widgets.chart import Chart
from tui.widgets.run.samples import FLOOR, Scrub, head, level, nearest, page, percent
from tui.widgets.run_view import RunView

pytestmark = pytest.mark.usefixtures("own_runs")
ROME = "The capital of Italy is [MASK]."


def test_each_sentence_is_followed_from_noise_to_words() -> None:
    run = make("one")
    write(run, sentences(1000), "samples.jsonl")
    rome, went = Sentences(run.folder / "samples.jsonl").poll()
    assert (rome.text, rome.answer, went.answer) == (ROME, " Rome", " went")
    assert [look.step for look in rome.looks] == list(range(0, 1001, 50))
    assert rome.looks[0].rank == 901 and rome.looks[-1].tops[1][0] == " Rome"
    assert rome.at(49) == rome.looks[0] and rome.at(50) == rome.looks[1] and rome.at(-1) is None


def test_a_later_attempt_says_it_again() -> None:
    run = make("one")
    write(run, [said(step, ROME, " Rome", 0.1, 9) for step in (0, 100, 200)], "samples.jsonl")
    following = Sentences(run.folder / "samples.jsonl")
    following.poll()
    write(run, [said(100, ROME, " Rome", 0.5, 1) | {"attempt": 2}], "samples.jsonl")
    (rome,) = following.poll()
    assert [(look.step, look.prob) for look in rome.looks] == [(0, 0.1), (100, 0.5)]


def test_however_long_a_run_is_its_samples_stay_few() -> None:
    run = make("one")
    write(run, [said(step, ROME, " Rome", 0.1, 9, (" the", 0.2)) for step in range(3000)], "samples.jsonl")
    (rome,) = Sentences(run.folder / "samples.jsonl").poll()
    kept = [look.step for look in rome.looks]
    assert len(kept) <= scrub.MOST
    assert kept[0] == 0 and kept[-1] == 2999 and kept == sorted(set(kept))
    assert max(right - left for left, right in pairwise(kept)) < 3000 / 16
    assert len({id(look.tops[0][0]) for look in rome.looks}) == 1  # the same word is one object


def test_old_and_foreign_rows_are_survived() -> None:
    run = make("one")
    old = {"step": 5, "text": "A [MASK].", "tops": [[" b\x1b[31m", 0.5]]}
    write(run, [old, {"step": 5}, 3, {"step": "x", "text": 1}], "samples.jsonl")
    following = Sentences(run.folder / "samples.jsonl")
    found = following.poll()
    assert following.unreadable == 3
    text = page(found, Scrub(), 80).plain
    assert "A [MASK]." in text and "b␛[31m 50 %" in text and "\x1b" not in text


def test_tokens_that_cannot_be_seen_are_told_apart() -> None:
    run = make("one")
    tops = [["\n", 0.3], ["\t", 0.2], [" ", 0.1], ["‹F0›", 0.1], [" of", 0.1]]
    write(run, [{"step": 5, "text": "A [MASK].", "tops": tops}], "samples.jsonl")
    found = Sentences(run.folder / "samples.jsonl").poll()
    assert "␊ 30 % · ␉ 20 % · ␣ 10 % · ‹F0› 10 % · of 10 %" in page(found, Scrub(), 80).plain


def test_the_scale_of_the_curves_is_said_in_eighty_columns() -> None:
    run = make("one")
    write(run, sentences(1000), "samples.jsonl")
    found = Sentences(run.folder / "samples.jsonl").poll()
    assert head(found, Scrub(), [], 78).plain.splitlines()[2].endswith("▇ 100 %, by powers of ten")


def test_going_back_and_forward_ends_at_now() -> None:
    known, at = [0, 10, 20, 30, 40], Scrub()
    at.move(known, 1e-9)
    assert at.step is None
    at.move(known, -1e-9)
    assert at.step == 30
    at.move([*known, 50], -0.4)
    assert at.step == 10
    at.move(known, -1.0)
    assert at.step == 0
    at.move(known, 1.0)
    assert at.step is None and at.at([*known, 60]) == 60
    Scrub().move([], -1)


def test_the_steps_of_the_sparkline_are_powers_of_ten() -> None:
    assert [level(10.0**power) for power in (-9, FLOOR, -2.5, 0)] == [0, 0, 3, 6]
    assert level(0.0) == 0
    assert [percent(prob) for prob in (1.0, 0.123, 0.0123, 0.00123, 1e-7)] == [
        "100 %", "12 %", "1.2 %", "0.12 %", "<0.001 %",
    ]  # fmt: skip


def test_the_sparkline_ends_where_the_run_is() -> None:
    run = make("one")
    write(run, [said(step, ROME, " Rome", prob, 9) for step, prob in ((0, 0.1), (100, 0.2))], "samples.jsonl")
    (rome,) = Sentences(run.folder / "samples.jsonl").poll()
    assert rome.spark(4, 100) == [0.1, 0.1, 0.1, 0.2]
    assert rome.spark(4, 400) == [0.1, 0.2, None, None]


def test_the_nearest_checkpoint_is_the_one_to_open() -> None:
    assert nearest([100, 300], 190) == 100
    assert nearest([100, 300], 210) == 300
    assert nearest([], 5) is None


class Host(App[None]):
    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self.watch = watch
        self.opened: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        yield RunView()

    def on_mount(self) -> None:
        self.query_one(RunView).focus()
        self.query_one(RunView).show(self.watch.poll())

    def on_train_pane_open_model(self, event: RunView.OpenModel) -> None:
        self.opened.append((event.reference, event.pane))


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_a_person_scrubs_through_the_evaluations_and_opens_a_checkpoint(size: tuple[int, int]) -> None:
    run = make("one", family="bert", owner=runs.me())
    learning(run)
    save(run, 500, 1000)
    app = Host(Watch(run))
    async with app.run_test(size=size) as pilot:
        await pilot.press("enter", "p")
        assert app.opened == []  # the charts open nothing
        await pilot.press("V", "V")
        await see(pilot, "now: step 1,000", "evaluation 21 of 21", "enter: its checkpoint, 1,000", "✓Rome 7.0 %")
        await pilot.press("left")
        await see(pilot, "step 950 of 1,000", "enter: nearest checkpoint, 1,000")
        await pilot.press("home")
        await see(pilot, "step 0 of 1,000", "Rome 0.0032 % rank 901", "of 7.0 %")
        assert "✓Rome" not in shown(app)
        await pilot.press(*["shift+right"] * 3)
        await see(pilot, "step 300 of 1,000")
        beside = app.query_one(RunView).has_class("-beside")
        assert beside == (size[0] == 160)
        assert app.query_one("#chart-0", Chart).frame.cursor == 300
        await pilot.press("enter", "end", "p")
        await until(pilot, lambda: len(app.opened) == 2)
        assert app.opened == [("one@500", "predict"), ("one@1000", "predict")]


async def test_new_evaluations_come_in_while_nobody_scrubs() -> None:
    run = make("one", owner=runs.me())
    write(run, [said(0, ROME, " Rome", 0.001, 900)], "samples.jsonl")
    app = Host(Watch(run))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("V", "V")
        await see(pilot, "now: step 0")
        write(run, [said(10, ROME, " Rome", 0.4, 1)], "samples.jsonl")
        app.query_one(RunView).show(app.watch.poll())
        await see(pilot, "now: step 10", "Rome 40 % rank 1")
