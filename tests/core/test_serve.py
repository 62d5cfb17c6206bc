"""The engine as a process, with work that needs no torch: its wire, its answers, its end."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import messages as m
from tests import fake_engine
from tests.core.talk import Talk
from tests.ending import ended


@pytest.fixture
def talk() -> Iterator[Talk]:
    talk = Talk()
    yield talk
    talk.close()


@pytest.fixture(scope="module")
def lasting() -> Iterator[Talk]:
    """One engine for all examples of a property: each of them must leave it in order."""
    talk = Talk()
    yield talk
    talk.close()


def test_it_says_hello_first_and_then_that_it_is_ready(talk: Talk) -> None:
    hello, ready = talk.event(), talk.event()
    assert isinstance(hello, m.Hello) and hello.protocol == m.PROTOCOL and hello.pid == talk.process.pid
    assert isinstance(ready, m.Ready)


def test_hello_does_not_wait_for_what_is_heavy() -> None:
    talk = Talk("--prepare", "600")
    assert isinstance(talk.event(), m.Hello)
    talk.close()


def test_no_print_can_break_the_wire(talk: Talk) -> None:
    number = talk.ask("noise 20")
    events = talk.until(lambda event: isinstance(event, m.Final))
    assert isinstance(events[-1], m.Predicted) and events[-1].id == number
    assert events[-1].prediction.slots[0].top[0].text == "input is at its end"
    errors = talk.close()
    for noise in (b'"cancelled"', b"noise from C", b"raw noise", b"noise from a child"):
        assert errors.count(noise) == 20


def test_a_line_of_300_kB_passes_both_ways(talk: Talk) -> None:
    assert talk.says(talk.ask("x" * 300_000)) == "x" * 300_000


def test_an_answer_longer_than_a_line_may_be_is_a_failure(talk: Talk) -> None:
    assert "too long" in talk.failure(talk.ask(f"big {m.LINE_LIMIT}")).what
    assert talk.says(talk.ask("alive")) == "alive"


def test_a_request_longer_than_a_line_may_be_is_passed_over(talk: Talk) -> None:
    talk.write(b"y" * (m.LINE_LIMIT + 70_000) + b"\n")
    events = talk.until(lambda event: isinstance(event, m.Notice))
    assert isinstance(events[-1], m.Notice) and events[-1].level == "error"
    assert talk.says(talk.ask("alive")) == "alive"


def test_a_cancelled_request_is_answered_within_a_batch(talk: Talk) -> None:
    number = talk.ask("sleep 60")
    talk.until(lambda event: isinstance(event, m.Progress) and event.id == number)
    begun = time.monotonic()
    talk.cancel(number)
    assert talk.final(number) == m.Cancelled(id=number)
    assert time.monotonic() - begun < 1.0


def test_a_waiting_request_is_cancelled_while_another_is_worked_on(talk: Talk) -> None:
    first, second, third = talk.ask("sleep 60"), talk.ask("never"), talk.ask("at last")
    talk.until(lambda event: isinstance(event, m.Progress))
    talk.cancel(second)
    assert talk.final(second) == m.Cancelled(id=second)
    talk.cancel(first)
    assert talk.final(first) == m.Cancelled(id=first)
    assert talk.says(third) == "at last"


def test_a_request_can_be_cancelled_before_the_engine_is_ready() -> None:
    talk = Talk("--prepare", "600")
    number = talk.ask("too early")
    talk.cancel(number)
    assert talk.final(number) == m.Cancelled(id=number)
    talk.close()


def test_progress_is_the_latest_only_and_ten_a_second_at_most(talk: Talk) -> None:
    number = talk.ask("flood 20000")
    begun = time.monotonic()
    events = talk.until(lambda event: isinstance(event, m.Final))
    seconds = time.monotonic() - begun
    done = [event.done for event in events if isinstance(event, m.Progress) and event.id == number]
    assert len(done) <= 10 * seconds + 2
    assert done == sorted(done)


def test_no_progress_follows_the_answer(talk: Talk) -> None:
    numbers = [talk.ask("flood 50") for _ in range(20)]
    last = talk.ask("sleep 0.3")  # time enough for whatever was held back
    ended: set[int] = set()
    for event in talk.until(lambda event: isinstance(event, m.Final) and event.id == last):
        if isinstance(event, m.Progress):
            assert event.id not in ended
        elif isinstance(event, m.Final):
            ended.add(event.id)
    assert ended == {*numbers, last}


def test_a_mistake_of_the_user_is_told_in_three_parts(talk: Talk) -> None:
    number = talk.ask("user")
    assert talk.failure(number) == m.Failed(id=number, what="This cannot be.", why="It is so.", hint="Do otherwise.")


def test_a_bug_comes_with_its_traceback_and_the_engine_goes_on(talk: Talk) -> None:
    failed = talk.failure(talk.ask("bug"))
    assert "ZeroDivisionError" in failed.why and "do_bug" in failed.detail
    assert talk.says(talk.ask("alive")) == "alive"


@pytest.mark.parametrize("how", ["torch", "python"])
def test_without_memory_it_advises_and_lets_go_of_models(talk: Talk, how: str) -> None:
    failed = talk.failure(talk.ask(f"memory {how}"))
    assert "memory" in failed.what and "smaller model" in failed.hint and not failed.detail
    assert talk.says(talk.ask("relieved")) == "1"


@pytest.mark.parametrize(("text", "name"), [("panic", "Panic"), ("leave", "SystemExit")])
def test_what_is_no_exception_is_an_answer_and_a_warning(talk: Talk, text: str, name: str) -> None:
    assert name in talk.failure(talk.ask(text)).why
    notice = talk.until(lambda event: isinstance(event, m.Notice))[-1]
    assert isinstance(notice, m.Notice) and "restart" in notice.text and notice.level == "error"
    assert talk.says(talk.ask("alive")) == "alive"


def test_what_can_wait_is_done_once_and_after_the_first_answer(talk: Talk) -> None:
    number = talk.ask("first")
    events = talk.until(lambda event: event == m.Notice(text="leisure"))
    assert [event.id for event in events if isinstance(event, m.Final)] == [number]
    talk.final(talk.ask("second"))
    number = talk.ask("sleep 0.7")  # longer than the engine would wait before it did it again
    later = talk.until(lambda event: isinstance(event, m.Final) and event.id == number)
    assert m.Notice(text="leisure") not in later


def test_a_line_without_sense_is_answered_to_its_id_where_it_has_one(talk: Talk) -> None:
    talk.write(b'{"ask":"sweep","id":41,"model":"bert"}\n')
    assert "understand" in talk.failure(41).what
    number = talk.ask("sleep 60")
    talk.until(lambda event: isinstance(event, m.Progress))
    talk.write(m.encode(m.Predict(id=number, model="bert", text="again")))
    talk.write(b'{"ask":"sweep","id":%d}\n' % number)
    for _ in range(2):
        assert isinstance(talk.until(lambda event: isinstance(event, m.Notice))[-1], m.Notice)
    talk.cancel(number)
    assert talk.final(number) == m.Cancelled(id=number)
    assert talk.says(talk.ask("alive")) == "alive"


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.binary(max_size=200).filter(lambda raw: b'"id"' not in raw), max_size=5))
def test_garbage_does_not_end_it(lasting: Talk, lines: list[bytes]) -> None:
    lasting.write(b"".join(line + b"\n" for line in lines))
    sent = sum(1 for line in b"\n".join(lines).split(b"\n") if line)
    number = lasting.ask("alive")
    events = lasting.until(lambda event: isinstance(event, m.Final))
    assert isinstance(events[-1], m.Predicted) and events[-1].id == number
    assert sum(isinstance(event, m.Notice) and event.level == "error" for event in events) == sent


def test_every_request_has_exactly_one_answer_whatever_is_cancelled(lasting: Talk) -> None:
    dice = random.Random(7)
    for _ in range(40):
        asked: list[int] = []
        ended: Counter[int] = Counter()
        for _ in range(dice.randrange(1, 9)):
            asked.append(lasting.ask(dice.choice(["quick", "sleep 0.01", "sleep 60", "bug", "user", "flood 20"])))
            for target in dice.sample(asked, dice.randrange(len(asked) + 1)):
                lasting.cancel(target)
            lasting.cancel(10_000_000)
            time.sleep(dice.choice([0, 0, 0.003]))  # so that cancellations meet every state
        for target in asked:
            lasting.cancel(target)
        last = lasting.ask("last")
        for event in lasting.until(lambda event: isinstance(event, m.Final) and event.id == last):  # noqa: B023
            if isinstance(event, m.Final):
                ended[event.id] += 1
        assert ended == Counter([*asked, last])


def test_it_ends_with_its_input(talk: Talk) -> None:
    talk.ask("stubborn")
    talk.until(lambda event: isinstance(event, m.Progress))
    assert talk.process.stdin is not None
    talk.process.stdin.close()
    assert talk.process.wait(2.0) == 0


def test_it_ends_when_nobody_reads_any_more(talk: Talk) -> None:
    talk.event()
    assert talk.process.stdout is not None
    talk.process.stdout.close()
    talk.ask("sleep 60")
    assert talk.process.wait(2.0) == 0


PARENT = """
import os, subprocess, sys
engine = subprocess.Popen([sys.executable, "-P", sys.argv[1]], stdin=int(sys.argv[2]), stdout=int(sys.argv[3]))
print(engine.pid, flush=True)
engine.wait()
"""


def test_it_ends_when_its_parent_does_though_others_hold_its_pipes_open() -> None:
    requests, events = os.pipe(), os.pipe()
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(fake_engine.ITSELF), str(requests[0]), str(events[1])],
        pass_fds=(requests[0], events[1]), stdout=subprocess.PIPE,
    )  # fmt: skip
    assert parent.stdout is not None
    engine = int(parent.stdout.readline())
    assert b"hello" in os.read(events[0], 65536)  # it runs, and knows its parent
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    assert ended(engine, 3.0)
    for descriptor in (*requests, *events):
        os.close(descriptor)
