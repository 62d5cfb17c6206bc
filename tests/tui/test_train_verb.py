"""`lookboth train`: what a person chose becomes a run with a trainer, or is refused with the reason."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core import paths, runs
from core.plan import Choice
from core.text import documentation
from tests.tui.command_line import LOOKBOTH, ROOT, Shell, lookboth
from tests.tui.test_trainer import instead, until
from tui.runs import logind, trainer, trios

TEXT = "some words to read, again and again\n" * 50


@pytest.fixture
def text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A text; and trainers that end at once."""
    instead(monkeypatch, "pass")
    file = tmp_path / "text.txt"
    file.write_text(TEXT)
    return str(file)


def made(shell: Shell, *words: str) -> Any:
    """The settings of the run that was started."""
    started = shell.json("train", *words)
    run = runs.find(started["id"])
    assert started["path"] == str(run.folder) and started["pid"] > 0 and started["version"] == 1
    settings = run.file().settings
    assert started["texts"] == settings.texts
    return settings


def test_a_run_is_started_and_its_id_printed(shell: Shell, text: str) -> None:
    done = shell("train", "gpt2", text, "--name", "mine")
    assert done.code == 0 and done.out == "mine\n" and done.err == ""
    assert runs.find("mine").file().settings.texts == [text]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("gpt2", "--masks", "80/10/10"), "Only a masked model has masks"),
        (("lstm", "--no-causal-start"), "Only a masked model has masks"),
        (("gpt2", "--frame", "bare"), "--frame is for bert"),
        (("trio", "--frame", "sentences"), "--frame is for bert"),
        (("bert", "--frame", "odd"), "choose crops, sentences, bare"),
        (("bert", "--rows", "-1"), "It may be from 1 to"),
        (("bert", "--masks", "50/50"), "Nothing can be hidden by 50/50: choose mask or 80/10/10."),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    shell: Shell, text: str, words: tuple[str, ...], why: str
) -> None:
    done = shell("train", *words, text)
    assert done.code == 2 and why in done.err and not paths.runs().exists()


def test_every_choice_reaches_the_run(shell: Shell, text: str, own_folder: Path) -> None:
    chosen = made(
        shell, "bert", text, "--layers", "3", "--width", "48", "--heads", "4", "--inner", "96", "--tokens", "300k",
        "--seed", "7", "--tokenizer", str(own_folder), "--threads", "2", "--processes", "2", "--lr", "0.002",
        "--rows", "4", "--length", "32", "--dropout", "0.1", "--no-causal-start", "--masks", "80/10/10",
        "--frame", "sentences",
    )  # fmt: skip
    form = chosen.shape
    assert (form.layers, form.width, form.heads, form.inner) == (3, 48, 4, 96)
    assert (chosen.tokens, chosen.seed, chosen.threads, chosen.processes) == (300_000, 7, 2, 2)
    assert (chosen.lr, chosen.rows, chosen.length, chosen.dropout) == (0.002, 4, 32, 0.1)
    assert chosen.frame == "sentences"
    assert (chosen.causal_start, chosen.replace, chosen.tokenizer) == (0.0, "80/10/10", str(own_folder))


def test_a_budget_is_minutes_tokens_or_steps(shell: Shell, text: str, own_folder: Path) -> None:
    given = (text, "--tokenizer", str(own_folder))
    assert made(shell, "lstm", *given, "--minutes", "2.5").minutes == 2.5
    assert made(shell, "lstm", *given, "--steps", "5", "--rows", "4", "--length", "32").tokens == 5 * 4 * 32
    assert made(shell, "lstm", *given, "--tokens", "1.5M").tokens == 1_500_000


def test_a_text_may_come_in_on_standard_input(shell: Shell, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    (kept,) = made(shell, "gpt2", "-").texts
    assert Path(kept).read_text() == TEXT


def test_without_a_text_it_says_what_it_reads(shell: Shell, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documentation, "file", lambda: Path(text))
    done = shell("train", "gpt2", "--json")
    assert "trains on the Python documentation" in done.err and json.loads(done.out)["texts"] == [text]


def test_json_lines_have_their_text_in_a_field(shell: Shell, text: str, tmp_path: Path) -> None:
    lines = tmp_path / "lines.jsonl"
    lines.write_text(json.dumps({"body": TEXT}) + "\n")
    assert made(shell, "gpt2", str(lines), "--field", "body", "--held-out", text).held_out == [text]
    done = shell("train", "gpt2", str(lines))
    assert done.code == 2 and 'no field "text"' in done.err


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--tokens", "9k", "--steps", "9"), "one of --minutes"),
        (("--tokens", "many"), "no amount"),
        (("--tokens", "0"), "no amount"),
        (("--minutes", "0"), "no time"),
        (("--minutes", "nan"), "no time"),
        (("--preset", "enormous"), "no size called enormous"),
        (("--seeds", "3"), "for a trio"),
        (("--tokenizer", "no-such-model"), "no-such-model"),
        (("--from", "no-such-model"), "no-such-model"),
        (("--lr", "nan"), "learning rate"),
        (("--dropout", "1"), "dropout"),
        (("--name", "../up"), "cannot name a run"),
        (("--name", "\x1b[31mred"), "cannot name a run"),
        (("--masks", "guess"), "80/10/10"),
    ],
)
def test_what_cannot_be_trained_is_2_and_makes_no_run(
    shell: Shell, text: str, words: tuple[str, ...], reason: str
) -> None:
    done = shell("train", "gpt2", text, *words)
    assert done.code == 2 and done.out == "" and reason in done.err and "\x1b" not in done.err
    assert list(runs.every()) == []


