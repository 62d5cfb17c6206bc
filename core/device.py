"""Which processor computes, why, and whether its numbers are right.

`python -P -m core.device` writes the numbers that the self-test compares with, from the bundled models on this CPU.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec
import torch
from torch import Tensor

from core import catalogue, paths, runs
from core.errors import UserError
from core.models.model import Model

KNOWN = ("cuda", "mps", "cpu")
ABSENT = "no GPU that torch can use"
TOLERANCE = {"cpu": 1e-4}
"""Nats that a log-probability may differ from the stored one: float32 sums in another order. Elsewhere `ABROAD`."""
ABROAD = 1e-3

LENGTHS = (6, 9, 40, 120)
"""Tokens in each window. Backends have been wrong at 8 and fewer, and at lengths that 32 does not divide."""
OTHERS = 4
"""Tokens asked about at each place besides the one that stands there, spread over the vocabulary."""
TEXT = """\
The old lighthouse stands at the end of a narrow path, and nobody has lived in it for thirty years. In summer children
from the village walk out to it with bread and apples, sit on the warm stones and count the ships that pass. One of
them, a girl called Mina, once found a letter behind a loose brick. It was written in 1954 by the last keeper, who had
watched the storm that took the harbour wall. He wrote that the light had never failed, not even on the night when the
water came up to the door, and that he hoped somebody would read this after he was gone. Mina took the letter home,
showed it to her grandmother, and learned that the keeper had been her great-uncle. They put it back where it had been,
because, as the old woman said, a house should keep its own memory."""


class Choice(NamedTuple):
    """Where to compute, in which type, and why in words for a person."""

    device: torch.device
    dtype: torch.dtype
    reason: str


class Verdict(NamedTuple):
    """The outcome of a self-test. `worst` and `tolerance` are differences of log-probabilities in nats."""

    passed: bool
    worst: float
    tolerance: float
    note: str


class Question(NamedTuple):
    """One window: ids, the columns that are asked, and at each of them the tokens whose log-probability is wanted."""

    ids: list[int]
    columns: list[int]
    tokens: list[list[int]]


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """What a model said in one window: at each column the log-probabilities of `1 + OTHERS` tokens."""

    length: int
    logprobs: list[list[float]]


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """The file of stored numbers: windows by the revision of the model that gave them."""

    about: str
    models: dict[str, list[Window]]


# --- the choice --------------------------------------------------------------------------------------------


def choose() -> Choice:
    """The best device that works, or the one that LOOKBOTH_DEVICE names. Raises UserError when that is not there."""
    # cuDNN would compute an LSTM with 10 bits of mantissa, which is not the float32 that the screen promises.
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    wanted = os.environ.get("LOOKBOTH_DEVICE", "").strip().lower()
    if wanted and wanted not in KNOWN:
        raise UserError(f"LOOKBOTH_DEVICE is {wanted!r}.", hint=f"It can be {', '.join(KNOWN)}, or empty.")
    version = f"torch {torch.__version__}"
    if wanted == "cpu":
        return Choice(torch.device("cpu"), torch.float32, f"cpu: LOOKBOTH_DEVICE asks for it, {version}")
    troubles = []
    for name in (wanted,) if wanted else ("cuda", "mps"):
        trouble = _trouble(name)
        if not trouble:
            card = torch.cuda.get_device_name() if name == "cuda" else "Apple GPU"
            return Choice(torch.device(name), torch.float32, f"{name}: {card}, {version}")
        troubles.append(trouble)
    if wanted:
        raise UserError(f"There is no {wanted} device to use.", why=troubles[0], hint="Unset LOOKBOTH_DEVICE.")
    why = next((trouble for trouble in troubles if trouble != ABSENT), ABSENT)
    return Choice(torch.device("cpu"), torch.float32, f"cpu: {why}, {version}")


def _trouble(name: str) -> str:
    """Why the device called `name` cannot be used; empty when it can: a product of two matrices came out right."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        there = torch.cuda.is_available() if name == "cuda" else torch.backends.mps.is_available()
    if not there:
        # A driver that is too old, or a busy card, is said in a warning and nowhere else.
        return " ".join(str(caught[0].message).split())[:200] if caught else ABSENT
    try:
        ones = torch.ones(8, 8, device=name)
        right = bool(((ones @ ones).cpu() == 8).all())
    except RuntimeError as error:
        return f"{name} does not work: {str(error).strip().splitlines()[0][:200]}"
    return "" if right else f"{name} multiplies two matrices wrongly"


# --- the self-test -----------------------------------------------------------------------------------------


def self_test(device: torch.device, load: Callable[[str], Model]) -> Verdict:
    """Compare the bundled models on `device` with the numbers they gave on a CPU.

    `load` gives the bundled model of a name, on `device`. Every window is asked alone, all in one padded batch, and
    all in one padded batch with one place a row. A device that does not pass must not be used.
    """
    tolerance = TOLERANCE.get(device.type, ABROAD)
    worst, tested, untested = 0.0, [], []
    try:
        stored = _stored()
        for entry in catalogue.bundled():
            model = load(entry.name)
            asked = questions(model)
            expected = stored.get(model.identity.revision, [])
            if not expected or [window.length for window in expected] != [len(question.ids) for question in asked]:
                untested.append(f"{entry.name} {model.identity.revision}")
                continue
            off = _difference(answers(model, device, asked), expected)
            if not off <= tolerance:
                note = f"{entry.name} differs by {off:.2g} nats from the stored numbers; {tolerance:g} is allowed."
                return Verdict(False, min(off, 1e9), tolerance, note)
            worst = max(worst, off)
            tested.append(entry.name)
    except Exception as error:  # out of memory, a missing kernel: whatever it is, this device cannot be used
        why = str(error).strip() or type(error).__name__
        return Verdict(False, worst, tolerance, f"The self-test could not be done. {why[:300]}")
    note = f"Tested with {', '.join(tested)}." if tested else "Nothing was tested."
    if untested:
        note += f" No numbers are stored for {', '.join(untested)}: run python -P -m core.device."
    return Verdict(True, worst, tolerance, note)


