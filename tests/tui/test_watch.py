"""Following runs: only what is new is read, and what is broken is said."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import runs
from tests.tui.made_runs import end, held_out, make, row, save, settings, write
from tui.runs import survey, watch
from tui.runs.curve import Curve
from tui.runs.survey import Survey
from tui.runs.watch import Watch, latest


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKBOTH_RUNS", str(tmp_path / "runs"))


# --- curves ------------------------------------------------------------------------------------------------------


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=300), st.integers(2, 16))
def test_a_curve_stays_small_and_keeps_its_mean(ys: list[float], limit: int) -> None:
    limit *= 2
    curve = Curve(limit)
    for x, y in enumerate(ys):
        curve.add(x, y)
    points = curve.points()
    assert len(points) <= limit
    assert [x for x, _ in points] == sorted({x for x, _ in points})
    if len(ys) < limit:
        assert list(points) == list(enumerate(ys))
    assert min(ys) - 1e-9 <= min(y for _, y in points)
    assert max(y for _, y in points) <= max(ys) + 1e-9


def test_what_a_resumed_run_does_again_replaces_what_it_did() -> None:
    curve = Curve()
    for x, y in [(1, 1.0), (2, 2.0), (3, 3.0), (2, 20.0), (3, 30.0)]:
        curve.add(x, y)
    assert curve.points() == ((1, 1.0), (2, 20.0), (3, 30.0))


# --- one run -----------------------------------------------------------------------------------------------------


def test_a_run_in_progress_is_told_whole() -> None:
    run = make("one", owner=runs.me())
    write(run, [held_out(0, 8.4), *(row(step, 8.0 - step / 100) for step in range(1, 101)), held_out(100, 7.1)])
    save(run, 50, 100)
    seen = Watch(run).poll()
    assert seen.now.state == "running"
    assert (seen.now.step, seen.now.loss, seen.now.held_out, seen.now.top1) == (100, 7.0, 7.1, 0.25)
    assert seen.now.eta == pytest.approx((1_024_000 - 102_400) / 10_240)
    assert len(seen.loss["causal"]) == 100
    assert seen.held_out["causal"] == ((0, 8.4), (100, 7.1))
    assert seen.checkpoints == [50, 100]


def test_only_what_is_new_is_read() -> None:
    run = make("one")
    write(run, [row(1, 5.0), row(2, 4.0)])
    following = Watch(run)
    following.poll()
    metrics = run.folder / "metrics.jsonl"
    metrics.write_bytes(b"#" * (metrics.stat().st_size - 1) + b"\n")  # whoever reads this again loses the curve
    write(run, [row(3, 3.0)])
    assert following.poll().loss["causal"] == ((1, 5.0), (2, 4.0), (3, 3.0))


def test_a_half_written_line_waits_for_its_end() -> None:
    run = make("one")
    write(run, [row(1, 5.0)])
    line = msgspec.json.encode(row(2, 4.0))
    following = Watch(run)
    with open(run.folder / "metrics.jsonl", "ab") as file:
        file.write(line[:20])
        file.flush()
        assert following.poll().now.step == 1
        file.write(line[20:] + b"\n")
    assert following.poll().now.step == 2


@pytest.mark.parametrize(
    "line",
    ["{", "3", "null", "[]", '"loss"', '{"step": "x", "loss": 1}', '{"step": 1, "loss": null}', '{"step": 9e999}',
     '{"step": 5, "held_out": 3, "loss": "x", "tokens": [], "phase": {}}', "\x00\x1b[31m", '{"step": true}'],
)  # fmt: skip
def test_lines_that_make_no_sense_are_passed_over(line: str) -> None:
    run = make("one")
    write(run, [row(1, 5.0)])
    with open(run.folder / "metrics.jsonl", "a", encoding="utf-8") as file:
        file.write(line + "\n")
    write(run, [row(7, 4.0)])
    seen = Watch(run).poll()
    assert seen.now.step == 7
    assert seen.loss["causal"] == ((1, 5.0), (7, 4.0))
    assert latest(run).loss == 4.0


@given(st.binary(max_size=200))
def test_any_bytes_in_the_metrics_are_survived(tmp_path_factory: pytest.TempPathFactory, junk: bytes) -> None:
    os.environ["LOOKBOTH_RUNS"] = str(tmp_path_factory.mktemp("junk"))
    run = make("one")
    (run.folder / "metrics.jsonl").write_bytes(junk + b"\n")
    write(run, [row(3, 2.5)])
    assert Watch(run).poll().now.loss == 2.5


def test_the_losses_of_two_objectives_are_kept_apart() -> None:
    run = make("one", family="bert")
    write(
        run, [held_out(0, 8.4), row(1, 8.0, "causal"), row(2, 7.0, "causal"), row(3, 7.9, "masked"), held_out(3, 7.5)]
    )
    seen = Watch(run).poll()
    assert seen.loss == {"masked": ((3, 7.9),), "causal": ((1, 8.0), (2, 7.0))}
    assert seen.held_out["masked"] == ((0, 8.4), (3, 7.5))  # held-out text is always asked with masks
    assert seen.now.phase == "masked"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b'{"schema": "x"}', b'{"schema": 99}', b"\xff" * 9, b"[" * 9000]
)
def test_a_broken_run_file_is_said(content: bytes) -> None:
    run = make("one")
    (run.folder / "run.json").write_bytes(content)
    seen = Watch(run).poll()
    assert seen.now.state == "broken"
    assert seen.now.problem
    assert seen.now.eta is None


def test_an_empty_folder_is_no_surprise() -> None:
    run = make("one", age=5)
    seen = Watch(run).poll()
    assert (seen.now.state, seen.now.step, seen.loss, seen.console) == ("starting", None, {}, "")


def test_the_last_words_of_a_dead_run_are_read_and_those_of_a_living_one_are_not() -> None:
    gone = msgspec.structs.replace(runs.me(), pid=2**22 - 3)
    for name, owner, state in (("dead", gone, "died"), ("living", runs.me(), "running")):
        run = make(name, owner=owner)
        (run.folder / "console.log").write_text("x" * 20_000 + "\n" + "\n".join(f"line {n}" for n in range(30)))
        seen = Watch(run).poll()
        assert seen.now.state == state
        assert seen.console.splitlines()[-1:] == (["line 29"] if state == "died" else [])
        assert len(seen.console.splitlines()) in (0, watch.LAST_LINES)


def test_the_end_of_long_metrics_is_enough_for_the_list() -> None:
    run = make("one")
    write(run, (row(step, 5.0) for step in range(1, 2001)))
    assert latest(run).step == 2000


# --- all runs ----------------------------------------------------------------------------------------------------


def test_the_newest_run_comes_first_and_broken_ones_last() -> None:
    for name, age in (("old", 900), ("new", 100), ("broken", 1)):
        make(name, age=age)
    (runs.find("broken").folder / "run.json").write_text("{")
    assert [run.id for run in Survey().look()] == ["new", "old", "broken"]


def test_a_run_that_has_ended_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ended, going = make("ended"), make("going", owner=runs.me())
    end(ended, "finished")
    read: list[str] = []
    monkeypatch.setattr(survey, "latest", lambda run: (read.append(run.id), latest(run))[1])
    everyone = Survey()
    for _ in range(3):
        assert {run.id for run in everyone.look()} == {"ended", "going"}
    assert read.count("ended") == 1
    assert read.count(going.id) == 3
    write(ended, [row(1, 2.0)])  # somebody resumed it
    everyone.look()
    assert read.count("ended") == 2


def test_no_folder_is_no_runs() -> None:
    assert Survey().look() == []


def test_settings_of_the_made_runs_are_those_of_a_real_one() -> None:
    assert msgspec.json.decode(msgspec.json.encode(settings("bert")), type=type(settings())) == settings("bert")
