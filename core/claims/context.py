"""C6: what of its surroundings does BERT use? Context ablation, negation, and the rule on both."""

from __future__ import annotations

from core.claims.plan import Decision, Knob, Measured, Plan

SEEN = 0.1
"""Bits that a side must be worth, however it is taken away, to count as used."""
ORDER = 0.05
"""Bits that the order of the far words must be worth to count as used."""
HALF = 0.5
"""Share of negations that leave the first choice as it is, above which they count as not understood."""
SIDES = ("left", "right")
CUTS = ("deleted", "random")

RULE = (
    "The claim has two parts. “Sees all words”: the mean loss of log-probability of a masked word is more than "
    f"{SEEN:g} bits both when one side is deleted and when it is replaced by random words, for the left and for the "
    "right side (95 % intervals above it). “Understands the full context”: shuffling all words beyond the distance "
    f"`far` costs more than {ORDER:g} bits, and “is not a” instead of “is a” changes the first choice in more than "
    "half of our pairs. Refuted if a side is worth less than that; supported if both parts hold; mixed if the first "
    "holds and the order of the far words costs less, or more than half of the first choices stay; else inconclusive."
)


def decide(measured: Measured) -> Decision:
    """The rule of C6 on `left_…` and `right_…` (deleted, random), `far_shuffled` and `negation_same`."""
    sides = {side: [measured[f"{side}_{cut}"] for cut in CUTS] for side in SIDES}
    far, same = measured["far_shuffled"], measured["negation_same"]
    lost = " and ".join(f"{min(one.value or 0 for one in both):.2f} bits without its {side} side"
                        for side, both in sides.items())  # fmt: skip
    rest = (
        f"Shuffling the far words costs {far.value or 0:.2f} bits ({_ends(far.low)} to {_ends(far.high)}), and in "
        f"{same.value or 0:.0%} of {same.n} pairs the first choice stays when “not” is put in."
    )
    for side, both in sides.items():
        if any(one.high is not None and one.high < SEEN for one in both):
            return Decision("refuted", f"It does not use its {side} side: at least one way to take it away costs less "
                            f"than {SEEN:g} bits. It loses {lost}.")  # fmt: skip
    if not all(one.low is not None and one.low > SEEN for both in sides.values() for one in both):
        return Decision("inconclusive", f"It loses at least {lost}, which is not certain enough.")
    seen = f"It uses both sides: it loses at least {lost}. {rest}"
    if (far.high is not None and far.high < ORDER) or (same.low is not None and same.low > HALF):
        return Decision("mixed", f"{seen} So it does not understand the full context.")
    if (far.low is not None and far.low > ORDER) and (same.high is not None and same.high < HALF):
        return Decision("supported", seen)
    return Decision("inconclusive", f"{seen} That does not settle whether it understands the full context.")


def _ends(value: float | None) -> str:
    return "?" if value is None else f"{value:.2f}"


PLAN = Plan(
    claim="C6",
    name="context",
    title="What a masked word costs when parts of its context are taken away",
    about=(
        "One word in the middle of each window is masked. Then parts of the context are deleted, shuffled or replaced "
        "by random words: the left side, the right, the nearest three words on each side, all words beyond a distance. "
        "It shows how many bits that costs. Pairs of sentences with and without “not” show whether a word that turns "
        "the meaning turns the first choice."
    ),
    rule=RULE,
    decide=decide,
    literature="mixed",
    differs=(
        "The bundled BERT is far smaller than BERT-base and was trained on far less text, in short windows, "
        "so it may use less of what stands far away; and our negations are simple sentences, not a published test."
    ),
    knobs=(
        Knob("targets", "Masked words, one a window", quick=300, thorough=2000, low=10, high=5000, step=10),
        Knob("tokens", "Tokens of a window", quick=96, thorough=112, low=16, high=480, step=8),
        Knob("far", "Distance beyond which a word is far", quick=20, thorough=20, low=4, high=200),
        Knob(
            "control",
            "Untrained weights, or a text whose words were shuffled all together: both must refute it",
            quick="none",
            thorough="none",
            choices=("none", "untrained", "shuffled"),
        ),
    ),
    models=("bert",),
    seconds=40,
    thorough_seconds=240,
)
