"""C4: LSTM with attention or Transformer, on a small task from sequence to sequence, and the rule on it."""

from __future__ import annotations

from core.claims.plan import Decision, Knob, Measured, Plan

TRAINED, LONGER = 8, 12
"""Letters in the longest sequence that is learned from, and in the longest that is tested."""
GOAL = 0.9
"""Share of sequences right to the last letter at which a network counts as having learned the task."""

RULE = (
    "Both networks have the same number of parameters within 5 % and may spend the same FLOPs. Three comparisons, each "
    "won where the 95 % interval over seeds, pair by pair, leaves out a draw: sequences right at the trained lengths "
    f"(1 to {TRAINED} letters), sequences right beyond them ({TRAINED + 1} to {LONGER}), and FLOPs spent until "
    f"{GOAL:.0%} of the former are right (all of them where that is never reached). Supported if the Transformer wins "
    "the first and the third and the LSTM none. Refuted if the LSTM wins the third and one of the others and the "
    "Transformer none. Mixed if each wins one or more. Else inconclusive."
)


def decide(measured: Measured) -> Decision:
    """The rule of C4 on `accuracy_gap`, `longer_gap` (Transformer less LSTM) and `cost_ratio` (Transformer by LSTM)."""
    wins: dict[str, list[str]] = {"the Transformer": [], "the LSTM": []}
    for name, what, even, sign in (
        ("accuracy_gap", "accuracy", 0.0, 1),
        ("longer_gap", "longer sequences", 0.0, 1),
        ("cost_ratio", "cost", 1.0, -1),
    ):
        number = measured[name]
        if number.low is None or number.high is None or number.low <= even <= number.high:
            continue
        ahead = (number.low > even) == (sign > 0)
        wins["the Transformer" if ahead else "the LSTM"].append(what)
    transformer, lstm = wins.values()
    told = {name: measured[name].value or 0 for name in ("accuracy_gap", "longer_gap", "cost_ratio")}
    numbers = (
        f"Transformer less LSTM: {told['accuracy_gap']:+.1%} right at trained lengths, {told['longer_gap']:+.1%} "
        f"beyond; it spent {told['cost_ratio']:.2f} times the FLOPs."
    )
    won = "; ".join(f"{who} wins {', '.join(what)}" for who, what in wins.items() if what) or "neither wins anything"
    why = f"{numbers} By the intervals {won}."
    if transformer and lstm:
        return Decision("mixed", why)
    if "accuracy" in transformer and "cost" in transformer:
        return Decision("supported", why)
    if "cost" in lstm and len(lstm) > 1:
        return Decision("refuted", why)
    return Decision("inconclusive", why)


PLAN = Plan(
    claim="C4",
    name="translation",
    title="LSTM with attention against Transformer from sequence to sequence",
    about=(
        "Two networks of equal size are made on the spot and learn to write letters in reverse, or in order: one of "
        f"LSTMs with attention between them, one Transformer. They learn from up to {TRAINED} letters, spend the same "
        "number of operations on the same pairs, and are also tested on longer ones. What is right is a sequence, its "
        "end included, with no letter wrong."
    ),
    rule=RULE,
    decide=decide,
    literature="mixed",
    differs=(
        "This task is tiny, needs no knowledge of words, and both networks see it for seconds. An LSTM reads order "
        "from its steps, a Transformer has to learn what its positions mean; with real text, large networks and "
        "hardware that computes all places at once the balance moves."
    ),
    knobs=(
        Knob("seeds", "Pairs of networks, each with other weights and data", 4, 6, low=2, high=10),
        Knob("steps", "Updates that the Transformer may make; the LSTM spends the same FLOPs", 540, 2000, 20, 5000, 20),
        Knob("task", "What is to be written", "reverse", "reverse", choices=("reverse", "sort")),
        Knob(
            "control",
            "Something taken away: the LSTM's attention, or the Transformer's positions",
            "none",
            "none",
            choices=("none", "no-attention", "no-positions"),
        ),
    ),
    seconds=50,
    thorough_seconds=300,
)