def _file() -> Path:
    return paths.assets() / "results" / "self-test.json"


def _stored() -> dict[str, list[Window]]:
    """The stored windows by revision; none where there is no file. Raises UserError when it is broken."""
    try:
        return msgspec.json.decode(_file().read_bytes(), type=Stored).models
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError) as error:
        raise UserError(f"{_file()} cannot be read.", why=str(error), hint="Reinstall Lookboth.") from error


def questions(model: Model) -> list[Question]:
    """The windows of the self-test for `model`: those of LENGTHS that fit its context."""
    tokenizer, masked = model.tokenizer, model.identity.kind == "masked"
    left = [] if tokenizer.start is None else [tokenizer.start]
    right = [tokenizer.end] if masked and tokenizer.end is not None else []
    pieces, asked = tokenizer.encode(TEXT).ids, []
    for number, length in enumerate(LENGTHS):
        inner = pieces[3 * number :][: length - len(left) - len(right)]
        ids = [*left, *inner, *right]
        if length > model.identity.context or len(ids) < length:
            continue
        first, last = len(left), length - len(right) - 1
        places = sorted({first, first + (last - first) // 3, first + 2 * (last - first) // 3, last})
        targets = [ids[place] for place in places]
        if masked and tokenizer.mask is not None:
            ids = [tokenizer.mask if column in places else token for column, token in enumerate(ids)]
        elif first == 0:
            places, targets = places[1:], targets[1:]
        # A causal model answers for a token at the place before it.
        columns = places if masked else [place - 1 for place in places]
        size = model.identity.vocabulary
        others = [size * other // OTHERS for other in range(OTHERS)]
        asked.append(Question(ids, columns, [[target, *others] for target in targets]))
    return asked


@torch.inference_mode()
def answers(model: Model, device: torch.device, asked: list[Question]) -> list[list[Tensor]]:
    """For each question the log-probabilities (columns, 1 + OTHERS), found in three ways.

    Alone; all in one padded batch; all in one padded batch with only the last column of each, (1, 1 + OTHERS).
    """
    rows = [question.ids for question in asked]
    counts = [len(question.columns) for question in asked]
    alone = []
    for question in asked:
        columns = torch.tensor(question.columns)
        got = _read(model, device, [question.ids], torch.zeros_like(columns), columns)
        alone.append(got.gather(1, torch.tensor(question.tokens)))
    at = torch.arange(len(asked)).repeat_interleave(torch.tensor(counts))
    columns = torch.tensor([column for question in asked for column in question.columns])
    tokens = torch.tensor([tokens for question in asked for tokens in question.tokens])
    together = torch.split(_read(model, device, rows, at, columns).gather(1, tokens), counts)
    last = torch.tensor(counts).cumsum(0) - 1
    single = _read(model, device, rows, at[last], columns[last]).gather(1, tokens[last])
    return [[alone[n], together[n], single[n : n + 1]] for n in range(len(asked))]


def _read(model: Model, device: torch.device, rows: list[list[int]], at: Tensor, columns: Tensor) -> Tensor:
    """Log-probabilities (N, vocabulary) on the CPU, at the places (at, columns) of the padded rows."""
    lengths = torch.tensor([len(ids) for ids in rows])
    batch = torch.full((len(rows), int(lengths.max())), model.tokenizer.pad or 0)
    for row, ids in enumerate(rows):
        batch[row, : len(ids)] = torch.tensor(ids)
    told = lengths.to(device) if len(rows) > 1 else None
    return model.net.read(batch.to(device), told, at.to(device), columns.to(device)).float().log_softmax(-1).cpu()


def _difference(found: list[list[Tensor]], expected: list[Window]) -> float:
    """The largest difference to the stored numbers, in nats; infinite where something is not a number."""
    worst = 0.0
    for window, (alone, together, single) in zip(expected, found, strict=True):
        right = torch.tensor(window.logprobs)
        for got, want in ((alone, right), (together, right), (single, right[-1:])):
            off = float((got - want).abs().max())
            worst = max(worst, off if off == off else float("inf"))
    return worst


def main() -> None:
    """Write the numbers of the bundled models, in float32 on this CPU."""
    from core.models.load import load

    cpu = torch.device("cpu")
    models = {}
    for entry in catalogue.bundled():
        model = load(entry, cpu)
        asked = questions(model)
        windows = zip(asked, answers(model, cpu, asked), strict=True)
        models[model.identity.revision] = [
            Window(length=len(question.ids), logprobs=[[round(x, 6) for x in row] for row in alone.tolist()])
            for question, (alone, *_) in windows
        ]
    about = f"Log-probabilities (nats) of the bundled models in float32 on a CPU, torch {torch.__version__}."
    _file().parent.mkdir(parents=True, exist_ok=True)
    content = msgspec.json.format(msgspec.json.encode(Stored(about=about, models=models)), indent=1)
    runs.write_atomically(_file(), content + b"\n")
    sys.stdout.write(f"{_file()}: {len(models)} models\n")


if __name__ == "__main__":
    main()
