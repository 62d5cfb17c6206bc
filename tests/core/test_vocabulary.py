"""A tokenizer of one's own: the same text gives the same bytes, and it fits what the lab asks of a tokenizer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core import origins
from core.errors import UserError
from core.text import corpus, vocabulary
from core.text.tokens import Tokenizer
from tests.core.toy_runs import TEXT

ROOT = Path(__file__).resolve().parents[2]


def test_it_is_a_tokenizer_for_all_three(tmp_path: Path) -> None:
    count = vocabulary.train(TEXT.split("\n\n"), 320, tmp_path / "new" / "tokenizer")
    assert count == 320
    folder = tmp_path / "new" / "tokenizer"
    assert sorted(path.name for path in folder.iterdir()) == ["tokenizer.json", "tokenizer_config.json"]
    assert origins.entries(folder, masked=True) == 320
    made = Tokenizer.load(folder)
    assert (made.pad, made.unknown, made.start, made.end, made.mask) == (0, 1, 2, 3, 4)
    assert made.mask_takes_space and made.vocabulary == 320
    odd = "The cat sat. \u4f60\u597d \U0001f600 \t\n"
    assert made.decode(made.encode(odd).ids) == odd, "bytes it never saw are still text"
    assert len(made.encode("The cat sat").ids) < 8


def test_a_small_text_gives_what_it_can(tmp_path: Path) -> None:
    count = vocabulary.train(TEXT.split("\n\n"), 5000, tmp_path)
    assert 300 < count < 5000
    assert Tokenizer.load(tmp_path).vocabulary == count


def test_the_same_text_gives_the_same_bytes(tmp_path: Path, home: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from core.text import corpus, vocabulary\n"
        "vocabulary.train(corpus.documents([Path(sys.argv[1])]), 330, Path(sys.argv[2]))"
    )
    made = []
    for threads in ("1", "4"):
        folder = tmp_path / threads
        command = [sys.executable, "-c", code, str(home / "text.txt"), str(folder)]
        subprocess.run(command, cwd=ROOT, env=os.environ | {"RAYON_NUM_THREADS": threads}, check=True, timeout=60)
        made.append((folder / "tokenizer.json").read_bytes())
    assert made[0] == made[1]
    vocabulary.train([TEXT.upper()], 330, tmp_path / "other")
    assert (tmp_path / "other" / "tokenizer.json").read_bytes() != made[0]


def test_a_text_of_a_few_words_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="too short"):
        vocabulary.train(["a b c", "a b c"], 300, tmp_path / "new")
    with pytest.raises(UserError, match="no file"):
        vocabulary.train(corpus.documents([tmp_path / "none.txt"]), 300, tmp_path / "new")
    assert not (tmp_path / "new").exists()
