"""Train a tokenizer: a cased byte-level BPE with BERT's five special tokens, which all three models share.

python -P -m core.text.vocabulary FOLDER TEXT...
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from core.errors import UserError
from core.origins import NEW, SMALLEST
from core.runs import write_atomically
from core.text.corpus import documents as read_documents

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
"""Ids 0 to 4. [CLS] starts and [SEP] ends a text, for the causal models too."""


def train(documents: Iterable[str], size: int, folder: Path) -> int:
    """Write a tokenizer trained on `documents` to `folder`, and return how many entries it has: at most `size`.

    The same documents give the same bytes. `tokenizer.json` comes last, by one rename: where it is, all is. Raises
    UserError for a text with too few words to make anything of, and what reading the documents raises.
    """
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
    entries = int(tokenizer.get_vocab_size())
    if entries < SMALLEST:
        raise UserError(
            "The text is too short to train a tokenizer on.",
            why=f"It gives {entries} entries, of which {len(SPECIAL) + 256} are in every tokenizer.",
            hint="Take the bundled tokenizer, or more text.",
        )
    start, end = (tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]"))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=[("[CLS]", start), ("[SEP]", end)]
    )
    names = {f"{role}_token": f"[{role.upper()}]" for role in ("pad", "unk", "cls", "sep", "mask")}
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast", **names, "bos_token": "[CLS]", "eos_token": "[SEP]",
        "clean_up_tokenization_spaces": False,
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / "tokenizer_config.json", (json.dumps(config, indent=1) + "\n").encode())
    write_atomically(folder / "tokenizer.json", tokenizer.to_str(pretty=True).encode())
    return entries


def strip(folder: Path) -> None:
    """Have the tokenizer in `folder` put nothing around a text: for a model that never saw a start or an end.

    [CLS] and [SEP] keep their ids; no file gives them a role any more.
    """
    path, about = folder / "tokenizer.json", folder / "tokenizer_config.json"
    known = json.loads(about.read_bytes()) if about.is_file() else {}
    none = dict.fromkeys(("cls_token", "sep_token", "bos_token", "eos_token"))
    write_atomically(about, (json.dumps(known | none, indent=1) + "\n").encode())
    write_atomically(path, json.dumps(json.loads(path.read_bytes()) | {"post_processor": None}).encode())


def main(folder: str, *texts: str) -> None:
    """Train the shared tokenizer on text files."""
    train(read_documents([Path(text) for text in texts]), NEW, Path(folder))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: python -P -m core.text.vocabulary FOLDER TEXT...")
    main(*sys.argv[1:])
