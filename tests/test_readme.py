"""The README keeps its word: its tree, its commands, its pictures."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tree import END, ROOT, START, tree

README = (ROOT / "README.md").read_text("utf-8")
LOOKBOTH = str(Path(sys.executable).with_name("lookboth"))


def test_the_tree_is_the_real_one() -> None:
    assert START + tree() + END in README, "run python -m tests.tree"


def test_every_file_has_a_line_that_says_what_it_is() -> None:
    for line in tree().splitlines():
        name, _, what = line.strip().partition(" ")
        assert what.strip() or name == "docs/", line


def test_its_pictures_and_links_are_there() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).is_file(), target


def test_its_make_targets_exist() -> None:
    for target in re.findall(r"^make (\S+)", README, re.MULTILINE):
        assert subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True).returncode == 0, target


@pytest.mark.parametrize("verb", sorted(set(re.findall(r"^lookboth (\w+)", README, re.MULTILINE))))
def test_its_verbs_exist_with_their_options(verb: str) -> None:
    told = subprocess.run([LOOKBOTH, verb, "--help"], capture_output=True, text=True)
    assert told.returncode == 0
    for line in re.findall(rf"^lookboth {verb} .*", README, re.MULTILINE):
        for option in re.findall(r" (--[a-z-]+)", line):
            assert option in told.stdout, (verb, option)


def test_no_file_of_the_house_is_too_long() -> None:
    for path in [*(ROOT / "core").rglob("*.py"), *(ROOT / "tui").rglob("*.py")]:
        assert len(path.read_text("utf-8").splitlines()) <= 300, path
