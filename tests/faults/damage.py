"""Ways in which a committed checkpoint can be damaged, by disks, by copying, and by people.

    python -m tests.faults.damage [--flips 500] [--family gpt2]

Each is done to the newest of two checkpoints: the trainer must go on from the older one and say so. Random bits are
flipped over all files as well, where looking at the manifest must be enough. Prints a JSON report.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from safetensors.torch import load_file, save

from core import runs
from core.runs import Run
from core.settings import TrainSettings
from core.training.keep import checkpoint
from core.training.trainer import Trainer
from tests.faults import toy

MODEL, OPTIMIZER, STATE, MANIFEST = "model.safetensors", "optimizer.safetensors", "state.json", "MANIFEST.json"
Damage = Callable[[Path, Path], object]
"""Damages a checkpoint; the second folder is an older one, whole."""


def _cut(name: str, share: float) -> Damage:
    def do(folder: Path, _: Path) -> None:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: min(len(content) - 1, int(share * len(content)))])

    return do


def _gone(name: str) -> Damage:
    return lambda folder, _: (folder / name).unlink()


def _swapped(name: str) -> Damage:
    return lambda folder, older: shutil.copyfile(older / name, folder / name)


def _zeroed(name: str) -> Damage:
    """A page in the middle that never reached the disk."""

    def do(folder: Path, _: Path) -> None:
        content = bytearray((folder / name).read_bytes())
        page = len(content) // 2 // 4096 * 4096
        content[page : page + 4096] = bytes(len(content[page : page + 4096]))
        (folder / name).write_bytes(content)

    return do


def _flipped(name: str) -> Damage:
    return lambda folder, _: flip(folder / name, -5, 0)


def flip(path: Path, byte: int, bit: int) -> None:
    """Turn one bit of a file."""
    content = bytearray(path.read_bytes())
    content[byte] ^= 1 << bit
    path.write_bytes(content)


def _manifest(change: Callable[[dict[str, list[object]]], object]) -> Damage:
    def do(folder: Path, _: Path) -> None:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        change(manifest)
        (folder / MANIFEST).write_text(json.dumps(manifest))

    return do


def _forged(name: str, change: Callable[[Path], bytes]) -> Damage:
    """Another content, and a manifest that agrees with it: only a look at what is in the file helps."""

    def do(folder: Path, _: Path) -> None:
        content = change(folder / name)
        (folder / name).write_bytes(content)
        manifest = json.loads((folder / MANIFEST).read_bytes())
        manifest[name] = [len(content), hashlib.sha256(content).hexdigest()]
        (folder / MANIFEST).write_text(json.dumps(manifest))

    return do


def _without_a_tensor(path: Path) -> bytes:
    tensors = load_file(path)
    tensors.pop(min(tensors))
    return save(tensors, {"format": "pt"})


def _with_one_more(path: Path) -> bytes:
    tensors = load_file(path)
    return save(tensors | {"stray.weight": next(iter(tensors.values())).clone()}, {"format": "pt"})


def _of_another_shape(path: Path) -> bytes:
    tensors = load_file(path)
    name = max(tensors, key=lambda name: tensors[name].numel())
    return save(tensors | {name: tensors[name][:-1].clone()}, {"format": "pt"})


def _emptied(folder: Path, _: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def _lengthened(folder: Path, _: Path) -> None:
    with open(folder / MODEL, "ab") as file:
        file.write(b"\0")


KINDS: dict[str, Damage] = {
    "weights deleted": _gone(MODEL),
    "optimizer deleted": _gone(OPTIMIZER),
    "state deleted": _gone(STATE),
    "manifest deleted": _gone(MANIFEST),
    "config deleted": _gone("config.json"),
    "tokenizer deleted": _gone("tokenizer.json"),
    "weights cut in half": _cut(MODEL, 0.5),
    "optimizer a byte short": _cut(OPTIMIZER, 1.0),
    "weights a byte longer": _lengthened,
    "weights emptied": _cut(MODEL, 0.0),
    "state emptied": _cut(STATE, 0.0),
    "everything gone": _emptied,
    "a bit of the weights": _flipped(MODEL),
    "a bit of the optimizer": _flipped(OPTIMIZER),
    "a bit of the state": _flipped(STATE),
    "a page of the weights": _zeroed(MODEL),
    "a page of the optimizer": _zeroed(OPTIMIZER),
    "older weights": _swapped(MODEL),
    "older optimizer": _swapped(OPTIMIZER),
    "older state": _swapped(STATE),
    "older manifest": _swapped(MANIFEST),
    "a manifest of nothing": _manifest(dict.clear),
    "a manifest without the optimizer": _manifest(lambda manifest: manifest.pop(OPTIMIZER)),
    "forged: weights without a tensor": _forged(MODEL, _without_a_tensor),
    "forged: weights with one more": _forged(MODEL, _with_one_more),
    "forged: weights of another shape": _forged(MODEL, _of_another_shape),
    "forged: optimizer without a tensor": _forged(OPTIMIZER, _without_a_tensor),
    "forged: optimizer with one more": _forged(OPTIMIZER, _with_one_more),
    "forged: optimizer of another shape": _forged(OPTIMIZER, _of_another_shape),
    "forged: a state that is none": _forged(STATE, lambda _: b'{"step": "two"}'),
}


def made(wanted: TrainSettings) -> Run:
    """A run with two checkpoints."""
    trainer = Trainer(runs.create(wanted))
    for _ in range(2):
        trainer.step()
        trainer.save()
    trainer.record.close()
    return trainer.run


def unseen(run: Run, damage: Damage) -> str:
    """Damage the newest checkpoint of a copy of `run` and resume it; how the trainer was fooled, empty if not."""
    copy = Run(run.folder.with_name("copy"))
    shutil.rmtree(copy.folder, ignore_errors=True)
    shutil.copytree(run.folder, copy.folder)
    older, newest = copy.checkpoints
    damage(newest, older)
    trainer = Trainer(copy)
    try:
        trainer.resume()
    except Exception as error:  # a person would have to do something
        return f"{type(error).__name__}: {error}"
    finally:
        trainer.record.close()
    said = [row for row in copy.rows()[0] if row.get("event") == "damaged" and newest.name in row["text"]]
    if trainer.progress.step != int(older.name[5:]):
        return f"it goes on from step {trainer.progress.step}"
    if newest.exists() or not newest.with_name(f"bad-{newest.name}").exists():
        return "the damaged checkpoint was not set aside"
    return "" if said else "nothing was said"


def flips(folder: Path, count: int, seed: int) -> Iterator[str]:
    """Flip `count` random bits of all files of a checkpoint, one at a time; yields those that are not seen."""
    chosen = random.Random(seed)
    files = sorted(folder.iterdir())
    sizes = [path.stat().st_size for path in files]
    for number in range(count):
        # Half of them by size, as disks do it; half by file, or the small ones would never be hit.
        path = chosen.choices(files, sizes if number % 2 else None)[0]
        byte, bit = chosen.randrange(path.stat().st_size), chosen.randrange(8)
        flip(path, byte, bit)
        if checkpoint.intact(folder):
            yield f"{path.name}: bit {bit} of byte {byte}"
        flip(path, byte, bit)


@dataclass
class Report:
    """How much damage was done, and what of it the trainer did not notice, or could not live with."""

    kinds: int = 0
    flips: int = 0
    wrong: list[str] = field(default_factory=list)


def harness(wanted: TrainSettings, count: int = 500, seed: int = 1) -> Report:
    """Every kind of damage, and `count` flipped bits."""
    run = made(wanted)
    found = {name: unseen(run, damage) for name, damage in KINDS.items()}
    wrong = [f"{name}: {how}" for name, how in found.items() if how]
    wrong += [f"{where} flipped and not seen" for where in flips(run.checkpoints[-1], count, seed)]
    return Report(len(KINDS), count, wrong)


def main() -> int:
    """Print a report; 0 when all damage was seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--family", default="gpt2")
    parser.add_argument("--flips", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["LOOKBOTH_HOME"] = home
        report = harness(toy.settings(Path(home), None, chosen.family), chosen.flips, chosen.seed)
    print(json.dumps(asdict(report), indent=1))
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
