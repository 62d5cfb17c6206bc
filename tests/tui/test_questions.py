"""`lookboth predict` and `compare`: results on standard output, the rest on standard error."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.tui.command_line import ENGINE, HOSTILE, LOOKBOTH, answered, asked, lookboth

pytestmark = pytest.mark.usefixtures("processes")


def test_predict_in_json_has_the_shape_that_was_promised() -> None:
    result = answered("predict", "we ___", "--model", "bert", "--top", "2")
    assert result["version"] == 1 and result["text"] == "we ___"
    assert {"name", "revision", "parameters", "kind", "context", "device", "dtype"} <= result["model"].keys()
    slot = result["slots"][0]
    assert slot.keys() == {"start", "end", "kind", "top"} and slot["kind"] == "mask"
    assert len(slot["top"]) == 2 and slot["top"][0].keys() == {"text", "token_id", "prob", "logprob"}


def test_compare_in_json_has_the_shape_that_was_promised() -> None:
    result = answered("compare", "we were here", "--models", "bert, gpt2")
    assert result["version"] == 1 and list(result["models"]) == ["bert", "gpt2"]
    assert {"identity", "kind", "method", "first_token", "unit"} <= result["models"]["gpt2"].keys()
    assert [(word["text"], word["start"], word["end"]) for word in result["words"]] == [
        ("we", 0, 2), ("were", 3, 7), ("here", 8, 12),
    ]  # fmt: skip
    scores = result["words"][0]["scores"]
    assert {"surprisal_bits", "rank", "pieces", "saw", "top"} <= scores["bert"].keys()
    assert scores["gpt2"]["surprisal_bits"] is None and scores["bert"]["surprisal_bits"] == 3.0


def test_compare_as_a_table_says_what_each_model_saw_and_adds_up() -> None:
    done = asked("compare", "we were here", "--models", "bert,gpt2")
    said = done.stdout.decode()
    assert done.returncode == 0 and "bert: masked" in said and "saw both sides" in said and "saw the left only" in said
    lines = [line.split() for line in said.splitlines()]
    assert ["were", "3.00", "2", "were", "3.00", "2", "were"] in lines
    assert ["we", "3.00", "2", "we", "-", "-", "we", "(first)"] in lines
    assert ["total", "9.0", "(3", "of", "3", "words)", "6.0", "(2", "of", "3", "words)"] in lines


def test_a_pipe_gets_every_column_and_no_escape_code() -> None:
    word = "x" * 300
    done = asked("compare", f"a {word}")
    assert word in done.stdout.decode() and b"\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize("words", [("predict", "escape"), ("compare", HOSTILE)])
def test_hostile_text_is_shown_and_not_obeyed(words: tuple[str, ...]) -> None:
    done = asked(*words)
    assert done.returncode == 0
    for raw in ("\x1b", "\x07", "\x9b", "\u202e"):
        assert raw not in done.stdout.decode() + done.stderr.decode()
    assert "␛]52;c;AAAA␇" in done.stdout.decode() and "[MASK][/]" in done.stdout.decode()


def test_hostile_text_in_json_is_escaped_and_means_the_same() -> None:
    done = asked("predict", "escape", "--json")
    assert json.loads(done.stdout)["slots"][0]["top"][0]["text"] == HOSTILE
    assert not {"\x1b", "\x9b", "\u202e"} & set(done.stdout.decode())


def test_text_comes_from_an_argument_a_file_or_standard_input(tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_bytes("\ufeffgrüße aus dem Norden\n".encode())
    for words, given in (
        (("grüße aus dem Norden",), b""),
        (("-",), "grüße aus dem Norden".encode()),
        (("--file", str(file)), b""),
        (("-f", "-"), "grüße aus dem Norden\r\n".encode()),
    ):
        assert answered("predict", *words, given=given)["text"] == "grüße aus dem Norden"


def test_three_thousand_words_pass() -> None:
    text = " ".join(f"word{number}" for number in range(3000))
    assert len(answered("compare", "-", "--models", "bert,gpt2,lstm", given=text.encode())["words"]) == 3000


BAD_FILES: dict[str, tuple[bytes | None, str]] = {
    "empty": (b"", "is empty"),
    "blank": (b" \n\t ", "is empty"),
    "binary": (b"GIF89a\0\1", "Byte 6 is NUL"),
    "latin": ("abc ü".encode("latin-1"), "Byte 4 is 0xfc"),
    "missing": (None, "There is no file"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_no_text_is_named_with_the_reason(tmp_path: Path, name: str) -> None:
    content, reason = BAD_FILES[name]
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    done = asked("compare", "--file", str(file))
    said = done.stderr.decode()
    assert done.returncode == 2 and done.stdout == b"" and reason in said and name in said and said.count("\n") == 1


def test_a_folder_and_a_huge_file_are_refused(tmp_path: Path) -> None:
    huge = tmp_path / "huge"
    with open(huge, "wb") as file:
        file.truncate(65 * 2**20)
    for path, reason in ((tmp_path, "is a folder"), (huge, "too large")):
        done = asked("compare", "--file", str(path))
        assert done.returncode == 2 and reason in done.stderr.decode()


def test_an_argument_that_is_not_utf8_is_refused() -> None:
    done = subprocess.run([*LOOKBOTH, "predict", b"abc \xff"], capture_output=True, timeout=60, check=False)
    assert done.returncode == 2 and b"not UTF-8" in done.stderr


def test_work_that_fails_is_1_with_the_reason() -> None:
    done = asked("predict", "user")
    assert done.returncode == 1 and done.stdout == b""
    assert done.stderr.decode() == "lookboth: This cannot be. It is so. Do otherwise.\n"


def test_a_bug_is_1_with_its_traceback() -> None:
    done = asked("predict", "bug")
    assert done.returncode == 1 and b"bug in Lookboth" in done.stderr and b"do_bug" in done.stderr


def test_an_engine_that_dies_is_1_and_says_how() -> None:
    done = asked("predict", "segfault")
    assert done.returncode == 1 and b"SIGSEGV" in done.stderr


def test_ctrl_c_is_130_and_leaves_nothing() -> None:
    process = subprocess.Popen(
        [*LOOKBOTH, "--engine", ENGINE, "predict", "sleep 600"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    children: list[Any] = []
    end = time.monotonic() + 20
    while not children and time.monotonic() < end:
        children = psutil.Process(process.pid).children()
        time.sleep(0.01)
    assert children
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130 and errors == b"lookboth: Cancelled.\n"
    assert psutil.wait_procs(children, timeout=2)[1] == []


def test_a_reader_that_leaves_early_is_no_crash() -> None:
    words = shlex.join([*LOOKBOTH, "--engine", ENGINE, "compare", "-"])
    text = " ".join(["word"] * 20_000)
    done = subprocess.run(["sh", "-c", f"{words} | head -1"], input=text.encode(), capture_output=True, check=False)
    assert b"Traceback" not in done.stderr and done.stdout.startswith(b"bert: masked")


def test_notes_are_narration() -> None:
    done = asked("predict", "hello", "--json")
    assert done.stderr == b"note: noted\n" and json.loads(done.stdout)["notes"] == ["noted"]


def test_the_whole_way_with_torch(own_folder: Path, tmp_path: Path) -> None:
    from tests.core import folders

    models = [str(folders.model(tmp_path / family, family, own_folder)) for family in ("bert", "gpt2", "lstm")]
    text = "Émile said: [MASK] [/] <|endoftext|> \x1b[31m 你好 👩‍🔬 and left."
    done = lookboth("compare", text, "--models", ",".join(models), "--json", "--top", "2")
    assert done.returncode == 0, done.stderr.decode()
    result = json.loads(done.stdout)
    assert list(result["models"]) == models and result["text"] == text
    assert "".join(word["text"] for word in result["words"]).replace(" ", "") == text.replace(" ", "")
    predicted = lookboth("predict", "the old ___ stands", "--model", models[1])
    assert predicted.returncode == 0 and "the left only" in predicted.stdout.decode(), predicted.stderr.decode()
