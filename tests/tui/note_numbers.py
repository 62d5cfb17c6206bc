"""Where the numbers of the notes come from: every number in a text is tied to something, or is an orphan.

A number is tied by
- a citation in its paragraph or list entry, "(Devlin et al. 2019)", of a work on the References page;
- "our calculation": then every number there is worked out, or named as given, in `note_sums`;
- a result that ships, "(results: findings/C7-thorough)": then it stands in that file of `assets/results`, as rounded;
- the plan of the claim's experiment, in the section "Measure it here";
- a sum in code type, `log2(8) = 3`, which is worked out here.
Free are single digits outside "Figures", names (GPT-2, C7), and in fenced lines numbers of one or two digits.
"""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from core.claims.every import PLANS
from tests.tui.note_sums import COUNTED, SUMS, Sum
from tui.notes.markdown import Piece, pieces
from tui.notes.pages import Note

_CITATION = re.compile(r"[A-Z]\w+(?: et al\.| and [A-Z]\w+)? (?:19|20)\d\d(?=[;)])")
RESULTS = re.compile(r"\(results: ([\w/-]+)\)")
_NUMBER = re.compile(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?(?:e\d+)?(?<!,)")
_NAME = re.compile(r"\b[A-Za-z]+\d+\b|\b\w*[A-Z]\w*-\d+\b")
_SUM = re.compile(r"`([^`]+?) = ([\d.]+)`")
_CODE = re.compile(r"`[^`]*`")
_PLAIN = re.compile(r"(?<![\w.,])\d(?![\w.,]\w| ?%| (?:times|points)|\w|[²×])")


ENDS = ("accuracy", "stop")
"""What is taken of a sweep's curves at their first two positions and their last."""


class Orphan(NamedTuple):
    """A number that nothing vouches for."""

    note: str
    line: int
    number: str


def numbers(text: str) -> list[str]:
    """The numbers printed in a text without names and citations."""
    return _NUMBER.findall(_NAME.sub(" ", _CITATION.sub(" ", text)))


def value(printed: str) -> float:
    return float(printed.replace(",", ""))


def agrees(printed: str, real: float) -> bool:
    """Whether `real`, rounded as `printed` is, is `printed`."""
    places = len(printed.partition(".")[2].partition("e")[0])
    return abs(real - value(printed)) <= 0.5 * 10**-places + 1e-9


def works(note: str) -> set[str]:
    """The works that have an entry on the References page, as they are cited: "Devlin et al. 2019"."""
    return {f"{who} {year}" for who, year in re.findall(r"^- \*\*(.+?) (\d{4})\.\*\*", note, re.MULTILINE)}


def cited(text: str) -> set[str]:
    """The works cited in a paragraph: names with a year, closed by a bracket or a semicolon."""
    return set(_CITATION.findall(text))


def orphans(note: Note, known: set[str], results: Path) -> list[Orphan]:
    """The orphans of a page, given the works on the References page and the folder of the results that ship."""
    found, section = [], ""
    for piece in pieces(note.text):
        section = piece.text if piece.kind == "h3" else section
        loose = _fenced(piece.text) if piece.kind == "code" else _loose(note, piece, section, known, results)
        found += [Orphan(note.key, piece.line + 1, number) for number in loose]
    return found


def _fenced(line: str) -> list[str]:
    return [number for number in numbers(line) if len(number) > 2 or f"{number}%" in line.replace(" ", "")]


def _loose(note: Note, piece: Piece, section: str, known: set[str], results: Path) -> Sequence[str]:
    wrong = [f"{said} = {result}" for said, result in _SUM.findall(piece.text) if not agrees(result, worked_out(said))]
    text = _CODE.sub(" ", piece.text)
    if "our calculation" in text:
        allowed = {number for one in _sums(note.key, piece) for number in (*one.given.split(), *one.found)}
        return wrong + [number for number in numbers(text) if number not in allowed or not cited(text) & known]
    if shipped := RESULTS.findall(text):
        values = [real for name in shipped for real in _values(results / f"{name}.json")]
        rest = numbers(RESULTS.sub(" ", text))
        return wrong + [number for number in rest if not any(agrees(number, real) for real in values)]
    if cited(text) & known:
        return wrong
    if piece.kind == "h2" and note.claim:  # the claim as people say it: what it says stands below, with its source
        below = numbers(note.text.partition("\n")[2])
        return wrong + [number for number in numbers(text) if number not in below]
    if section == "Measure it here":
        planned = set(numbers(plan_text(note.key)))
        return wrong + [number for number in numbers(_plain(text)) if number not in planned]
    return wrong + numbers(text if section == "Figures" else _plain(text))


def _plain(text: str) -> str:
    return _PLAIN.sub(" ", _NAME.sub(" ", _CITATION.sub(" ", text)))


def _sums(claim: str, piece: Piece) -> Iterable[Sum]:
    return (one for one in (*SUMS, *COUNTED) if one.claim == claim and piece.bare.startswith(one.begins))


def _values(path: Path) -> list[float]:
    """What a result that ships holds: of a finding its values, bounds and counts, of a sweep its falls and its ends.

    Shares also as percentages.
    """
    content = json.loads(path.read_text("utf-8")) if path.exists() else {}
    found: list[object] = [content.get(part, {}) for part in ("measured", "falls", "waterfalls")]
    found += [one[what][at] for one in content.get("series", {}).values() for what in ENDS for at in (0, 1, -1)]
    kept = [real for part in found for real in _inside(part)]
    return [*kept, *(100 * real for real in kept if abs(real) <= 1)]


def _inside(part: object) -> Iterator[float]:
    """Every number in it, however deep."""
    if isinstance(part, dict):
        for one in part.values():
            yield from _inside(one)
    elif isinstance(part, int | float):
        yield part


def plan_text(claim: str) -> str:
    """All that the plan of a claim says, with the values that its knobs may have."""
    plan = PLANS.get(claim)
    if plan is None:
        return ""
    knobs = [f"{end:g}" for knob in plan.knobs if not knob.choices for end in (knob.low, knob.high)]
    knobs += [str(form) if isinstance(form, str) else f"{form:g}" for k in plan.knobs for form in (k.quick, k.thorough)]
    return " ".join((plan.title, plan.about, plan.rule, plan.differs, *(knob.about for knob in plan.knobs), *knobs))


def worked_out(said: str) -> float:
    """The value of a sum such as `-log2(1/8)` or `2^3`."""
    return _value(ast.parse(said.strip().replace("^", "**"), mode="eval").body)


def _value(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner)
        case ast.Call(func=ast.Name(id="log2"), args=[inner]):
            return math.log2(_value(inner))
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _value(left), _value(right)
            return {
                ast.Add: lambda: a + b, ast.Sub: lambda: a - b, ast.Mult: lambda: a * b,
                ast.Div: lambda: a / b, ast.Pow: lambda: a**b,
            }[type(op)]()  # fmt: skip
    raise ValueError(ast.dump(node))
