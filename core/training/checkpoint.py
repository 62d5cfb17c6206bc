"""Checkpoints: a model folder that anything can open, plus what is needed to go on exactly. No pickle.

A checkpoint is written beside its place, hashed, flushed to disk, and committed by one rename: a crash leaves the
old ones whole and at most a folder with a temporary name.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

KEEP = 2
"""How many of the newest checkpoints survive rotation."""


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_model(net: Any, tokenizer: Path, folder: Path, half: bool = False) -> None:
    """Write `net` as a Hugging Face folder. `half` stores fp16; arithmetic stays float32 when it is read back."""
    tensors = {name: tensor.cpu().contiguous() for name, tensor in net.to_tensors().items()}
    if half:
        tensors = {name: tensor.half() for name, tensor in tensors.items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    config = net.config() | {"dtype": "float16" if half else "float32"}
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n", "utf-8")
    shutil.copyfile(tokenizer / "tokenizer.json", folder / "tokenizer.json")
    described = tokenizer / "tokenizer_config.json"
    words = json.loads(described.read_text("utf-8")) if described.is_file() else {}
    words["model_max_length"] = net.context
    (folder / "tokenizer_config.json").write_text(json.dumps(words, indent=1) + "\n", "utf-8")


def save(
    run: Path, step: int, net: Any, optimizer: torch.optim.Optimizer, tokenizer: Path, state: dict[str, Any]
) -> None:
    """Commit `checkpoints/step-{step}` and delete all but the newest. Raises OSError when the disk is full."""
    parent = run / "checkpoints"
    final = parent / f"step-{step:08d}"
    if final.exists():
        return
    temporary = parent / f".writing-{step:08d}-{os.getpid()}"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    write_model(net, tokenizer, temporary)
    moments = optimizer.state_dict()["state"]
    tensors = {f"{index}.{key}": value.cpu() for index, slots in moments.items() for key, value in slots.items()}
    save_file(tensors, temporary / "optimizer.safetensors")
    (temporary / "state.json").write_text(json.dumps(state | {"step": step}, indent=1), "utf-8")
    manifest = {path.name: [path.stat().st_size, _digest(path)] for path in sorted(temporary.iterdir())}
    (temporary / "MANIFEST.json").write_text(json.dumps(manifest, indent=1), "utf-8")
    for path in (*temporary.iterdir(), temporary):
        _flush(path)
    temporary.rename(final)
    _flush(parent)
    for old in sorted(parent.glob("step-????????"))[:-KEEP]:
        doomed = old.rename(parent / f".deleting-{old.name}")
        shutil.rmtree(doomed, ignore_errors=True)


def intact(folder: Path) -> bool:
    """Whether every file of a checkpoint is there with the size and the SHA-256 of its manifest."""
    try:
        manifest = json.loads((folder / "MANIFEST.json").read_text("utf-8"))
        required = {"model.safetensors", "optimizer.safetensors", "state.json", "config.json"}
        return required <= manifest.keys() and all(
            (folder / name).stat().st_size == size and _digest(folder / name) == digest
            for name, (size, digest) in manifest.items()
        )
    except (OSError, ValueError, AttributeError, TypeError):
        return False


def set_aside(run: Path) -> list[str]:
    """Rename damaged checkpoints to `bad-...` and remove what a killed save left; returns what was damaged."""
    parent, damaged = run / "checkpoints", []
    for left in (*parent.glob(".writing-*"), *parent.glob(".deleting-*")):
        shutil.rmtree(left, ignore_errors=True)
    for folder in sorted(parent.glob("step-????????")):
        if not intact(folder):
            folder.rename(_free(parent / f"bad-{folder.name}"))
            damaged.append(folder.name)
    return damaged


def _free(path: Path) -> Path:
    """`path`, or with a number behind it where something stands there already."""
    return next(p for n in range(10**6) if not (p := path if n == 0 else path.with_name(f"{path.name}-{n}")).exists())


def newest(run: Path) -> tuple[Path | None, list[str]]:
    """The newest intact checkpoint of a run folder, and the names of newer ones that are damaged."""
    skipped: list[str] = []
    for folder in sorted((run / "checkpoints").glob("step-????????"), reverse=True):
        if intact(folder):
            return folder, skipped
        skipped.append(folder.name)
    return None, skipped


def restore(folder: Path, net: Any, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """Load weights and optimizer state in place; returns what `save` was given as `state`, with `step`."""
    saved = type(net).from_tensors(net.config(), load_file(folder / "model.safetensors"))
    net.load_state_dict(saved.state_dict())
    slots: dict[int, dict[str, Tensor]] = {}
    for name, tensor in load_file(folder / "optimizer.safetensors").items():
        index, _, key = name.partition(".")
        slots.setdefault(int(index), {})[key] = tensor
    optimizer.load_state_dict({"state": slots, "param_groups": optimizer.state_dict()["param_groups"]})
    state: dict[str, Any] = json.loads((folder / "state.json").read_text("utf-8"))
    return state
