"""Fixtures that several test files share."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
import tokenizers
from tokenizers import AddedToken, decoders, models, pre_tokenizers, trainers

from core import passages, paths
from core.text.tokens import Tokenizer
from tests import offline

# The suite runs in two processes: more threads than that would only wait for one another. Children inherit it.
os.environ.setdefault("OMP_NUM_THREADS", "1")
offline.block()


def _real(name: str, to: Path) -> Path:
    data = paths.corpora()
    if data is None or not (data / "tokenizers" / name).is_dir():
        pytest.skip("the real vocabularies are not on this machine (LOOKBOTH_DATA)")
    return Path(shutil.copytree(data / "tokenizers" / name, to / name))


@pytest.fixture(scope="session")
def bert_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the vocab.txt of bert-base-uncased alone."""
    return _real("bert-base-uncased", tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="session")
def gpt2_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the vocab.json and merges.txt of GPT-2 alone."""
    return _real("gpt2", tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="session")
def bert_tokenizer(bert_folder: Path) -> Tokenizer:
    return Tokenizer.load(bert_folder)


@pytest.fixture(scope="session")
def gpt2_tokenizer(gpt2_folder: Path) -> Tokenizer:
    return Tokenizer.load(gpt2_folder)


@pytest.fixture(scope="session")
def own_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small tokenizer of the form of the bundled one: cased byte-level BPE, the mask takes the space before it."""
    folder = tmp_path_factory.mktemp("own")
    names = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
    inner = tokenizers.Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    special = [AddedToken(name, lstrip=name == "[MASK]", normalized=False, special=True) for name in names.values()]
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    inner.train_from_iterator((passage.text for passage in passages.every()), trainer)
    inner.save(str(folder / "tokenizer.json"))
    config = {f"{role}_token": name for role, name in names.items()} | {"bos_token": "[CLS]", "eos_token": "[SEP]"}
    (folder / "tokenizer_config.json").write_text(json.dumps(config | {"tokenizer_class": "PreTrainedTokenizerFast"}))
    return folder


@pytest.fixture(scope="session")
def own_tokenizer(own_folder: Path) -> Tokenizer:
    return Tokenizer.load(own_folder)
