"""Tiny model folders for tests: random weights of the lab's own three families with a real tokenizer beside them."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path
from typing import Any

from core.catalogue import Entry

TENSOR = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


def safetensors(path: Path, header: dict[str, Any] | bytes, numbers: bytes = b"") -> Path:
    """Write a safetensors file by hand, sound or not."""
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(raw)) + raw + numbers)
    return path


def model(folder: Path, family: str, tokenizer: Path, seed: int = 1, **changes: Any) -> Path:
    """A folder with a random `bert`, `gpt2` or `lstm` (2 layers, 32 wide) and the files of `tokenizer`."""
    import torch
    from safetensors.torch import save_file

    from core.models.nets.bert import Bert
    from core.models.nets.gpt2 import Gpt2
    from core.models.nets.lstm import Lstm
    from core.settings import Shape
    from core.text.tokens import Tokenizer

    size = Tokenizer.load(tokenizer).vocabulary
    net: Any = {"bert": Bert, "gpt2": Gpt2, "lstm": Lstm}[family]
    shape = Shape(vocabulary=size, layers=2, width=32, heads=0 if family == "lstm" else 4, inner=48, positions=128)
    torch.manual_seed(seed)
    made = net.from_config(net.shaped(shape)).start()
    with torch.no_grad():
        for parameter in made.parameters():  # weights this large make every place depend on every other
            parameter += 0.2 * torch.randn_like(parameter)
    shutil.copytree(tokenizer, folder, dirs_exist_ok=True)
    save_file(made.to_tensors(), folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(made.config() | changes))
    return folder


def entry(folder: Path, name: str = "it") -> Entry:
    """The catalogue's entry of a local folder."""
    return Entry(name=name, source="folder", folder=str(folder), architecture="", kind="")
