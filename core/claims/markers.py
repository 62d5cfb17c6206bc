"""C9: are [CLS] and [SEP] learned in pre-training? Two vocabularies, what it costs to leave them out, and the rule."""

from __future__ import annotations

from core.claims.plan import Decision, Knob, Measured, Plan

COSTS = 0.01
"""Bits a word by which leaving a mark out must make words less likely, for it to count as learned."""

RULE = (
    "Supported if both marks are entries of BERT's vocabulary and neither is one of GPT-2's, and leaving them out "
    f"costs a trained BERT more than {COSTS:g} bits a word: both together in the bundled one, and each of them in a "
    "tiny one that was pre-trained on [CLS] a [SEP] b [SEP] (95 % intervals). Mixed if only one of the two marks costs "
    "the tiny one anything. Refuted if the vocabularies say otherwise, or if leaving out both costs the bundled one, "
    "or either the tiny one, less than that. Else inconclusive."
)


def decide(measured: Measured) -> Decision:
    """The rule of C9 on `bert_marks`, `gpt2_marks`, `bert_without_both`, `tiny_without_cls` and `tiny_without_sep`."""
    if measured["bert_marks"].value != 2 or measured["gpt2_marks"].value:
        return Decision("refuted", "The vocabularies do not have the marks as the claim says.")
    bundled = measured["bert_without_both"]
    marks = {"[CLS]": measured["tiny_without_cls"], "[SEP]": measured["tiny_without_sep"]}
    said = (
        f"Without the marks a word costs the bundled BERT {bundled.value or 0:+.2f} bits; the tiny one that was "
        f"pre-trained with them pays {marks['[CLS]'].value or 0:+.2f} bits without [CLS] and "
        f"{marks['[SEP]'].value or 0:+.2f} without [SEP]."
    )
    costs = {name: (one.low if one.low is not None else 0.0) > COSTS for name, one in marks.items()}
    free = {name: (one.high if one.high is not None else COSTS) < COSTS for name, one in marks.items()}
    if (bundled.high is not None and bundled.high < COSTS) or all(free.values()):
        return Decision("refuted", f"{said} They were not learned.")
    if any(costs.values()) and any(free.values()):
        return Decision("mixed", f"{said} Only one of the two was learned.")
    if (bundled.low or 0.0) > COSTS and all(costs.values()):
        return Decision("supported", f"{said} GPT-2's vocabulary has neither of them.")
    return Decision("inconclusive", f"{said} The intervals leave it open.")


PLAN = Plan(
    claim="C9",
    name="markers",
    title="What BERT loses without [CLS] and [SEP], and what GPT-2 makes of them",
    about=(
        "First the two published vocabularies: are the marks entries, or do they fall to pieces? Then gaps are filled "
        "with and without the marks, by the bundled BERT and by two tiny ones, of which only one had them in "
        "pre-training. In the end both tiny ones learn a small labelled task, read off [CLS]."
    ),
    rule=RULE,
    decide=decide,
    literature="supported",
    differs=(
        "That GPT-1 met its marks only at fine-tuning stands in its code and is not measured here. The bundled BERT "
        "was not trained like the published one: where its windows ended anywhere in a text, [SEP] told it nothing. "
        "Leaving out [CLS] also moves every word by one position."
    ),
    knobs=(
        Knob("sentences", "Sentences in which gaps are filled", quick=150, thorough=600, low=5, high=700),
        Knob("steps", "Pre-training steps of each tiny BERT", quick=350, thorough=1500, low=0, high=4000),
        Knob("labels", "Labelled sentences, at most", quick=200, thorough=400, low=8, high=400),
        Knob("tuning", "Steps of each fine-tuning", quick=100, thorough=150, low=1, high=1000),
        Knob("repeats", "How often each fine-tuning is repeated", quick=2, thorough=5, low=1, high=10),
        Knob(
            "control",
            "The bundled BERT untrained, or the tiny one that never saw the marks in the other's place",
            quick="none",
            thorough="none",
            choices=("none", "untrained", "never-seen"),
        ),
    ),
    models=("bert", "gpt2"),
    seconds=45,
    thorough_seconds=300,
)
