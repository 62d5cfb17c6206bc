"""`lookboth scan`: a table, JSON, what cannot be, and ctrl+c."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.scans import FOREVER, REFUSED
from tests.tui.command_line import ENGINE, LOOKBOTH, answered, asked, lookboth

pytestmark = pytest.mark.usefixtures("processes")


def test_it_prints_a_ranked_table(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("some words")
    done = asked("scan", str(tmp_path / "a.txt"), "--top", "3")
    said = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    assert "GPT-2 against BERT by bits · 120 words in 4 passages, seed 1" in said and "Δ bits" in said
    rows = [line.split() for line in said.splitlines() if "◂" in line]
    assert [row[:3] for row in rows] == [["+12.0", "◂", "door."], ["+11.0", "◂", "old"], ["+10.0", "◂", "the"]]
    assert rows[0][3:9] == ["3.0", "4", "was", "15.0", "8192", "door."] and "note: 2 word(s)" in done.stderr.decode()


def test_json_has_every_number() -> None:
    found = answered("scan", "-", "-m", "gpt2,lstm", "--by", "overlap", "--limit", "7", "--seed", "2", given=b"a b c")
    assert (found["by"], found["limit"], found["seed"], list(found["models"])) == ("overlap", 7, 2, ["gpt2", "lstm"])
    hit = found["hits"][0]
    assert hit["text"][hit["start"] : hit["end"]] == "door." and set(hit["scores"]) == {"gpt2", "lstm"}
    assert hit["scores"]["lstm"]["top"][0]["text"] == " door." and found["version"] == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("-", "--models", "bert"), 2, "two models"),
        (("-", "--seed", str(REFUSED)), 1, "cannot be scanned"),
        (("/no/such/file",), 2, "no file"),
    ],
)
def test_what_cannot_be_is_refused(words: tuple[str, ...], code: int, said: str) -> None:
    done = asked("scan", *words, given=b"some text")
    assert done.returncode == code and said in done.stderr.decode() and not done.stdout


def test_ctrl_c_cancels() -> None:
    words = [*LOOKBOTH, "--engine", ENGINE, "scan", "-", "--seed", str(FOREVER)]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stderr is not None and process.stdin is not None
    process.stdin.write(b"some text")
    process.stdin.close()
    process.stdin = None
    seen, end = b"", time.monotonic() + 30
    while b"left" not in seen and time.monotonic() < end:
        seen += process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130 and not out and b"Cancelled" in err


@pytest.mark.parametrize("verb", ["scan", "sweep"])
@pytest.mark.parametrize(
    ("content", "reason"), [(None, "There is nothing to read in"), (b"", "no text in"), (b"a\0b", "not a text file")]
)
def test_a_text_that_cannot_be_read_is_bad_input_and_starts_no_engine(
    tmp_path: Path, verb: str, content: bytes | None, reason: str
) -> None:
    path = tmp_path / "text.txt"
    if content is not None:
        path.write_bytes(content)
    done = lookboth(verb, str(path))
    said = done.stderr.decode()
    assert done.returncode == 2 and reason in said and "opening" not in said and not done.stdout
