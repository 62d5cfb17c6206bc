"""Train a tokenizer: a cased byte-level BPE with BERT's five special tokens, which all three models share.

python -P -m core.training.vocabulary FOLDER TEXT...
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from core.text.corpus import documents as read_documents

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
"""Ids 0 to 4. [CLS] starts and [SEP] ends a text, for the causal models too."""


def train(documents: Iterable[str], size: int, folder: Path) -> None:
    """Write `tokenizer.json` and `tokenizer_config.json` with `size` entries, trained on `documents`, to `folder`."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = [AddedToken(name, special=True, normalized=False, lstrip=name == "[MASK]") for name in SPECIAL]
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        min_frequency=2,
        show_progress=False,
    )
    tokenizer.train_from_iterator(documents, trainer)
    start, end = (tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]"))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=[("[CLS]", start), ("[SEP]", end)]
    )
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {f"{role}_token": f"[{role.upper()}]" for role in ("pad", "unk", "cls", "sep", "mask")}
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast", **names, "bos_token": "[CLS]", "eos_token": "[SEP]",
        "clean_up_tokenization_spaces": False,
    }  # fmt: skip
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n", "utf-8")


def main(folder: str, *texts: str) -> None:
    """Train the shared tokenizer of 4,096 entries on text files."""
    train(read_documents([Path(text) for text in texts]), 4096, Path(folder))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: python -P -m core.training.vocabulary FOLDER TEXT...")
    main(*sys.argv[1:])
