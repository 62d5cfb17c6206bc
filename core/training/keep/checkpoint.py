"""Checkpoints: a model folder that anything can open, plus what is needed to go on exactly. No pickle.

A checkpoint is written beside its place, flushed to disk, and committed by one rename: a crash leaves the old ones
whole and at most a folder with a temporary name.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from pathlib import Path
from typing import Any

import msgspec
import torch
from safetensors import SafetensorError
from safetensors import torch as safetensors
from torch import Tensor

from core.errors import UserError
from core.runs import Progress
from core.text.roles import roles
from core.training.keep import disk

KEEP = 2
"""How many of the newest checkpoints survive rotation, besides the best one."""
REQUIRED = {"model.safetensors", "optimizer.safetensors", "state.json", "config.json", "tokenizer.json"}
log = logging.getLogger(__name__)


def model_files(net: Any, tokenizer: Path, half: bool = False) -> dict[str, bytes]:
    """The files of `net` as a Hugging Face folder. `half` stores fp16; arithmetic stays float32 when read back."""
    tensors = {name: tensor.cpu().contiguous() for name, tensor in net.to_tensors().items()}
    if half:
        tensors = {name: tensor.half() for name, tensor in tensors.items()}
    described = tokenizer / "tokenizer_config.json"
    words = json.loads(described.read_bytes()) if described.is_file() else {}
    vocabulary = (tokenizer / "tokenizer.json").read_bytes()
    config = net.config() | {"dtype": "float16" if half else "float32"}
    if net.kind == "causal":
        config |= _ends(tokenizer, vocabulary)
    return {
        "model.safetensors": safetensors.save(tensors, {"format": "pt"}),
        "config.json": _json(config),
        "tokenizer.json": vocabulary,
        "tokenizer_config.json": _json(words | {"model_max_length": net.context}),
    }


def _ends(tokenizer: Path, vocabulary: bytes) -> dict[str, int]:
    """The ids of a text's first and last token, for config.json: GPT-2's own, 50256, are none of a small vocabulary."""
    ids = {token["content"]: token["id"] for token in json.loads(vocabulary).get("added_tokens", [])}
    found = roles(tokenizer, ids.get, {number: token for token, number in ids.items()}.get)
    ends = {"bos_token_id": found.start, "eos_token_id": found.end}
    return {name: number for name, number in ends.items() if number is not None}


def write_model(net: Any, tokenizer: Path, folder: Path, half: bool = False) -> None:
    """Write `net` as a Hugging Face folder into `folder`, which is there."""
    for name, content in model_files(net, tokenizer, half).items():
        disk.write(folder / name, content)


def save(run: Path, progress: Progress, net: Any, optimizer: torch.optim.Optimizer, tokenizer: Path) -> None:
    """Commit `checkpoints/step-{progress.step}`, then delete all but the newest and the best.

    One of the same step gives way where its progress was another. Raises disk.Full when there is no room, and leaves
    nothing half-written then.
    """
    parent = run / "checkpoints"
    final = parent / f"step-{progress.step:08d}"
    if final.exists() and _same(final, progress):
        return
    moments = optimizer.state_dict()["state"]
    slots = {f"{index}.{key}": value.cpu() for index, part in moments.items() for key, value in part.items()}
    files = model_files(net, tokenizer)
    files |= {"optimizer.safetensors": safetensors.save(slots), "state.json": _json(msgspec.to_builtins(progress))}
    manifest = {name: [len(content), hashlib.sha256(content).hexdigest()] for name, content in sorted(files.items())}
    files["MANIFEST.json"] = _json(manifest)
    disk.make(parent)
    needed, temporary = sum(map(len, files.values())), parent / f".writing-{final.name}-{os.getpid()}"
    if (free := disk.room(parent)) < needed:
        raise disk.Full(needed, free)
    try:
        _commit(files, temporary, final)
    except OSError as error:
        _try_to_remove(temporary)
        if disk.full(error):
            raise disk.Full(needed, disk.room(parent)) from error
        raise
    rotate(parent, progress)


def _commit(files: dict[str, bytes], temporary: Path, final: Path) -> None:
    disk.remove(temporary)
    disk.make(temporary)
    for name, content in files.items():
        disk.write(temporary / name, content)
        disk.flush(temporary / name)
    disk.flush(temporary)
    if final.exists():
        disk.rename(final, _replaced(final))
    disk.rename(temporary, final)
    disk.flush(final.parent)
    _try_to_remove(_replaced(final))


def _replaced(final: Path) -> Path:
    return final.with_name(f".replaced-{final.name}")


def _same(folder: Path, progress: Progress) -> bool:
    """Whether the checkpoint in `folder` has that progress; the seconds that it took may differ."""
    try:
        there = msgspec.json.decode((folder / "state.json").read_bytes(), type=Progress)
    except (OSError, msgspec.DecodeError):
        return False
    return msgspec.structs.replace(there, seconds=progress.seconds) == progress


def rotate(parent: Path, progress: Progress) -> None:
    """Delete all but the newest checkpoints and the best one. One that cannot be deleted is a warning, no more."""
    best = progress.best and f"step-{progress.best.step:08d}"
    for old in sorted(parent.glob("step-????????"))[:-KEEP]:
        if old.name != best:
            doomed = old.with_name(f".deleting-{old.name}")
            try:
                disk.rename(old, doomed)
            except OSError as error:
                log.warning("The old checkpoint %s cannot be deleted: %s.", old.name, error)
                continue
            _try_to_remove(doomed)


def _try_to_remove(path: Path) -> None:
    """What stays is removed at the next start."""
    try:
        disk.remove(path)
    except OSError as error:
        log.warning("%s cannot be removed: %s.", path, error)


def _json(content: Any) -> bytes:
    return (json.dumps(content, indent=1) + "\n").encode()


def intact(folder: Path) -> bool:
    """Whether every file of a checkpoint is there with the size and the SHA-256 of its manifest."""
    try:
        manifest = json.loads((folder / "MANIFEST.json").read_bytes())
        return manifest.keys() >= REQUIRED and all(
            Path(name).name == name and (folder / name).stat().st_size == size and _digest(folder / name) == digest
            for name, (size, digest) in manifest.items()
        )
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        return False


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def set_aside(run: Path) -> list[str]:
    """Rename damaged checkpoints to `bad-...` and clear up after a killed save; returns what was damaged."""
    parent, damaged = run / "checkpoints", []
    for waiting in parent.glob(".replaced-step-????????"):
        if not (place := parent / waiting.name.removeprefix(".replaced-")).exists():
            disk.rename(waiting, place)
    for left in (*parent.glob(".writing-*"), *parent.glob(".deleting-*"), *parent.glob(".replaced-*")):
        _try_to_remove(left)
    for folder in sorted(parent.glob("step-????????")):
        if not intact(folder):
            damage(folder)
            damaged.append(folder.name)
    return damaged


def damage(folder: Path) -> None:
    """Rename a checkpoint that cannot be used: it is never deleted, for somebody may want to look into it."""
    names = (f"bad-{folder.name}" + (f"-{n}" if n else "") for n in range(10**6))
    disk.rename(folder, next(place for name in names if not (place := folder.with_name(name)).exists()))


def newest(run: Path) -> tuple[Path | None, list[str]]:
    """The newest intact checkpoint of a run folder, and the names of newer ones that are damaged."""
    skipped: list[str] = []
    for folder in sorted((run / "checkpoints").glob("step-????????"), reverse=True):
        if intact(folder):
            return folder, skipped
        skipped.append(folder.name)
    return None, skipped


def restore(folder: Path, net: Any, optimizer: torch.optim.Optimizer) -> Progress:
    """Load weights and optimizer state in place; returns what `save` was given as `progress`.

    Raises UserError when a part is missing or does not fit `net`; nothing was changed then.
    """
    try:
        progress = msgspec.json.decode((folder / "state.json").read_bytes(), type=Progress)
        tensors = safetensors.load_file(folder / "model.safetensors")
        slots = _slots(safetensors.load_file(folder / "optimizer.safetensors"))
    except (OSError, ValueError, SafetensorError) as error:
        raise UserError(f"The checkpoint {folder.name} cannot be read.", why=f"{error}.") from error
    saved = type(net).from_tensors(net.config(), tensors).state_dict()
    if extra := tensors.keys() - net.to_tensors().keys():
        raise UserError(f"The checkpoint {folder.name} is not this model's.", why=f"It has {min(extra)}.")
    groups = optimizer.state_dict()["param_groups"]
    updates = progress.step - progress.fresh - sum(progress.fresh <= step < progress.step for step in progress.skips)
    _check_slots(slots, groups, optimizer.param_groups, folder.name, needed=updates > 0)
    net.load_state_dict(saved)
    optimizer.load_state_dict({"state": slots, "param_groups": groups})
    return progress


def _slots(tensors: dict[str, Tensor]) -> dict[int, dict[str, Tensor]]:
    slots: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        index, _, key = name.partition(".")
        slots.setdefault(int(index), {})[key] = tensor
    return slots


def _check_slots(
    slots: dict[int, dict[str, Tensor]], groups: Any, parameters: Any, checkpoint: str, needed: bool
) -> None:
    """AdamW keeps two moments of a parameter's shape and a count; before the first update it keeps nothing."""
    if not slots and not needed:
        return
    for named, owned in zip(groups, parameters, strict=True):
        for index, parameter in zip(named["params"], owned["params"], strict=True):
            part = slots.get(index, {})
            fits = part.keys() == {"exp_avg", "exp_avg_sq", "step"} and all(
                part[key].shape == parameter.shape for key in ("exp_avg", "exp_avg_sq")
            )
            if not fits:
                raise UserError(f"The checkpoint {checkpoint} does not hold the optimizer's state of every weight.")
    if len(slots) != sum(len(named["params"]) for named in groups):
        raise UserError(f"The checkpoint {checkpoint} holds the optimizer's state of another network.")
