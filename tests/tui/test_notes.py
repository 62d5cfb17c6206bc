"""The notes as they ship, and finding words in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UserError
from tui.notes import pages as notes
from tui.notes.markdown import pieces

SHIPPED = notes.load()
CLAIMS = [note for note in SHIPPED if note.claim]
CITATION = re.compile(r"[A-Z]\w+(?: et al\.| and [A-Z]\w+)? (?:19|20)\d\d")


def write(folder: Path, question: str) -> Path:
    (folder / "1-one.md").write_text(question, "utf-8")
    (folder / "references.md").write_text(
        "# References\n\n- **A 2001.** Work.\n  Cited in\n  C1.\n- **B 2002.** Cited in C10.\n"
    )
    (folder / "about.md").write_text("# About\n\nText.\n", "utf-8")
    return folder


def test_what_ships_is_three_questions_and_ten_claims_in_order() -> None:
    keys = [note.key for note in SHIPPED]
    assert [key for key in keys if key.isdecimal()] == ["1", "2", "3"]
    assert [note.key for note in CLAIMS] == [f"C{number}" for number in range(1, 11)]
    assert keys[-2:] == ["references", "about"]
    belongs = {"1": ("C1", "C4"), "2": ("C5", "C6"), "3": ("C7", "C10")}
    for question, (first, last) in belongs.items():
        assert keys[keys.index(question) + 1] == first
        after = keys[keys.index(last) + 1]
        assert after.isdecimal() or after == "glossary"


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda note: note.key)
def test_every_claim_has_a_verdict_reasons_figures_and_something_to_run(claim: notes.Note) -> None:
    assert claim.verdict in {"supported", "refuted", "mixed", "conditional"}
    assert [line for line in claim.text.splitlines() if line.startswith("### ")] == [
        "### Why",
        "### Figures",
        "### Measure it here",
        "### What you can run",
    ]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda note: note.key)
def test_every_work_that_a_claim_cites_is_among_its_sources(claim: notes.Note) -> None:
    references = next(note for note in SHIPPED if note.key == notes.REFERENCES)
    entries = {piece.line: piece.bare for piece in pieces(references.text)}
    marked = [entries[line] for line in notes.sources(SHIPPED, claim.key)]
    cited = set(
        CITATION.findall(
            " ".join(part for piece in pieces(claim.text) for part in re.findall(r"\(([^()]*)\)", piece.bare))
        )
    )
    assert cited
    for work in cited:
        assert any(entry.startswith(f"{work}.") for entry in marked), f"{claim.key} cites {work}"


def test_a_question_lists_its_claims_with_their_verdicts() -> None:
    question = next(note for note in SHIPPED if note.key == "1")
    page = notes.page(question, SHIPPED)
    for claim in CLAIMS[:4]:
        assert f"**{claim.key}**" in page
        assert claim.verdict in page
    assert "**C5**" not in page


def test_search_counts_every_match_and_reads_over_line_breaks(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        "# Q\n\nOne hidden\nstate, one Hidden  State.\n\n## C1 · T\n\n**Verdict:** mixed (so)\n\n- `hidden` state\n",
    )
    found = notes.search(notes.load(folder), "hidden state")
    assert [(hit.note, hit.line) for hit in found] == [(0, 2), (0, 2), (1, 4)]
    assert found[0].found == "hidden state"
    assert found[1].before.endswith("one ")


def test_search_takes_signs_as_they_are() -> None:
    assert len(notes.search(SHIPPED, "[mask]")) == len(re.findall(r"\[MASK\]", "".join(note.text for note in SHIPPED)))
    assert notes.search(SHIPPED, "(.*)") == []
    assert notes.search(SHIPPED, "  ") == []


@given(st.text(max_size=8))
def test_search_survives_any_words_and_finds_only_them(words: str) -> None:
    for hit in notes.search(SHIPPED, words)[:20]:
        assert hit.found.split()
        assert notes.pattern(words).fullmatch(hit.found)
        assert 0 <= hit.line < len(SHIPPED[hit.note].text.splitlines())


def test_sources_of_c1_are_not_those_of_c10(tmp_path: Path) -> None:
    found = notes.load(write(tmp_path, "# Q\n"))
    assert notes.sources(found, "C1") == [2]
    assert notes.sources(found, "C10") == [5]


@pytest.mark.parametrize("question", ["no heading\n", "# Q\n\n## C1 · a claim\n\nno verdict\n"])
def test_notes_of_another_form_are_refused(tmp_path: Path, question: str) -> None:
    with pytest.raises(UserError):
        notes.load(write(tmp_path, question))


def test_missing_notes_are_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="missing"):
        notes.load(tmp_path)
