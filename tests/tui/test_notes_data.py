"""What the notes are made of besides their pages: links, history, the glossary, and BibTeX."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.notes import bibtex, glossary, known, pages
from tui.notes.history import History
from tui.notes.links import cited, links
from tui.notes.markdown import pieces, typeset

GLOSSARY = """# Glossary

Words.

## attention

Looks at `[MASK]` and
others.

also: self-attention, key

## hidden state

What an LSTM passes on, as attention does not.
"""


def test_links_are_claims_and_citations_but_not_the_note_itself() -> None:
    text = "See C7 and C10, not C11 or XC1 (Vaswani et al. 2017; Samuel 2024; in May 2020)."
    found = [(text[link.start : link.end], link.key) for link in links(text, "C7")]
    assert found == [("C10", "C10"), ("Vaswani et al. 2017", "references"), ("Samuel 2024", "references")]
    assert next(link.key for link in links(text)) == "C7"


def test_every_citation_that_is_a_link_has_its_entry() -> None:
    notes = pages.load()
    references = next(note for note in notes if note.key == pages.REFERENCES)
    wanted = {
        link.entry
        for note in notes
        if note.key != pages.REFERENCES
        for piece in pieces(note.text)
        if piece.kind in ("text", "item")
        for link in links(piece.bare)
        if link.entry
    }
    assert wanted
    for entry in wanted:
        assert pages.entry(references, f"{entry}.") is not None, entry


def test_stops_stand_where_their_links_are() -> None:
    text = "# T\n\n" + "word " * 30 + "then C3 and more words, C4.\n\n- **A 2001.** Work. Cited in C1, C2.\n"
    page = typeset(text, 30, chosen=1)
    rows = page.content.plain.split("\n")
    assert [stop.link.key for stop in page.stops] == ["C3", "C4", "C1"]
    assert all(key in rows[stop.row] for key, stop in zip(("C3", "C4", "A 2001."), page.stops, strict=True))
    assert typeset(text, 30, chosen=2).content.plain.split("\n")[page.stops[2].row].startswith(" ▸• A 2001.")


def test_who_cites_a_work() -> None:
    assert cited("A. Cited in C1,\nC10.") == ["C1", "C10"]
    assert cited("A. Cited in the primer.") == ["primer"]
    assert cited("Cited by nobody.") == []


def test_history_goes_back_and_forth_and_forgets_what_lay_ahead() -> None:
    history = History()
    assert history.go(-1) is None
    for key in ("C1", "C1", "C2", "C3"):
        history.visit(key)
    assert [history.go(-1), history.go(-1), history.go(-1)] == ["C2", "C1", None]
    assert history.go(1) == "C2"
    history.visit("C9")
    assert history.go(1) is None and history.go(-1) == "C2"


def test_the_glossary_is_read_and_ranked() -> None:
    terms = glossary.terms(GLOSSARY)
    assert [(term.name, term.also, term.line) for term in terms] == [
        ("attention", ("self-attention", "key"), 4),
        ("hidden state", (), 11),
    ]
    assert terms[0].text == "Looks at `[MASK]` and\nothers."
    assert [term.name for term in glossary.fitting(terms, "  Self-Att ")] == ["attention"]
    assert [term.name for term in glossary.fitting(terms, "attention")] == ["attention", "hidden state"]
    assert [term.name for term in glossary.fitting(terms, "state")] == ["hidden state"]
    assert glossary.fitting(terms, "[mask] and others") == terms[:1]
    assert glossary.fitting(terms, "") == terms and glossary.fitting(terms, "zzz") == []


@given(st.text(max_size=60))
def test_no_page_and_no_word_harms_the_glossary(text: str) -> None:
    assert glossary.fitting(glossary.terms(text), text) is not None


def test_every_reference_has_its_own_bibtex() -> None:
    references = next(note for note in pages.load() if note.key == pages.REFERENCES)
    entries = [piece.bare for piece in pieces(references.text) if piece.kind == "item"]
    found = [bibtex.read(entry) for entry in entries]
    missing = [entry[:30] for entry, record in zip(entries, found, strict=True) if not record]
    assert not missing
    assert len(set(found)) == len(entries) > 20


def test_two_works_of_one_author_and_year_are_told_apart_by_their_titles() -> None:
    one = "@article{a,\n  author = {Doe, Jo},\n  title = {The {LSTM}},\n  year = {2001}\n}\n"
    other = one.replace("The {LSTM}", "Another")
    assert "Another" in bibtex.record("Doe 2001. Jo Doe. Another. Cited in C1.", one + other)
    assert "LSTM" in bibtex.record("Doe 2001. Jo Doe. The LSTM. Cited in C1.", one + other)
    assert bibtex.record("Doe 2002. Jo Doe. The LSTM.", one + other) == "" == bibtex.record("x", one)


@pytest.mark.parametrize(("control", "stands"), [("none", True), ("shuffled", False)])
def test_the_verdict_of_a_control_does_not_stand_on_the_card(control: str, stands: bool) -> None:
    from tests.tui.findings import finding

    before = known.Known(thorough=finding(thorough=True))
    made = finding(knobs={"control": control})
    after = before.with_new(made, 5.0)
    assert after.last == made and (after.best == made) is stands
    assert (control in known.source(made, 5.0)) is not stands
