"""The card of a model that ships: what it was made from and how, its numbers, and what it is bad at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from core.runs import Progress, RunFile
from core.settings import Family, TrainSettings

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


class Story(NamedTuple):
    """What a card says that its run does not know."""

    about: str
    """What the model is there for; lines of at most 120 characters."""
    trials: str
    """What was tried before."""
    commands: Sequence[str]
    """The lines of a shell that made the model."""


def of_trio(family: Family, made: TrainSettings, preset: str, trials: str) -> Story:
    """The story of one of three siblings. `preset`: the size by its name; `trials` empty: those of the first trio."""
    kind = "masked (sees both sides)" if family == "bert" else "causal (sees the left only)"
    return Story(
        f"A tiny English language model, {kind}, made to be looked at beside its two siblings: the same tokenizer,\n"
        "the same windows of the same text in the same order, parameters matched within 2 %.",
        trials or TRIALS[family],
        [
            f"lookboth train {family} {_names(made.texts)} \\",
            f"  --held-out {_names(made.held_out)} --preset {preset} \\",
            f"  --tokens {made.tokens} --seed {made.seed} --threads {made.threads}",
            f"python -P -m core.training.publish RUN assets/models/{family}",
        ],
    )


def _names(files: Sequence[str]) -> str:
    return " ".join(Path(name).name for name in files)


def card(
    name: str, run: RunFile, done: Progress, numbers: Mapping[str, float], parameters: int, examples: Sequence[str],
    story: Story,
) -> str:  # fmt: skip
    """The card of the model `name` as Markdown. `numbers`: see `publish.measure`; `examples`: lines of a list."""
    made = run.settings
    unit = "at 15 % masked places" if made.family == "bert" else "a token"
    lines = [
        f"# Lookboth {name}: {parameters:,} parameters",
        "",
        story.about,
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
        f"- read: {done.tokens:,} input tokens in {done.step:,} steps of {made.rows} windows, seed {made.seed}",
        f"- AdamW, rate {made.lr:g}, {made.warmup} steps of warm-up, cosine to zero, clip {made.clip:g}, "
        f"weight decay {made.weight_decay:g}, dropout {made.dropout:g}",
    ]
    if made.causal_start:
        causal = f"{done.switch / max(1, done.steps):.1%}".replace(".0%", "%")
        lines += [
            f"- the first {causal} of the steps were causal (a causal mask, every next token a target);",
            f"  then masked, {made.mask_from:.0%} of the tokens falling to {made.mask_to:.0%}, all replaced by [MASK]",
        ]
    lines += [
        f"- {done.seconds / 3600:.1f} hours on {run.device}, torch {run.versions.get('torch', '?')}, "
        f"{made.threads or 'all'} thread(s)",
        "",
        story.trials,
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
    lines += ["## The command that made it", "", "```", *story.commands, "```"]
    return "\n".join(lines) + "\n"
