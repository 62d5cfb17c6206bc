"""In which surroundings a model was trained: as its folder says, else as models of its kind are. No torch."""

from __future__ import annotations

from pathlib import Path

from core.catalogue import Entry
from core.messages import Kind
from core.text.roles import read

RECORDED = {"crops": "framed", "bare": "bare", "sentences": "masks"}
"""`TrainSettings.frame` -> condition. A model of whole sentences expects a full stop before [SEP], as the original
BERT does: two masks between a window and [SEP] leave it room for one."""


def trained_in(entry: Entry, kind: Kind) -> str:
    """The condition that the model `entry` was trained in. Raises UserError where config.json is no JSON object.

    A causal model: with its start token. A masked one: what config.json says, or without a word [CLS] and [SEP]. Only
    BERT itself was trained on texts that end where sentences do: with two masks more.
    """
    if kind == "causal":
        return "start"
    said = read(Path(entry.folder) / "config.json").get("lookboth_frame")
    if isinstance(said, str) and said in RECORDED:
        return RECORDED[said]
    ours = entry.source in ("bundled", "run")
    return "masks" if entry.architecture == "BertForMaskedLM" and not ours else "framed"
