"""Test sets by name: `blimp` instead of a path, where the data is on this machine. No torch."""

from __future__ import annotations

from pathlib import Path

from core import paths
from core.errors import UserError

KNOWN = {
    "wiki.valid": ("corpus/wiki.valid.txt", "held-out articles of the Wikipedia set that the bundled models read"),
    "wiki.test": ("corpus/wiki.test.txt", "more such articles, which no choice was made on"),
    "wikitext-2": ("eval/wikitext-2/wiki.test.raw", "the test set of WikiText-2, raw (Merity et al. 2016)"),
    "blimp": ("eval/blimp.jsonl.xz", "67 paradigms of 1,000 minimal pairs (Warstadt et al. 2020)"),
    "factbook": ("eval/factbook_cloze.jsonl", "473 cloze facts: capitals, nationalities, languages"),
}
"""Name -> the file inside the folder of test data, and what it is."""


def locate(reference: str) -> tuple[str, Path]:
    """The name and the file of a set: a known name, or the path of a file. For a file called so, write `./blimp`.

    Raises UserError when there is no such file.
    """
    if reference in KNOWN:
        inside, data = KNOWN[reference][0], paths.corpora()
        if data is None or not (data / inside).is_file():
            raise UserError(
                f"The set {reference} is not on this machine.",
                why="Test sets do not ship with Lookboth.",
                hint=f"Put it at {inside} in a folder, and name the folder in LOOKBOTH_DATA; or give a file's path.",
            )
        return reference, (data / inside).resolve()
    path = Path(reference).expanduser()
    if not path.exists():
        hint = f"Give the path of a .txt or .jsonl file, or one of these: {', '.join(KNOWN)}."
        raise UserError(f"There is no set {reference}.", hint=hint)
    return path.name, path.resolve()
