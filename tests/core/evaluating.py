"""What the tests of evaluation share: small sets, tiny models beside their twins of `transformers`, and silence."""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import torch

from core.evaluation.job import Found, Job
from core.messages import Measure
from core.models.load import load
from core.models.model import Model
from tests.core import folders


def silent(done: int, total: int) -> None:
    """A report that nobody hears."""


def nothing(done: int, total: int, note: str) -> None:
    """Progress that nobody watches."""


def lines(path: Path, *records: Any) -> Path:
    """A file of JSON lines, compressed where its name says so."""
    content = "".join(json.dumps(record) + "\n" for record in records).encode()
    path.write_bytes(lzma.compress(content) if path.suffix == ".xz" else content)
    return path


def finish(job: Job) -> Found:
    """Do a whole job."""
    return job.conclude([chunk.run(silent) for chunk in job.chunks])


def by_name(measures: list[Measure]) -> dict[str, Measure]:
    """Measures by their names, each of which must be used once."""
    assert len({measure.name for measure in measures}) == len(measures)
    return {measure.name: measure for measure in measures}


def twins(folder: Path, family: str, tokenizer: Path) -> tuple[Model, Any]:
    """A tiny random model as the lab opens it, and as `transformers` does."""
    from transformers import BertForMaskedLM, GPT2LMHeadModel

    home = folders.model(folder / family, family, tokenizer)
    theirs: Any = {"bert": BertForMaskedLM, "gpt2": GPT2LMHeadModel}[family]
    return load(folders.entry(home, family), torch.device("cpu")), theirs.from_pretrained(home).eval()


@torch.inference_mode()
def logprob(theirs: Any, ids: list[int], place: int, token: int) -> float:
    """log p of `token` at one place of one row, by a plain forward pass of `transformers`."""
    return float(theirs(torch.tensor([ids])).logits[0, place].log_softmax(-1)[token])
