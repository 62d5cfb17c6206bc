"""The cards and the README say what the result files say, and these are of the models that ship."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from core import paths
from core.catalogue import BUNDLED
from core.messages import Evaluation
from core.models.load import revision_of
from docs import cards, sentences
from docs.answers import decoded


@pytest.mark.parametrize("path", cards.files(), ids=lambda path: path.parent.name)
def test_the_numbers_of_a_card_are_those_of_the_files(path: Path) -> None:
    text, name = path.read_text("utf-8"), cards.files()[path]
    for kind, block in cards.blocks(name).items():
        assert block in text and text.count(f"<!-- {kind} -->") == 1
    assert cards.renewed(text, name) == text
    assert cards.renewed(text.replace(" | ", " |  ", 9), name) != text.replace(" | ", " |  ", 9)


def test_a_card_without_its_block_gets_one() -> None:
    made = cards.renewed(f"# A card\n\n{cards.BEFORE}\n\nMuch.\n", "lstm")
    assert made == f"# A card\n\n{cards.block('lstm')}\n{cards.BEFORE}\n\nMuch.\n"


def test_the_files_are_of_the_models_that_ship() -> None:
    revisions = {name: revision_of((paths.assets() / "models" / name / "model.safetensors",)) for name in BUNDLED}
    evaluation = msgspec.json.decode(cards.RESULT.read_bytes(), type=Evaluation)
    assert evaluation.complete
    assert {name: about.revision for name, about in evaluation.models.items()} == revisions
    answers = decoded(sentences.PATH.read_bytes())
    assert answers.revision == revisions["bert"]
    assert [one.text for one in answers.answers] == list(sentences.SENTENCES)
