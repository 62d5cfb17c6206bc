"""Links in the notes: the number of a claim in a text leads to that claim, a citation to its entry. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

REFERENCES = "references"
_LINK = re.compile(
    r"\b(?P<claim>C(?:10|[1-9]))\b"
    r"|(?P<work>[A-Z][\w-]+ (?:et al\.|and [A-Z][\w-]+)\s(?:19|20)\d\d\b"
    r"|(?:(?<=\()|(?<=; ))[A-Z][\w-]+ (?:19|20)\d\d(?=[);]))"
)
_CITED = re.compile(r"Cited\s+in\s+([^.]+)\.\s*$")


class Link(NamedTuple):
    """A place of a text that leads somewhere."""

    start: int
    end: int
    key: str
    """The note it leads to."""
    entry: str = ""
    """The beginning of the entry there, for a citation."""


def links(text: str, here: str = "") -> list[Link]:
    """The links of a piece of text without signs of emphasis; none to the note `here` itself."""
    found = []
    for match in _LINK.finditer(text):
        claim = match["claim"]
        link = Link(*match.span(), claim or REFERENCES, "" if claim else " ".join(match["work"].split()))
        if link.key != here:
            found.append(link)
    return found


def cited(entry: str) -> list[str]:
    """The notes that cite the work of an entry of the references ("Cited in C1, C2."); none for other text."""
    match = _CITED.search(entry)
    return re.findall(r"\bC\d+|\bprimer\b", match[1]) if match else []
