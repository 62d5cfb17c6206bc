"""What is said of a run in words: its state, how long it will take, where it is, and what to do when it failed."""

from __future__ import annotations

import msgspec
import pytest

from core import runs
from core.runs import Best, Budget, Run
from tests.tui.made_runs import beat, end, event, held_out, make, row, save, write
from tui.runs.watch import Watch
from tui.widgets.run.facts import facts, reason

pytestmark = pytest.mark.usefixtures("own_runs")


def gpt2(**changes: object) -> Run:
    run = make("one", owner=runs.me(), **changes)
    write(run, [*(row(step, 8.0 - step / 50) for step in range(1, 101)), held_out(50, 7.2)])
    return run


def test_what_is_known_of_a_run_in_words() -> None:
    budget = Budget(parameters=402_112, tokens=1_024_000, targets=150_000, flops=2.5e12)
    run = gpt2(budget=budget)
    write(run, [event(70, "memory", "Memory ran out: a batch is read in 2 pieces."), "foreign"])
    save(run, 40, 80, best=Best(step=40, nats=7.25))
    beat(run, "saving", "step 80")
    text = "\n".join(facts(Watch(run).poll()))
    for part in (
        "one · gpt2, 2 layers of 64, 402k parameters, seed 1, cpu",
        "running: saving a checkpoint step 80… · 2 checkpoints, newest at step 80, best at 40 (7.250 nats)",
        "step 100 of 1,000 (10 %) · about 90 s left · 10 s of work · 102k of 1.02M tokens",
        "loss 6.000 nats · held out 7.200, top-1 25.0 %",
        "10.2k tokens/s · lr 0.001 · gradient norm 0.8 · 1.9 cores, 0.7 GB",
        "budget: 402k parameters, 1.02M tokens, 150k targets, 2.5e+12 FLOPs",
        "step 70: Memory ran out: a batch is read in 2 pieces. · 1 line could not be read",
    ):
        assert part in text


def test_what_was_read_is_never_more_than_the_whole() -> None:
    run = gpt2()
    write(run, [row(1001, 3.0)])
    assert "1.03M tokens" in facts(Watch(run).poll())[2] and " of 1.02M" not in facts(Watch(run).poll())[2]


def test_a_paused_run_says_so_and_what_it_will_still_take() -> None:
    run = gpt2()
    beat(run, "paused")
    text = "\n".join(facts(Watch(run).poll()))
    assert "paused · no checkpoint" in text and "about 90 s left" in text and "tokens/s" not in text


def test_a_run_elsewhere_names_its_host_and_when_it_was_heard() -> None:
    run = make("one", owner=msgspec.structs.replace(runs.me(), host="box7\x1b[2J"))
    assert "elsewhere: on box7␛[2J, which cannot be asked" in facts(Watch(run).poll())[1]
    beat(run, "training", age=1)
    assert "which was heard just now" in facts(Watch(run).poll())[1]
    beat(run, "training", age=7200)
    assert "last heard 2 h ago" in facts(Watch(run).poll())[1]


@pytest.mark.parametrize(
    ("cause", "error", "advice"),
    [
        ("nan", "The loss of step 7 is no number.", "passes over that batch"),
        ("disk", "No space left on device.", "Free some room and resume it"),
        ("memory", "Memory ran out.", "of a smaller size"),
        ("error", "Boom.", ""),
        ("nan", "Step 7 is no number. Resume it with lookboth runs resume.", ""),
    ],
)
def test_a_failure_says_what_to_do(cause: str, error: str, advice: str) -> None:
    run = gpt2()
    end(run, "failed", error, cause=cause)
    text = reason(Watch(run).poll().now)
    assert text.startswith(error) and advice in text
    assert advice or text == error
