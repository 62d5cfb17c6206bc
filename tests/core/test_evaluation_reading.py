"""Sets from their files: every kind, every mistake by its line, and the same draw for the same seed."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from core import paths, sets
from core.errors import UserError
from core.evaluation import reading
from core.evaluation.items import Facts, Pairs, Text
from tests.core.evaluating import lines

PAIR = {"UID": "agreement", "sentence_good": "The key is here.", "sentence_bad": "The key are here."}


def test_a_text_is_read_as_it_lies_there(tmp_path: Path) -> None:
    path = tmp_path / "some.txt"
    path.write_bytes(b"One  two.\r\n\n \nThree\n")
    asked = reading.read(str(path), False, 1)
    assert isinstance(asked, Text) and asked.text == "One  two.\r\n\n \nThree\n"
    about = asked.about
    assert (about.name, about.kind, about.items, about.taken) == ("some.txt", "text", 20, 20)
    assert about.sha256 == hashlib.sha256(path.read_bytes()).hexdigest() and about.path == str(path)


@pytest.mark.parametrize("names", [("sentence_good", "sentence_bad"), ("good", "bad")])
@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.xz"])
def test_pairs_are_known_by_their_fields(tmp_path: Path, names: tuple[str, str], suffix: str) -> None:
    path = lines(tmp_path / f"pairs{suffix}", {"UID": "x", "field": "y", names[0]: "a", names[1]: "b\u2028c"})
    asked = reading.read(str(path), False, 1)
    assert isinstance(asked, Pairs) and asked.about.kind == "pairs"
    assert asked.items == (("a", "b\u2028c", "x"),)


def test_of_every_paradigm_as_many_are_drawn_and_everything_is_everything(tmp_path: Path) -> None:
    records = [{"UID": f"p{n % 3}", "good": f"good {n}", "bad": f"bad {n}"} for n in range(300)]
    records += [{"UID": "small", "good": f"few {n}", "bad": "b"} for n in range(7)]
    path = str(lines(tmp_path / "pairs.jsonl", *records))
    one, same, other, whole = (reading.read(path, everything, seed) for everything, seed in
                               ((False, 1), (False, 1), (False, 2), (True, 1)))  # fmt: skip
    assert one == same and one != other
    for asked in (one, other):
        assert isinstance(asked, Pairs) and (asked.about.items, asked.about.taken) == (307, 157)
        groups = [pair.group for pair in asked.items]
        assert [groups.count(name) for name in ("p0", "p1", "p2", "small")] == [50, 50, 50, 7]
        numbers = [int(pair.good.split()[1]) for pair in asked.items if pair.group != "small"]
        assert numbers == sorted(set(numbers))  # the order of the file, nothing twice
    assert isinstance(whole, Pairs) and len(whole.items) == 307


def test_what_is_drawn_of_a_paradigm_does_not_depend_on_the_others(tmp_path: Path) -> None:
    mine = [{"UID": "mine", "good": f"good {n}", "bad": "b"} for n in range(80)]
    alone = reading.read(str(lines(tmp_path / "a.jsonl", *mine)), False, 1)
    among = reading.read(str(lines(tmp_path / "b.jsonl", PAIR, *mine)), False, 1)
    assert isinstance(alone, Pairs) and isinstance(among, Pairs)
    assert alone.items == among.items[1:]


def test_facts_are_cut_at_their_mark_and_get_other_answers_of_their_relation(tmp_path: Path) -> None:
    records = [{"relation": "capital", "prompt": f"The capital of {n} is [MASK].", "answer": f"C{n}"}
               for n in range(30)]  # fmt: skip
    records.append({"relation": "own", "prompt": "It ends with", "answer": "this", "choices": ["that", "this"]})
    records.append({"relation": "lonely", "prompt": "___ it begins.", "answer": "Here"})
    path = str(lines(tmp_path / "facts.jsonl", *records))
    asked = reading.read(path, False, 1)
    assert isinstance(asked, Facts) and asked == reading.read(path, True, 1) and asked != reading.read(path, False, 2)
    first = asked.items[0]
    assert (first.left, first.answer, first.right, first.group) == ("The capital of 0 is ", "C0", ".", "capital")
    assert first.choices[0] == "C0" and len(set(first.choices)) == 10
    assert {choice[0] for choice in first.choices} == {"C"}
    assert asked.items[30][:3] == ("It ends with ", "this", "") and asked.items[30].choices == ("this", "that")
    assert asked.items[31][:3] == ("", "Here", " it begins.") and asked.items[31].choices == ("Here",)


def _bad(*records: Any) -> bytes:
    return b"".join((r if isinstance(r, bytes) else json.dumps(r).encode()) + b"\n" for r in records)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (_bad(PAIR, b"", b"{"), "Line 3 of .* is not JSON"),
        (_bad(PAIR, [1]), "Line 2 of .* is not a JSON object"),
        (
            _bad(PAIR, {"sentence_good": "a", "UID": "x"}),
            'Line 2 of .* has no field "sentence_bad".*sentence_good, UID',
        ),
        (_bad({"sentence_good": "a"}), 'Line 1 of .* has no field "sentence_bad"'),
        (_bad(PAIR, PAIR | {"sentence_bad": " "}), 'Line 2 of .*the field "sentence_bad" is not a text'),
        (_bad(PAIR, PAIR | {"sentence_bad": 3}), 'Line 2 of .*the field "sentence_bad" is not a text.*3'),
        (_bad({"prompt": "a [MASK]"}), 'Line 1 of .* has no field "answer"'),
        (_bad({"prompt": "a [MASK]", "answer": "b", "choices": "b"}), 'Line 1 of .*"choices" is not a list'),
        (_bad({"words": "a"}), 'Line 1 of .* has no field "prompt".*words.*sentence_good'),
        (b"\n \n", "holds no questions"),
        (b"", "is empty"),
        (b"\x00", "not a text file"),
    ],
)
def test_a_bad_file_is_refused_by_its_line(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(content)
    with pytest.raises(UserError) as error:
        reading.read(str(path), False, 1)
    assert re.search(complaint, str(error.value))


def test_texts_that_hold_nothing_or_too_much_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text(" \n\n")
    with pytest.raises(UserError, match="holds no text"):
        reading.read(str(path), False, 1)
    monkeypatch.setattr(reading, "LONGEST", 10)
    path.write_text("eleven letters")
    with pytest.raises(UserError, match="too long"):
        reading.read(str(path), False, 1)


def test_a_known_name_is_its_file_where_the_data_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "corpora", lambda: tmp_path)
    with pytest.raises(UserError, match="not on this machine") as error:
        sets.locate("blimp")
    assert "LOOKBOTH_DATA" in error.value.hint and "eval/blimp.jsonl.xz" in error.value.hint
    (tmp_path / "eval").mkdir()
    lines(tmp_path / "eval" / "blimp.jsonl.xz", PAIR)
    asked = reading.read("blimp", False, 1)
    assert asked.about.name == "blimp" and Path(asked.about.path).name == "blimp.jsonl.xz"
    monkeypatch.setattr(paths, "corpora", lambda: None)
    with pytest.raises(UserError, match="not on this machine"):
        sets.locate("blimp")
    with pytest.raises(UserError, match="There is no set nowhere") as error:
        sets.locate("nowhere")
    assert "blimp" in error.value.hint


def test_the_real_sets_are_read() -> None:
    if paths.corpora() is None:
        pytest.skip("the test sets are not on this machine (LOOKBOTH_DATA)")
    blimp, facts = (reading.read(name, False, 1) for name in ("blimp", "factbook"))
    assert isinstance(blimp, Pairs) and (blimp.about.items, blimp.about.taken) == (67_000, 3_350)
    assert len({pair.group for pair in blimp.items}) == 67
    assert isinstance(facts, Facts) and facts.about.items == 473
    assert all(len(fact.choices) == 10 for fact in facts.items)
