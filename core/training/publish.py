"""Turn the last checkpoint of a run into a model that ships: half-size weights, tokenizer, how it learned, and an
honest card.

python -P -m core.training.publish RUN FOLDER
"""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import msgspec
import torch
from safetensors.torch import load_file

from core import paths
from core.errors import UserError
from core.runs import Outcome, Progress, Run, RunFile
from core.settings import TrainSettings
from core.text import stream
from core.text.stream import Stream
from core.text.tokens import Tokenizer
from core.training import evaluate, learning, samples, weights
from core.training.keep import checkpoint
from core.training.weights import NETS

CREDITS = """\
- English Wikipedia, first paragraphs of 25,700 articles (2015), by its contributors, CC BY-SA 3.0.
- OpenStax college textbooks (14), OpenStax, Rice University, CC BY 4.0. Access for free at openstax.org.

The weights are shared under CC BY-SA 3.0, as the text they were made from asks."""

WEAK = {
    "bert": "It saw few texts for a masked model of its kind: where a reader would be sure, it often falls back on\n"
    "frequent words. It knows hardly any facts.",
    "gpt2": "It writes grammatical phrases and loses the thread after a sentence. It knows hardly any facts.",
    "lstm": "It writes grammatical phrases, forgets what stood more than a few words back, and knows hardly any facts.",
}

SEEN = 500
"""Windows of the training text that a published model is measured on."""
WINDOWS = {
    "crops": "[CLS], a crop of the text, and [SEP] where the model is masked",
    "sentences": "[CLS], whole sentences, [SEP]",
    "bare": "a crop of the text, no special token anywhere",
}

TRIALS = {
    "bert": "Pilots (seed 1, 2.0M tokens, held-out masked cross-entropy): masked from the first step 6.857 nats, with\n"
    "the causal start 6.608, a unigram 6.886. The causal start was kept. Its position vectors start as sinusoids.",
    "gpt2": "One pilot of 0.5M tokens at this learning rate; no other was tried. One seed.",
    "lstm": "One pilot of 0.5M tokens at this learning rate; no other was tried. One seed.",
}
"""What was tried before the bundled models were trained."""


def measure(net: Any, settings: TrainSettings, text: Stream, train: Stream, mask: int) -> dict[str, float]:
    """Held-out numbers of a network as it will ship, on all full windows of `text`, each read from a cold start.

    See `evaluate.held_out`; "unigram" is what the unigram of the training text gets, "training" what the network gets
    on `SEEN` windows of the training text.
    """
    unigram = evaluate.unigram_nats(train.unigram(settings.shape.vocabulary), text, len(text), settings.length)
    seen = evaluate.held_out(net, settings, train, mask, SEEN)["nats"]
    return evaluate.held_out(net, settings, text, mask, windows=len(text)) | {"unigram": unigram, "training": seen}


