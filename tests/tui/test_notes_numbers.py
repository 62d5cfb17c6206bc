"""Every number in the notes has a source, a calculation or a result behind it; every work has its BibTeX."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest
from rich.cells import cell_len
from tokenizers import BertWordPieceTokenizer, ByteLevelBPETokenizer

from core import paths
from core.claims.every import PLANS
from tests.tui.note_numbers import agrees, cited, numbers, orphans, worked_out, works
from tests.tui.note_sums import COUNTED, SUMS, Sum, counted
from tui.notes import bibtex, glossary
from tui.notes import pages as notes
from tui.notes.markdown import pieces

SHIPPED = {note.key: note for note in notes.load()}
REFERENCES = SHIPPED["references"].text
WORKS = works(REFERENCES)
PAGES = [note for key, note in SHIPPED.items() if key != "references"]
RESULTS = paths.assets() / "results"
BIB = bibtex.file().read_text("utf-8")


@pytest.mark.parametrize("note", PAGES, ids=lambda note: note.key)
def test_no_number_is_an_orphan(note: notes.Note) -> None:
    assert orphans(note, WORKS, RESULTS) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("### Why\n\nBERT is right 64 % of the time.\n", "64"),
        ("### Why\n\nBERT is right 64 % of the time (Nobody et al. 2019).\n", "64"),
        ("### Figures\n\n- It is 7 points better\n- Another, 8 (Devlin et al. 2019)\n", "7"),
        ("### Why\n\nIt is 5 times faster.\n", "5"),
        ("### Why\n\nIt has 8d² weights and 4M more.\n", "8 4"),
        ("### Why\n\nIt came in 2017.\n", "2017"),
        ("### Figures\n\n- So it gains 2.7 and 3.1 (our calculation; Vaswani et al. 2017)\n", "2.7 3.1"),
        ("### Figures\n\n- So on German it gained 2.7, or 3.1 (our calculation; Vaswani et al. 2017)\n", "3.1"),
        ("### Why\n\nThat is `log2(8) = 4` bits.\n", "log2(8) = 4"),
        ("### Measure it here\n\nSupported above 77.7 bits.\n", "77.7"),
        ("### Why\n\n```\n mat 34 %\n floor 1,024  C4  12\n```\n", "34 1,024"),
        ("### Figures\n\n- Here it was 0.91 and 0.50 (results: findings/C4-quick)\n", "0.91"),
        ("### Figures\n\n- Here it was 0.91 (results: findings/C4-thorough)\n", "0.91"),
    ],
)
def test_a_made_up_number_is_found(tmp_path: Path, text: str, number: str) -> None:
    (tmp_path / "findings").mkdir()
    result = {"measured": {"gain": {"value": 0.4982, "low": None, "n": 12}}}
    (tmp_path / "findings" / "C4-quick.json").write_text(json.dumps(result), "utf-8")
    note = notes.Note("C4", "T", "mixed", f"## C4 · T\n\n**Verdict:** mixed (so)\n\n{text}")
    assert [orphan.number for orphan in orphans(note, WORKS, tmp_path)] == (
        number.split() if "=" not in number else [number]
    )


def test_what_is_tied_is_no_orphan() -> None:
    text = (
        "## C4 · Wins by 2.3\n\n**Verdict:** mixed (so)\n\n### Why\n\nGPT-2 in pane 3, see C10, 2 of them, `--top 99`; "
        "that is `2^3 = 8`.\n\n### Figures\n\n- It won by 2.3 (Vaswani et al. 2017)\n"
    )
    assert orphans(notes.Note("C4", "T", "mixed", text), WORKS, RESULTS) == []


@pytest.mark.parametrize("one", [*SUMS, *COUNTED], ids=lambda one: f"{one.claim} {one.begins}")
def test_each_calculation_stands_in_its_claim_and_gives_what_is_printed(one: Sum) -> None:
    (piece,) = [piece for piece in pieces(SHIPPED[one.claim].text) if piece.bare.startswith(one.begins)]
    assert "our calculation" in piece.bare
    assert {*one.given.split(), *one.found} <= set(numbers(piece.text))
    for printed, real in one.found.items():
        assert math.isnan(real) == (one in COUNTED)
        assert agrees(printed, real) or math.isnan(real), (printed, real)


def test_what_was_counted_in_data_is_counted_again() -> None:
    corpora = paths.corpora()
    if corpora is None:
        pytest.skip("the corpora are not here")
    real = counted(corpora)
    for printed in (printed for one in COUNTED for printed in one.found):
        assert agrees(printed, real[printed]), (printed, real[printed])


def test_the_primer_cuts_its_example_as_bert_and_gpt2_do() -> None:
    corpora = paths.corpora()
    if corpora is None:
        pytest.skip("the corpora are not here")
    drawn = dict(re.findall(r"^ (text|BERT uncased|GPT-2) +(.+)$", SHIPPED["primer"].text, re.MULTILINE))
    bert = BertWordPieceTokenizer(str(corpora / "tokenizers/bert-base-uncased/vocab.txt"), lowercase=True)
    gpt2 = ByteLevelBPETokenizer(*(str(corpora / f"tokenizers/gpt2/{name}") for name in ("vocab.json", "merges.txt")))
    assert drawn["BERT uncased"].split() == bert.encode(drawn["text"]).tokens[1:-1]
    assert drawn["GPT-2"].replace("_", "Ġ").split() == gpt2.encode(drawn["text"]).tokens


def test_sums_in_code_type_are_worked_out() -> None:
    assert worked_out("-log2(1/8)") == 3
    assert worked_out("2^3 + 2 * 3 - 1") == 13
    with pytest.raises(ValueError, match="Name"):
        worked_out("d * 2")


def test_works_that_are_cited_have_an_entry_and_every_entry_is_cited() -> None:
    used = {note.key: {work for piece in pieces(note.text) for work in cited(piece.bare)} for note in PAGES}
    assert set().union(*used.values()) == WORKS
    for piece in pieces(REFERENCES):
        if piece.kind == "item":
            (work,) = works(f"- {piece.text}")
            said = set(re.findall(r"C\d+", piece.text.rpartition("Cited in")[2]))
            assert said == {key for key, note in SHIPPED.items() if note.claim and work in used[key]}, work
            assert ("in the primer" in piece.text) == (work in used["primer"]), work


def test_every_entry_has_its_own_record_with_the_same_year_and_number() -> None:
    entries = [piece.bare for piece in pieces(REFERENCES) if piece.kind == "item"]
    found = [bibtex.record(entry, BIB) for entry in entries]
    assert sorted(found) == sorted(bibtex.records(BIB))
    assert len(set(found)) == len(entries)
    keys = [re.match(r"@\w+\{(\w+),", record) for record in found]
    assert len({key[1] for key in keys if key}) == len(entries)
    for entry, record in zip(entries, found, strict=True):
        assert {field for field in ("author", "title", "year") if f"  {field} = {{" in record} == {
            "author",
            "title",
            "year",
        }
        assert record.count("{") == record.count("}")
        assert re.findall(r"arXiv:([\d.]+\d)", entry) == re.findall(r"eprint = \{([\d.]+)\}", record), entry
        title = re.search(r"title = \{(.*)\},?$", record, re.MULTILINE)
        assert title and re.sub(r"\W", "", title[1]).lower() in re.sub(r"\W", "", entry).lower(), entry


def test_claims_and_pages_that_are_mentioned_exist() -> None:
    for note in SHIPPED.values():
        for claim in re.findall(r"\bC\d+\b", note.text):
            assert claim in SHIPPED, (note.key, claim)
        assert "[[" not in note.text


@pytest.mark.parametrize("claim", [note for note in PAGES if note.claim], ids=lambda note: note.key)
def test_what_a_claim_says_of_its_experiment_is_true_of_the_plan(claim: notes.Note) -> None:
    section = claim.text.partition("### Measure it here")[2].partition("\n### ")[0]
    plan = PLANS[claim.key]
    assert f"`lookboth check {claim.key}`" in section
    named = {word for knob in plan.knobs for word in (knob.name, *knob.choices)} | set(plan.models) | {"r"}
    assert set(re.findall(r"`([a-z][a-z_-]*)`", section)) <= named
    agree = claim.verdict if claim.verdict != "conditional" else "mixed"
    assert plan.literature == agree


def test_the_glossary_is_sorted_and_explains_what_the_primer_prints_in_bold() -> None:
    terms = glossary.terms(SHIPPED["glossary"].text)
    names = [term.name.lower() for term in terms]
    assert names == sorted(set(names)) and len(names) >= 45
    every = [name.lower() for term in terms for name in (term.name, *term.also)]
    assert len(every) == len(set(every))
    assert all(term.text.count("\n\n") == 0 and term.text.endswith((".", "?")) for term in terms)
    for word in re.findall(r"\*\*([^*]+)\*\*", SHIPPED["primer"].text):
        assert {" ".join(word.split()).lower(), word.lower().removesuffix("s")} & set(every), word


def test_lines_fit_a_terminal_of_80_columns() -> None:
    for path in (paths.assets() / "notes").glob("*.md"):
        fenced = False
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            fenced ^= line.startswith("```")
            room = 80 if not fenced else 72 if path.stem == "primer" else 76  # diagrams stay whole in a narrow pane
            assert cell_len(line) <= room, (path.name, number)
            assert line == line.rstrip() and line.isprintable(), (path.name, number)
