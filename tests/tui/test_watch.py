"""Following runs: only what is new is read, and what is broken is said."""

from __future__ import annotations

import math
import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import runs
from core.runs import Best
from tests.tui.made_runs import beat, event, held_out, machine, make, row, save, settings, write
from tui.charts.curve import Curve
from tui.runs import watch
from tui.runs.rows import BLOCK
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


def test_a_gap_stays_a_gap_until_it_is_merged_with_a_number() -> None:
    curve = Curve(4)
    for x, y in [(1, 1.0), (2, math.nan), (3, 3.0)]:
        curve.add(x, y)
    assert math.isnan(curve.points()[1][1])
    curve.add(4, 5.0)
    assert curve.points() == ((1, 1.0), (3.5, 4.0))


def test_going_back_forgets_what_lay_ahead() -> None:
    curve = Curve()
    for x in range(10):
        curve.add(x, 1.0)
    curve.rewind(4)
    assert [x for x, _ in curve.points()] == [0, 1, 2, 3]
    curve.add(4, 2.0)
    assert curve.points()[-1] == (4, 2.0)


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


# --- what happens to a run ---------------------------------------------------------------------------------------


def test_a_loss_that_is_no_number_is_a_gap() -> None:
    run = make("one")
    write(run, [row(1, 5.0), row(2, None), row(3, 4.0)])
    points = Watch(run).poll().loss["causal"]
    assert [x for x, _ in points] == [1, 2, 3]
    assert math.isnan(points[1][1])


def test_a_later_attempt_replaces_what_it_does_again_and_what_it_has_not_come_to_yet() -> None:
    run = make("one")
    write(run, [*(row(step, 5.0) for step in range(1, 101)), held_out(50, 5.5), held_out(100, 5.1), machine(90)])
    following = Watch(run)
    assert following.poll().now.step == 100
    write(
        run, [event(50, "resumed", "Went on.") | {"attempt": 2}, held_out(50, 5.4, attempt=2), row(51, 4.0, attempt=2)]
    )
    seen = following.poll()
    assert seen.loss["causal"][-2:] == ((50, 5.0), (51, 4.0))
    assert seen.held_out["causal"] == ((50, 5.4),)
    assert seen.curves["cpu"] == ()
    assert seen.now.step == 51


def test_lines_that_cannot_be_read_are_counted_and_empty_ones_are_not() -> None:
    run = make("one")
    write(run, [row(1, 5.0)])
    with open(run.folder / "metrics.jsonl", "ab") as file:
        file.write(b'{"step": 2, "lo\n\n\xff\xfe\n[]\n')
    write(run, [row(3, 4.0)])
    (run.folder / "samples.jsonl").write_text("{")  # its end may still come
    following = Watch(run)
    assert following.poll().unreadable == 3
    assert following.poll().unreadable == 3


def test_a_folder_that_was_made_again_is_read_from_its_start() -> None:
    run = make("one")
    write(run, (row(step, 5.0) for step in range(1, 50)))
    following = Watch(run)
    following.poll()
    (run.folder / "metrics.jsonl").unlink()
    write(run, [row(1, 8.0)])
    assert following.poll().now.loss == 8.0


def test_a_long_run_is_known_whole_at_the_first_look() -> None:
    run = make("one", steps=30_000)
    write(run, (row(step, 5.0 if step < 20_000 else 3.0) for step in range(1, 30_001)))
    assert (run.folder / "metrics.jsonl").stat().st_size > 10 * BLOCK
    seen = Watch(run).poll()
    points = seen.loss["causal"]
    assert seen.now.step == 30_000
    assert seen.merged > 1 and len(points) <= 4096
    assert points[0][0] < 30 and points[-1][0] > 29_900
    assert points[0][1] == 5.0 and points[-1][1] == 3.0


def test_events_machine_rows_and_the_best_checkpoint_are_told() -> None:
    run = make("one", owner=runs.me())
    write(
        run, [row(1, 5.0), machine(1, gpu=0.5), event(1, "memory", "Halved."), held_out(2, 4.9, bits_per_character=2.1)]
    )
    save(run, 1, 2, best=Best(step=1, nats=4.8))
    beat(run, "saving")
    seen = Watch(run).poll()
    assert seen.curves["gpu"] == ((1, 0.5),)
    assert seen.curves["bits_per_character"] == ((2, 2.1),)
    assert "gpu_memory" not in seen.curves
    assert [(one.step, one.kind, one.text) for one in seen.events] == [(1, "memory", "Halved.")]
    assert seen.best == Best(step=1, nats=4.8)
    assert seen.now.beat and seen.now.beat.doing == "saving"


def test_the_time_left_is_of_work_however_long_a_pause_was() -> None:
    run = make("one", owner=runs.me())
    day = 86_400
    write(run, (row(step, 5.0) | {"time": 1.7e9 + step} for step in range(1, 51)))
    write(run, [event(50, "resumed", "Went on.") | {"attempt": 2, "time": 1.7e9 + day}])
    write(run, (row(step, 5.0, attempt=2) | {"time": 1.7e9 + day + step} for step in range(51, 101)))
    assert Watch(run).poll().now.eta == pytest.approx(900 * 0.1)
    assert latest(run).eta == pytest.approx(900 * 0.1)
    beat(run, "paused")
    assert latest(run).state == "paused"
    assert latest(run).eta == pytest.approx(90)


def test_an_extended_run_has_longer_to_go() -> None:
    run = make("one", owner=runs.me(), steps=2000)  # the trainer writes down the new length
    write(run, (row(step, 5.0) for step in range(1, 101)))
    assert latest(run).eta == pytest.approx(190)


def test_settings_of_the_made_runs_are_those_of_a_real_one() -> None:
    assert msgspec.json.decode(msgspec.json.encode(settings("bert")), type=type(settings())) == settings("bert")
