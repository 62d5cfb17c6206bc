"""A set from its file: JSON lines are pairs or facts by their fields, everything else is held-out text."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from core import sets, texts
from core.errors import UserError
from core.evaluation import choosing
from core.evaluation.items import Facts, Pair, Pairs, Set, Text
from core.messages import SetAbout, SetKind
from core.text import corpus

LONGEST = 20_000_000
"""Characters of a held-out text: a model needs about an hour for that many, and hundreds are enough for a digit."""
GOOD = ("sentence_good", "good")
BAD = ("sentence_bad", "bad")
PROMPT = ("prompt", "masked_sentence", "sentence", "text")
ANSWER = ("answer", "target", "label")
GROUP = ("UID", "paradigm", "relation", "group", "field")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Line(NamedTuple):
    """One record of a file and where it stands, for complaints."""

    record: dict[str, Any]
    where: str

    def text(self, names: tuple[str, ...], what: str) -> str:
        """The text in the first field of `names` that there is. Raises UserError where there is none."""
        for name in names:
            if name in self.record:
                found = self.record[name]
                if not isinstance(found, str) or not found.strip():
                    raise UserError(f'{self.where}: the field "{name}" is not a text.', why=f"It is {_short(found)}.")
                return _SURROGATE.sub("\ufffd", found)
        fields = ", ".join(str(name)[:40] for name in list(self.record)[:20]) or "none"
        raise UserError(f'{self.where} has no field "{names[0]}".', why=f"Its fields: {fields}.", hint=what)

    def group(self) -> str:
        """The paradigm or relation, empty where none is named."""
        found = next((self.record[name] for name in GROUP if name in self.record), "")
        return _SURROGATE.sub("\ufffd", str(found))[:80]

    def choices(self) -> tuple[str, ...]:
        """The field `choices`; empty where there is none. Raises UserError when it is no list of texts."""
        found = self.record.get("choices", [])
        if not isinstance(found, list) or not all(isinstance(one, str) and one.strip() for one in found):
            raise UserError(f'{self.where}: the field "choices" is not a list of texts.', why=f"It is {_short(found)}.")
        return tuple(_SURROGATE.sub("\ufffd", one) for one in found)


def _short(value: Any) -> str:
    return json.dumps(value)[:60]


def read(reference: str, everything: bool, seed: int) -> Set:
    """The set called `reference`, as much of it as is asked. Raises UserError for what is no set, naming the line."""
    name, path = sets.locate(reference)
    text = corpus.read(path)
    if not path.name.endswith(texts.LINES):
        if len(text) > LONGEST:
            raise UserError(f"{path} is too long to evaluate on.", why=f"It has {len(text):,} characters.",
                            hint=f"Cut a part of at most {LONGEST:,} characters.")  # fmt: skip
        if not text.strip():
            raise UserError(f"{path} holds no text.", why="There is only white space in it.")
        return Text(_about(name, "text", path, len(text), len(text)), text)
    lines = list(_lines(text, path))
    if not lines:
        raise UserError(f"{path} holds no questions.", why="All of its lines are blank.")
    if any(field in lines[0].record for field in (*GOOD, *BAD)):
        hint = "Every line of minimal pairs needs a good and a bad sentence."
        pairs = [Pair(line.text(GOOD, hint), line.text(BAD, hint), line.group()) for line in lines]
        taken = pairs if everything else choosing.sample(pairs, seed)
        return Pairs(_about(name, "pairs", path, len(pairs), len(taken)), tuple(taken))
    hint = 'A line is a pair ("sentence_good", "sentence_bad") or a fact ("prompt" with [MASK], "answer").'
    asked = [(line.text(PROMPT, hint), line.text(ANSWER, hint), line.group(), line.choices()) for line in lines]
    facts = choosing.facts(asked, seed)
    return Facts(_about(name, "cloze", path, len(facts), len(facts)), tuple(facts))


def _lines(text: str, path: Path) -> Iterator[Line]:
    for number, line in enumerate(text.split("\n"), 1):  # other line ends may stand inside a sentence
        if not line.strip():
            continue
        where = f"Line {number:,} of {path}"
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            hint = "Each line must be one JSON object."
            raise UserError(f"{where} is not JSON.", why=f"{error}.", hint=hint) from error
        if not isinstance(record, dict):
            raise UserError(f"{where} is not a JSON object.", why=f"It is {_short(record)}.")
        yield Line(record, where)


def _about(name: str, kind: SetKind, path: Path, items: int, taken: int) -> SetAbout:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return SetAbout(name=name, kind=kind, path=str(path), sha256=digest, items=items, taken=taken)