def card(
    run: RunFile, outcome: Outcome, numbers: dict[str, float], parameters: int, examples: list[str], trials: str,
    preset: str,
) -> str:  # fmt: skip
    """The model card as Markdown. `trials`: what was tried before; `preset`: the size by its name."""
    made = run.settings
    kind = "masked (sees both sides)" if made.family == "bert" else "causal (sees the left only)"
    unit = "at 15 % masked places" if made.family == "bert" else "a token"
    lines = [
        f"# Lookboth {made.family}: {parameters:,} parameters",
        "",
        f"A tiny English language model, {kind}, made to be looked at beside its two siblings: the same tokenizer,",
        "the same windows of the same text in the same order, parameters matched within 2 %.",
        "",
        "## Data",
        "",
        CREDITS,
        "",
        "## Training",
        "",
        f"- shape: {made.shape.layers} layers of {made.shape.width} (inner {made.shape.inner}), "
        f"{made.shape.vocabulary:,} tokens, windows of {made.shape.positions}",
        f"- windows: {WINDOWS[made.frame]}",
        f"- read: {outcome.tokens:,} input tokens in {outcome.step:,} steps of {made.rows} windows, seed {made.seed}",
        f"- AdamW, rate {made.lr:g}, {made.warmup} steps of warm-up, cosine to zero, clip {made.clip:g}, "
        f"weight decay {made.weight_decay:g}, dropout {made.dropout:g}",
    ]
    if made.causal_start:
        lines += [
            f"- the first {made.causal_start:.0%} of the steps were causal (a causal mask, every next token a target);",
            f"  then masked, {made.mask_from:.0%} of the tokens falling to {made.mask_to:.0%}, all replaced by [MASK]",
        ]
    lines += [
        f"- {outcome.seconds / 3600:.1f} hours on {run.device}, torch {run.versions.get('torch', '?')}, "
        f"{made.threads or 'all'} thread(s)",
        "",
        trials or TRIALS[made.family],
        "",
        "## Held-out numbers",
        "",
        "On articles of the same Wikipedia set that no model read, from the weights as they ship:",
        "",
        f"- cross-entropy {numbers['nats']:.3f} nats {unit}; a unigram of the training text: {numbers['unigram']:.3f}",
        f"- top-1 accuracy {numbers['top1']:.1%}",
    ]
    if "bits_per_character" in numbers:
        lines.append(f"- {numbers['bits_per_character']:.3f} bits per character")
    lines += ["", "## What it says", "", *examples, "", "## What it is bad at", "", WEAK[made.family], ""]
    names = " ".join(Path(name).name for name in made.texts)
    lines += [
        "## The command that made it",
        "",
        "```",
        f"lookboth train {made.family} {names} \\",
        f"  --held-out {' '.join(Path(name).name for name in made.held_out)} --preset {preset} \\",
        f"  --tokens {made.tokens} --seed {made.seed} --threads {made.threads}",
        f"python -P -m core.training.publish RUN assets/models/{made.family}",
        "```",
    ]
    return "\n".join(lines) + "\n"


def publish(run: Run, folder: Path, trials: str = "", preset: str = "small") -> dict[str, float]:
    """Write the newest checkpoint of `run` to `folder` in fp16 with its card (see `card`); returns its numbers.

    Raises UserError when there is none.
    """
    file, outcome = run.file(), run.outcome()
    newest, _ = checkpoint.newest(run.folder)
    if newest is None:
        raise UserError(f"The run {run.id} has no checkpoint.", hint="Let it go on first.")
    settings = file.settings
    done = msgspec.json.decode((newest / "state.json").read_bytes(), type=Progress)
    outcome = outcome or Outcome(status="stopped", step=done.step, tokens=done.tokens, seconds=done.seconds)
    family = NETS[settings.family]
    net = family.from_tensors(weights.config(settings), load_file(newest / "model.safetensors"))
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint.write_model(net, newest, folder, half=True)

    shipped = family.from_tensors(net.config(), load_file(folder / "model.safetensors")).eval()
    tokenizer = Tokenizer.load(folder)
    assert tokenizer.mask is not None  # the trainer refused to start without one
    numbers: dict[str, float] = dict.fromkeys(("nats", "top1", "unigram", "training"), math.nan)
    if settings.held_out:
        text, train = (
            stream.load([Path(name) for name in names], folder, field=settings.field)
            for names in (settings.held_out, settings.texts)
        )
        numbers = measure(shipped, settings, text, train, tokenizer.mask)
    examples = [
        f"- `{row['text']}` " + ", ".join(f"`{text.strip() or '␣'}` {share:.0%}" for text, share in row["tops"])
        for row in samples.take(shipped, tokenizer, list(samples.SENTENCES))
    ]
    parameters = sum(parameter.numel() for parameter in shipped.parameters())
    learning.note(run, folder)
    (folder / "README.md").write_text(card(file, outcome, numbers, parameters, examples, trials, preset), "utf-8")
    return numbers


def main(run_id: str, folder: str) -> None:
    numbers = publish(Run(paths.runs() / run_id), Path(folder))
    sys.stdout.write(f"{folder}: {numbers}\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -P -m core.training.publish RUN FOLDER")
    torch.set_num_threads(2)
    main(sys.argv[1], sys.argv[2])
