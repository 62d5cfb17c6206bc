"""Ways to score the same sentences, each in a process of its own that works only when it has its turn.

    python -m benchmarks.scorers ours|minicons|single|pipeline|naive|roof FORM

FORM is a file that holds a `Form` as JSON. A line on standard input names a workload: it is scored once, and its row
is a line of JSON on standard output. `roof` computes the matrix products of ours and nothing else.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import psutil
import torch

from benchmarks.roof import factors, multiply, scoring

CPU = torch.device("cpu")
BATCH = 10
"""Sentences that `minicons` is handed at once."""

Scorer = Callable[[list[str]], list[float]]
"""The log-probability (nats) of each sentence."""


class Form(msgspec.Struct, frozen=True):
    """A model's folder, the threads, and the sentences of each workload."""

    folder: str
    kind: str
    threads: int
    workloads: dict[str, list[str]]


def ours(form: Form) -> Scorer:
    """The lab's own, from text to numbers."""
    from core.catalogue import Entry
    from core.models.load import load
    from core.scoring import causal, masked
    from core.scoring.masked import Pieces

    model = load(Entry(name="it", source="folder", folder=form.folder, architecture="", kind=""), CPU)

    def score(texts: list[str]) -> list[float]:
        ids = [model.tokenizer.encode(text).ids for text in texts]
        if form.kind == "masked":
            return [sum(row) for row in masked.logprobs(model, [Pieces(row, []) for row in ids], "original")]
        return [sum(value or 0.0 for value in row) for row in causal.logprobs(model, ids)]

    return score


def theirs(form: Form) -> tuple[Any, Any]:
    """The model and the tokenizer that a user of `transformers` would take."""
    import transformers
    from tokenizers.processors import TemplateProcessing

    import core.models.lstm  # noqa: F401 the bundled LSTM has no class in transformers

    auto = transformers.AutoModelForMaskedLM if form.kind == "masked" else transformers.AutoModelForCausalLM
    model: Any = auto.from_pretrained(form.folder, dtype=torch.float32).eval()
    if (Path(form.folder) / "tokenizer.json").is_file():
        tokenizer: Any = transformers.PreTrainedTokenizerFast.from_pretrained(form.folder)
    else:
        tokenizer = transformers.BertTokenizerFast.from_pretrained(form.folder)
    ends = [(name, tokenizer.convert_tokens_to_ids(name)) for name in ("[CLS]", "[SEP]")]
    framed = "[CLS] $A [SEP]" if form.kind == "masked" else "$A"
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(single=framed, special_tokens=ends)
    tokenizer.batch_encode_plus = tokenizer.__call__  # minicons 0.3.39 asks for it, transformers 5 lost it
    return model, tokenizer


def minicons(form: Form, size: int = BATCH) -> Scorer:
    """minicons (Misra 2022, arXiv 2203.13112), in batches of `size` sentences."""
    from minicons import scorer

    model, tokenizer = theirs(form)
    masked = form.kind == "masked"
    judge = (scorer.MaskedLMScorer if masked else scorer.IncrementalLMScorer)(model, "cpu", tokenizer=tokenizer)
    how: dict[str, Any] = {"PLL_metric": "original"} if masked else {"bos_token": True}

    def score(texts: list[str]) -> list[float]:
        parts = [texts[at : at + size] for at in range(0, len(texts), size)]
        found = (score for part in parts for score in judge.sequence_score(part, reduction=lambda x: x.sum(), **how))
        return [float(value) for value in found]

    return score


def single(form: Form) -> Scorer:
    """minicons, a sentence at a time: slower on an accelerator, faster on a CPU, for nothing is padded."""
    return minicons(form, 1)


def pipeline(form: Form) -> Scorer:
    """The fill-mask pipeline of `transformers`, asked for every token."""
    import transformers

    model, tokenizer = theirs(form)
    fill: Any = transformers.pipeline("fill-mask", model=model, tokenizer=tokenizer, device="cpu")

    def score(texts: list[str]) -> list[float]:
        found = []
        for text in texts:
            spans = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
            asked = [text[:start] + tokenizer.mask_token + text[end:] for start, end in spans]
            found.append(sum(fill(one, top_k=1)[0]["score"] for one in asked))
        return found

    return score


def naive(form: Form) -> Scorer:
    """A dozen lines of one's own: all copies of a sentence in one batch, a softmax over everything."""
    model, tokenizer = theirs(form)

    @torch.no_grad()
    def score(texts: list[str]) -> list[float]:
        found = []
        for text in texts:
            ids = torch.tensor(tokenizer(text)["input_ids"])
            places = torch.arange(1, len(ids) - 1)
            rows = ids.repeat(len(places), 1)
            rows[torch.arange(len(places)), places] = tokenizer.mask_token_id
            logprobs = model(rows).logits.log_softmax(-1)
            found.append(float(logprobs[torch.arange(len(places)), places, ids[places]].sum()))
        return found

    return score


def roof(form: Form) -> Scorer:
    """The products of ours alone; its "score" is their FLOPs."""
    from core.text.tokens import Tokenizer

    tokenizer = Tokenizer.load(Path(form.folder))
    config = json.loads((Path(form.folder) / "config.json").read_bytes())
    found: dict[str, Any] = {}

    def score(texts: list[str]) -> list[float]:
        key = str(len(texts)) + texts[0]
        if key not in found:
            found[key] = factors(scoring(config, [len(tokenizer.encode(text).ids) for text in texts]))
        return [multiply(found[key])]

    return score


def forget_peak() -> None:
    """From here on the peak of this process's memory is counted anew, where Linux lets it."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak() -> int:
    """The most memory this process held, in bytes, since `forget_peak`."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    except OSError:
        return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main(who: str, told: str) -> None:
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else a library prints is no row
    form = msgspec.json.decode(Path(told).read_bytes(), type=Form)
    torch.set_num_threads(form.threads)
    imports = psutil.Process().memory_info().rss
    makers = {"ours": ours, "minicons": minicons, "single": single, "pipeline": pipeline, "naive": naive, "roof": roof}
    score = makers[who](form)
    gc.collect()
    for line in sys.stdin:
        texts = form.workloads[line.strip()]
        before = psutil.Process().memory_info().rss
        forget_peak()
        wall, cpu = time.perf_counter(), time.process_time()
        scores = score(texts)
        row: dict[str, Any] = {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu}
        row |= {"extra_bytes": peak() - before, "above_imports": peak() - imports, "scores": scores[:50]}
        out.write(json.dumps(row) + "\n")
        out.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