BAD: dict[str, tuple[bytes | None, str]] = {
    "missing": (None, "no such file"),
    "empty": (b"", "no text"),
    "binary": (b"GIF89a\0\1", "Byte 6 is NUL"),
    "latin": ("abc ü ".encode("latin-1"), "Byte 4 is not UTF-8"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_text_is_refused(shell: Shell, text: str, tmp_path: Path, name: str) -> None:
    content, reason = BAD[name]
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    done = shell("train", "gpt2", str(file))
    assert done.code == 2 and reason in done.err and (content == b"" or name in done.err) and not list(runs.every())


@pytest.mark.parametrize(("given", "reason"), [(b"", b"is empty"), (b"\0\1", b"is not text")])
def test_standard_input_without_text_is_refused(processes: Path, given: bytes, reason: bytes) -> None:
    done = lookboth("train", "gpt2", "-", given=given)
    assert done.returncode == 2 and reason in done.stderr and done.stdout == b""


def test_the_warning_comes_before_the_run(shell: Shell, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(*_: object) -> None:
        assert "ended at logout" in sys.stderr.getvalue()  # type: ignore[attr-defined]
        raise SystemExit(7)

    monkeypatch.setattr(logind, "warning", lambda: "It is ended at logout.")
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    monkeypatch.setattr(trainer, "start", start)
    assert shell("train", "gpt2", text).code == 7


def test_a_trio_is_started_as_one(shell: Shell, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[Choice, int, str]] = []

    def start(choice: Choice, seeds: int, name: str) -> None:
        seen.append((choice, seeds, name))
        raise SystemExit(0)

    monkeypatch.setattr(trios, "start_trio", start)
    assert shell("train", "trio", text, "--seeds", "3", "--match", "300k", "--minutes", "10", "--name", "t").code == 0
    (choice, seeds, name) = seen[0]
    assert (seeds, name, choice.match, choice.minutes, choice.texts) == (3, "t", 300_000, 10.0, (text,))


def test_the_help_is_grouped_and_fits_80_columns() -> None:
    said = lookboth("train", "--help").stdout.decode()
    headings = ["Arguments", "The model", "How long", "The text", "How it is trained", "The run", "Options"]
    assert [line[:-1] for line in said.splitlines() if line.rstrip(":") in headings and line.endswith(":")] == headings
    assert max(map(len, said.splitlines())) <= 80 and "sbatch --signal=B:USR2@120 --requeue" in said


@pytest.mark.slow
def test_the_whole_way_with_a_real_trainer(processes: Path, own_folder: Path) -> None:
    text = str(paths.assets() / "passages" / "everyday.txt")
    words = ("train", "lstm", text, "--tokenizer", str(own_folder), "--rows", "2", "--length", "16")
    done = lookboth(*words, "--steps", "4", "--name", "whole", "--wait")
    assert done.returncode == 0 and done.stdout == b"whole\n", done.stderr.decode()
    shown = json.loads(lookboth("runs", "show", "whole", "--json").stdout)
    assert shown["state"] == "finished" and shown["step"] >= 4 and shown["pid"] is None
    more = lookboth("runs", "extend", "whole", "--steps", "4", "--wait")
    assert more.returncode == 0, more.stderr.decode()
    again = json.loads(lookboth("runs", "show", "whole", "--json").stdout)
    assert again["state"] == "finished" and again["step"] > shown["step"]


@pytest.mark.slow
def test_a_batch_job_that_is_told_ends_cleanly_and_goes_on(processes: Path, own_folder: Path) -> None:
    text = str(paths.assets() / "passages" / "everyday.txt")
    started = lookboth(
        "train", "gpt2", text, "--tokenizer", str(own_folder), "--rows", "2", "--length", "16", "--steps", "20k",
        "--name", "job",
    )  # fmt: skip
    assert started.returncode == 0, started.stderr.decode()
    run = runs.find("job")

    def past(step: int) -> bool:
        return any(row.get("step", 0) > step for row in run.rows()[0])

    until(lambda: past(0), patience=90)
    assert lookboth("runs", "stop", "job").returncode == 0
    assert lookboth("runs", "watch", "job").returncode == 0
    stopped = run.outcome()
    assert stopped is not None
    job = subprocess.Popen([*LOOKBOTH, "runs", "resume", "job", "--wait"], cwd=ROOT, stderr=subprocess.PIPE)
    until(lambda: past(stopped.step), patience=90)
    job.send_signal(signal.SIGUSR2)
    _, errors = job.communicate(timeout=90)
    assert job.returncode == 0 and b"stopped at step" in errors, errors.decode()
    assert run.alive() is False
