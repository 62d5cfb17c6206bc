"""Engines that die, that cannot be reached, or that say something strange; and the real one."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal
import sysconfig
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from core import messages as m
from core.errors import UserError
from tests.tui.lab import Lab
from tui.engine import client as engines
from tui.engine import command
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


async def test_sigkill_while_it_works_is_told_and_the_next_request_goes_on(lab: Lab) -> None:
    pid = await lab.pid()
    first, second = asyncio.create_task(lab.ask("sleep 60")), asyncio.create_task(lab.ask("waiting"))
    await lab.started.wait()
    os.kill(pid, signal.SIGKILL)
    for answer in await asyncio.gather(first, second):
        assert isinstance(answer, m.Failed)
        assert "killed by signal 9 (SIGKILL): perhaps out of memory" in answer.why
    death = await lab.heard(Death)
    assert isinstance(death, Death) and death.code == -signal.SIGKILL and lab.engine.phase == "died"
    assert await lab.says("alive") == "alive"
    assert lab.engine.phase == "ready" and not psutil.pid_exists(pid)


async def test_a_crash_in_native_code_is_told_with_its_last_lines(lab: Lab) -> None:
    failed = await lab.fails("segfault")
    assert "signal 11 (SIGSEGV): a crash in native code" in failed.why
    assert "do_segfault" in failed.detail  # faulthandler's dump
    assert await lab.says("alive") == "alive"


async def test_an_exit_code_comes_with_the_last_words(lab: Lab) -> None:
    failed = await lab.fails("exit 3")
    assert failed.why == "exit code 3. last words"


async def test_a_short_life_is_not_repeated_by_itself_and_a_long_one_three_times(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.kill(await lab.pid(), signal.SIGKILL)
    await lab.heard(Death)
    assert lab.engine.phase == "died"
    monkeypatch.setattr(engines, "STABLE", 0.0)
    for life in range(engines.RESTARTS + 1):
        os.kill(await lab.pid(), signal.SIGKILL)
        await lab.heard(Death, life + 2)
        restarts = life < engines.RESTARTS
        assert lab.engine.phase == ("starting" if restarts else "died")
        if restarts:
            await lab.heard(m.Ready, life + 3)
    assert await lab.says("on demand") == "on demand"


async def test_a_banner_before_the_greeting_is_passed_over() -> None:
    lab = Lab("--banner", "60000")
    assert await lab.says("hello") == "hello"
    await lab.engine.stop()


async def test_more_than_a_banner_is_refused() -> None:
    lab = Lab("--banner", "200000")
    failed = await lab.fails("hello")
    assert "no greeting" in failed.why and lab.engine.phase == "died"


async def test_another_protocol_is_refused_with_both_versions() -> None:
    lab = Lab("--major", "9")
    with pytest.raises(UserError) as caught:
        await lab.engine.start()
    assert "9.0" in caught.value.why and "1.0" in caught.value.why and caught.value.hint
    assert "another protocol" in (await lab.fails("hello")).what


async def test_silence_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.engine.greeting.PATIENCE", 0.3)
    failed = await Lab("--silent").fails("hello")
    assert "does not answer" in failed.what


@pytest.mark.parametrize("command", ["/no/such/program", "'", "   "])
async def test_a_command_that_cannot_be_run_is_told(command: str) -> None:
    failed = await Lab(command=command).fails("hello")
    assert "cannot be started" in failed.what and "--engine" in failed.hint


async def test_a_command_that_ends_at_once_is_told_with_its_words() -> None:
    failed = await Lab(command="sh -c 'echo Permission denied >&2; exit 255'").fails("hello")
    assert failed.why == "exit code 255. Permission denied"


async def test_an_answer_that_cannot_be_read_fails_its_request() -> None:
    hello = m.encode(m.Hello(protocol=m.PROTOCOL, build="1", python="3", pid=1)).decode().strip()
    script = f"""printf '%s\\n' '{hello}' '{{"say":"new","id":77}}' 'nonsense'; read line; """
    script += """printf '%s\\n' '{"say":"predicted","id":1,"prediction":null}'; sleep 60"""
    lab = Lab(command=shlex.join(["sh", "-c", script]))
    failed = await lab.fails("hello")
    assert "could not be read" in failed.what
    assert sum(isinstance(news, m.Notice) for news in lab.news) == 2
    await lab.engine.stop()


async def test_a_line_without_end_ends_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.engine.child.LINE_LIMIT", 10_000)
    failed = await Lab().fails("big 30000")
    assert "too long" in failed.what


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (-9, "killed by signal 9 (SIGKILL): perhaps out of memory"),
        (-6, "killed by signal 6 (SIGABRT): a crash in native code"),
        (-63, "killed by signal 63"),
        (0, "it ended by itself"),
        (1, "exit code 1"),
        (137, "exit code 137, which means signal 9 (SIGKILL): perhaps out of memory"),
        (255, "exit code 255"),
    ],
)
def test_exit_codes_are_put_into_words(code: int, cause: str) -> None:
    assert Death(code=code, seconds=1.0).cause == cause


@pytest.mark.parametrize("installed", [True, False])
def test_only_absolute_folders_are_searched_for_modules(monkeypatch: pytest.MonkeyPatch, installed: bool) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", "/opt/torch", ".", "here"]))
    if installed:
        monkeypatch.setattr(sysconfig, "get_path", lambda _: str(ROOT))
    searched = command.environment()["PYTHONPATH"].split(os.pathsep)
    assert searched == (["/opt/torch"] if installed else [str(ROOT), "/opt/torch"])


class TestReal:
    """`python -P -m core serve` itself."""

    async def test_a_folder_called_core_where_the_user_stands_is_not_run(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "core").mkdir()
        for name in ("__init__", "__main__"):
            (tmp_path / "core" / f"{name}.py").write_text("open('taken', 'w')")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", ".", os.environ.get("PYTHONPATH", "")]))
        lab = Lab(command="")
        await lab.engine.start()
        assert isinstance(await lab.heard(m.Hello), m.Hello)
        await lab.engine.stop()
        assert not (tmp_path / "taken").exists()

    async def test_it_ends_in_time_while_torch_is_imported(self) -> None:
        for wait in (0.0, 0.2, 0.5):
            lab = Lab(command="")
            await lab.engine.start()
            pid = (await lab.heard(m.Hello)).pid  # type: ignore[union-attr]
            await asyncio.sleep(wait)  # a different moment of the import each time
            begun = time.monotonic()
            await lab.engine.stop()
            assert time.monotonic() - begun < 0.9 and not psutil.pid_exists(pid)

    async def test_it_becomes_ready_is_nice_and_knows_what_it_does_not_have(self) -> None:
        lab = Lab(command="")
        with contextlib.suppress(asyncio.CancelledError):
            answer = await lab.engine.request(m.Predict(id=lab.engine.fresh(), model="no-such-model", text="a"))
        assert isinstance(answer, m.Failed) and "no-such-model" in answer.what and not answer.detail
        hello, ready = await lab.heard(m.Hello), await lab.heard(m.Ready)
        assert isinstance(hello, m.Hello) and isinstance(ready, m.Ready)
        if ready.device == "cpu":
            assert psutil.Process(hello.pid).nice() >= 10
        await lab.engine.stop()
