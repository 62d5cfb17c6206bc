"""The front end's side of the engine, against real processes whose work needs no torch."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from core import messages as m
from tests.ending import ended
from tests.tui.lab import COMMAND, Lab
from tui.engine import client as engines
from tui.engine.death import Death

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
async def lab() -> AsyncIterator[Lab]:
    lab = Lab()
    yield lab
    await lab.engine.stop()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LOOKBOTH_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


async def test_it_starts_with_the_first_request(lab: Lab) -> None:
    assert lab.engine.phase == "off"
    assert await lab.says("hello") == "hello"
    assert lab.engine.phase == "ready" and lab.engine.ready is not None
    assert [type(news) for news in lab.news[:2]] == [m.Hello, m.Ready]


async def test_it_can_be_launched_before_there_is_an_event_loop() -> None:
    lab = Lab()
    await asyncio.to_thread(lab.engine.launch)
    first = await lab.pid()
    assert first == (await lab.pid())
    await lab.engine.stop()


async def test_one_that_was_launched_and_never_used_is_ended() -> None:
    lab = Lab()
    lab.engine.launch()
    assert lab.engine._child is not None
    pid = lab.engine._child.pid
    await lab.engine.stop()
    assert not psutil.pid_exists(pid) and lab.engine.phase == "off"


async def test_requests_at_once_share_one_engine(lab: Lab) -> None:
    pids = await asyncio.gather(*(lab.says("pid") for _ in range(5)))
    assert len(set(pids)) == 1


async def test_a_line_of_300_kB_passes(lab: Lab) -> None:
    assert await lab.says("y" * 300_000) == "y" * 300_000


async def test_a_text_that_no_line_can_hold_is_refused_at_once(lab: Lab) -> None:
    failed = await lab.fails("y" * m.LINE_LIMIT)
    assert "too long" in failed.what and lab.engine.phase == "off"


async def test_half_a_character_does_not_stop_a_request(lab: Lab) -> None:
    assert await lab.says("a\ud800b") == "a\ufffdb"


async def test_noise_does_not_break_the_wire_and_is_kept_in_the_log(lab: Lab, home: Path) -> None:
    assert await lab.says("noise 3") == "input is at its end"
    await lab.engine.stop()
    log = (home / "state" / "engine.log").read_text()
    assert log.count("noise from C") == 3 and log.count("noise from a child") == 3


async def test_a_log_that_cannot_be_written_is_no_reason_to_fail(home: Path) -> None:
    home.write_text("a file where the folder should be")
    lab = Lab()
    assert await lab.says("hello") == "hello"
    await lab.engine.stop()


async def test_progress_comes_before_the_answer_and_not_after(lab: Lab) -> None:
    assert await lab.says("hello") == "hello"
    seen: list[m.Progress] = []
    message = m.Predict(id=lab.engine.fresh(), model="bert", text="sleep 0.25")
    await lab.engine.request(message, seen.append)
    count = len(seen)
    assert count >= 2 and {event.id for event in seen} == {message.id}
    await lab.says("hello")
    assert len(seen) == count


async def test_a_handler_that_fails_does_not_deafen_the_front_end(lab: Lab) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError

    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    lab.engine.on_news = broken
    message = m.Predict(id=lab.engine.fresh(), model="bert", text="sleep 0.1")
    assert isinstance(await lab.engine.request(message, broken), m.Predicted)


async def test_an_id_cannot_be_used_twice_at_once(lab: Lab) -> None:
    first = asyncio.create_task(lab.ask("sleep 60"))
    await lab.started.wait()
    with pytest.raises(ValueError, match="open"):
        await lab.engine.request(m.Check(id=1))
    await lab.engine.cancel(1)
    assert await first == m.Cancelled(id=1)


async def test_a_request_whose_task_is_cancelled_frees_the_engine(lab: Lab) -> None:
    pid = await lab.pid()
    task = asyncio.create_task(lab.ask("sleep 60"))
    await lab.started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(2):
        assert await lab.pid() == pid


async def test_cancel_is_answered_within_a_batch(lab: Lab) -> None:
    pid = await lab.pid()
    task = asyncio.create_task(lab.ask("sleep 60"))
    await lab.started.wait()
    begun = time.monotonic()
    await lab.engine.cancel(2)
    assert await task == m.Cancelled(id=2)
    assert time.monotonic() - begun < 1
    assert await lab.pid() == pid


@pytest.mark.parametrize(("text", "number"), [("stubborn", signal.SIGTERM), ("stubborn deaf", signal.SIGKILL)])
async def test_work_that_does_not_stop_is_ended_and_a_new_engine_started(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, text: str, number: signal.Signals
) -> None:
    monkeypatch.setattr(engines, "POLITE", 0.2)
    monkeypatch.setattr(engines, "FIRM", 0.2)
    pid = await lab.pid()
    task = asyncio.create_task(lab.ask(text))
    await lab.started.wait()
    waiting = asyncio.create_task(lab.ask("waiting"))
    await asyncio.sleep(0)
    await lab.engine.cancel(2)
    assert await task == m.Cancelled(id=2)
    other = await waiting
    assert isinstance(other, m.Failed) and number.name in other.why
    assert lab.engine.death is not None and lab.engine.death.code == -number
    assert await lab.pid() != pid and not psutil.pid_exists(pid)


async def test_a_request_that_was_not_sent_yet_is_cancelled_without_force() -> None:
    lab = Lab(command=f"sh -c 'sleep 0.3; exec {COMMAND}'")
    task = asyncio.create_task(lab.ask("too early"))
    await asyncio.sleep(0)
    await lab.engine.cancel(1)
    assert await task == m.Cancelled(id=1)
    assert await lab.says("hello") == "hello"
    await lab.engine.stop()


async def test_restart_gives_another_process(lab: Lab) -> None:
    pid = await lab.pid()
    await lab.engine.restart()
    assert await lab.pid() != pid and not psutil.pid_exists(pid)
    assert not any(isinstance(news, Death) for news in lab.news)


async def test_stop_cancels_what_is_open_and_leaves_nothing(lab: Lab) -> None:
    pid = await lab.pid()
    task = asyncio.create_task(lab.ask("stubborn deaf"))
    await lab.started.wait()
    begun = time.monotonic()
    await lab.engine.stop()
    assert time.monotonic() - begun < 0.9
    assert await task == m.Cancelled(id=2)
    assert not psutil.pid_exists(pid)
    assert lab.engine.phase == "off" and not any(isinstance(news, Death) for news in lab.news)
    await lab.engine.stop()  # again, and nothing happens


async def test_stop_may_come_at_any_moment_of_the_start() -> None:
    for steps in range(12):
        lab = Lab()
        task = asyncio.create_task(lab.ask("hello"))
        for _ in range(steps):
            await asyncio.sleep(0)
        pid = lab.engine._child.pid if lab.engine._child else None
        await lab.engine.stop()
        if pid is None:  # then the request comes after the stop, and starts an engine of its own
            assert isinstance(await task, m.Predicted)
            await lab.engine.stop()
        else:
            assert isinstance(await task, m.Cancelled | m.Failed)
            assert not psutil.pid_exists(pid)


async def test_a_loop_that_ends_without_stop_leaves_no_process(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys\nfrom tui.engine import Engine\n"
        "async def main():\n    engine = Engine(sys.argv[1])\n    await engine.start()\n"
        "    print(engine._child.pid, flush=True)\nasyncio.run(main())\n"
    )
    front = subprocess.run([sys.executable, "-c", code, COMMAND], cwd=ROOT, capture_output=True, timeout=10, check=True)
    assert front.stderr == b"" and ended(int(front.stdout), 2)


async def test_a_front_end_that_is_killed_takes_its_engine_along(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys\nfrom core.messages import Predict\nfrom tui.engine import Engine\n"
        "async def main():\n    engine = Engine(sys.argv[1])\n    await engine.start()\n"
        "    print(engine._child.pid, flush=True)\n"
        "    await engine.request(Predict(id=1, model='bert', text='stubborn deaf'))\nasyncio.run(main())\n"
    )
    front = subprocess.Popen([sys.executable, "-c", code, COMMAND], cwd=ROOT, stdout=subprocess.PIPE)
    assert front.stdout is not None
    pid = int(front.stdout.readline())
    front.kill()
    front.communicate()
    assert ended(pid, 2)


async def test_ctrl_c_in_the_terminal_is_not_for_the_engine(lab: Lab) -> None:
    pid = await lab.pid()
    assert os.getsid(pid) == pid and os.getpgid(pid) == pid
