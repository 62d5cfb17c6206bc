"""BibTeX of the references: which record of `references.bib` belongs to which entry of the page."""

from __future__ import annotations

import re
from pathlib import Path

from core import paths

_RECORD = re.compile(r"^@\w+\{.*?^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"^\s*(author|year|title)\s*=\s*[{\"](.*?)[}\"]\s*,?\s*$", re.MULTILINE | re.IGNORECASE | re.DOTALL)
_ENTRY = re.compile(r"^(?P<name>[\w-]+).*?(?P<year>(?:19|20)\d\d)\.")


def file() -> Path:
    """The records, as they ship."""
    return paths.assets() / "notes" / "references.bib"


def read(entry: str) -> str:
    """The record for an entry of the page, from the file; "" where there is none."""
    try:
        return record(entry, file().read_text("utf-8"))
    except OSError:  # a lab without the file still copies its page
        return ""


def records(text: str) -> list[str]:
    """The records of a BibTeX file. Each ends with a brace at the start of a line."""
    return _RECORD.findall(text)


def record(entry: str, text: str) -> str:
    """The record of `text` for an entry of the page ("Vaswani et al. 2017. …"): same first author and same year.

    Where several fit, the one whose title stands in the entry; "" where none does.
    """
    head = _ENTRY.match(entry)
    if head is None:
        return ""
    fitting = []
    for one in records(text):
        field = {name.lower(): _flat(value) for name, value in _FIELD.findall(one)}
        first = field.get("author", "").split(" and ")[0]
        if head["year"] in field.get("year", "") and _flat(head["name"]) in re.findall(r"[\w-]+", first):
            fitting.append((field.get("title", "") not in _flat(entry), one))
    return min(fitting, default=(False, ""), key=lambda pair: pair[0])[1]


def _flat(text: str) -> str:
    return " ".join(re.sub(r"[{}\\]", "", text).lower().split())
