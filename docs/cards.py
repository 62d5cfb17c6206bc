"""Write the numbers of the models that ship into their cards and the README, from the result files that ship.

.venv/bin/python -m docs.cards [EVALUATION.JSON]

With a file, it becomes the one that ships, without the folders that its sets lay in.
The blocks stand between `<!-- evaluation -->` or `<!-- positions -->` and `<!-- end -->`; what stands around them is
left alone.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import msgspec

from core import paths
from core.catalogue import BUNDLED, STUDIED
from core.messages import Evaluation
from core.runs import write_atomically
from docs import positions, sentences
from docs.answers import decoded
from tui.evaluations.table import BEST, table

RESULT = paths.assets() / "results" / "evaluation.json"
README = Path(__file__).parents[1] / "README.md"
COMMAND = "lookboth eval wiki.valid wiki.test wikitext-2 blimp factbook --models bert,gpt2,lstm"
BEFORE = "## What it is bad at"
EVALUATION, POSITIONS = "evaluation", "positions"


def evaluation() -> str:
    """The whole evaluation as a Markdown table, with the command that made it."""
    found = msgspec.json.decode(RESULT.read_bytes(), type=Evaluation)
    laid = table({"evaluation": found})
    heads = ["", *(column.head for column in laid.columns)]
    lines = [f"| {' | '.join(heads)} |", "|---" + "|--:" * len(laid.columns) + "|"]
    for row in laid.rows:
        cells = [f"{cell.full}{BEST if cell.best else ''}" for cell in row.cells]
        if cells:
            lines.append(f"| {row.label} | {' | '.join(cells)} |")
        else:
            lines.append(f"| **{row.label}** |" + " |" * len(laid.columns))
    said = (
        f"Shares in % with 95 % Wilson intervals; `{BEST}` marks a best whose interval meets no other's; – stands "
        "where a number does not exist for a model of that kind."
    )
    return "\n".join([*lines, "", said, "", "```", COMMAND, "```", ""])


def answers() -> str:
    """What BERT says at the gaps of the study sentences."""
    found = decoded(sentences.PATH.read_bytes())
    return "".join(
        f"- `{one.text}` " + ", ".join(f"`{text.strip() or '␣'}` {prob:.0%}" for text, prob in one.top) + "\n"
        for one in found.answers
    )


def block(name: str) -> str:
    """What a model's card says of its evaluation; with an empty name, what the README does."""
    parts = [evaluation()]
    if name:
        parts.insert(0, "## Evaluation\n")
    if name == "bert":
        parts.append("Twenty-three sentences with a gap, good and bad alike (`python -m docs.sentences`):\n")
        parts.append(answers())
    return "<!-- evaluation -->\n" + "\n".join(parts) + "<!-- end -->\n"


def of_positions(title: str) -> str:
    """What the README and the cards of the models of the position claim say of it."""
    return f"<!-- {POSITIONS} -->\n{title}{positions.table()}<!-- end -->\n"


def blocks(name: str) -> dict[str, str]:
    """The blocks of a model's card by their kind; with an empty name, those of the README."""
    if name in STUDIED:
        return {POSITIONS: of_positions("## Accuracy at the end of a window\n\n")}
    return {EVALUATION: block(name)} | ({} if name else {POSITIONS: of_positions("")})


def renewed(text: str, name: str) -> str:
    """`text` with its blocks as the result files have them; a card without one gets it before its last sections."""
    for kind, new in blocks(name).items():
        old = re.compile(rf"<!-- {kind} -->\n.*?<!-- end -->\n", re.DOTALL)
        if old.search(text):
            text = old.sub(lambda _, new=new: new, text)
        else:
            text = text.replace(BEFORE, f"{new}\n{BEFORE}", 1)
    return text


def files() -> dict[Path, str]:
    """Every file with a block, and whose it is."""
    cards = {paths.assets() / "models" / name / "README.md": name for name in (*BUNDLED, *STUDIED)}
    return {**cards, README: ""}


def adopt(path: Path) -> None:
    """Make the evaluation at `path` the one that ships."""
    found = msgspec.json.decode(path.read_bytes(), type=Evaluation)
    sets = [msgspec.structs.replace(about, path=Path(about.path).name) for about in found.sets]
    whole = msgspec.structs.replace(found, sets=sets)
    write_atomically(RESULT, msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n")


if __name__ == "__main__":
    for name in sys.argv[1:2]:
        adopt(Path(name))
    for path, name in files().items():
        path.write_text(renewed(path.read_text("utf-8"), name), "utf-8")
