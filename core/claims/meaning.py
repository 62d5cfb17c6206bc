"""C5: does only BERT change the picture of a word with its sentence? Words of two meanings, and the rule on them."""

from __future__ import annotations

from core.claims.plan import Decision, Knob, Measured, Plan

FOLLOWS = 0.002
"""Cosine by which vectors of one meaning must lie closer together than those of two, for a net to follow meaning."""
MOVES = 0.001
"""How far from a cosine of 1 to its earlier self a word's vector must go to count as moved."""
STAYS = 1e-5
"""Share of its length that a vector may change by and still be called the same: float32 rounds by less."""
NAMES = {"lstm": "the LSTM", "bilstm": "the two-way LSTM"}
"""The networks without self-attention."""

RULE = (
    "A network follows meaning if a word's vectors in sentences of one meaning lie closer together than in sentences "
    f"of two, by more than {FOLLOWS:g} of cosine (95 % interval over the words). Refuted if an LSTM, one-way or "
    "two-way, follows meaning: BERT's self-attention is then neither the first nor the only way to it. Supported if "
    "BERT follows meaning, from the words before or from those after, and both LSTMs' intervals lie below that, and "
    f"the two-way LSTM's vectors stay within {MOVES:g} when the words after arrive. Else inconclusive."
)


def decide(measured: Measured) -> Decision:
    """The rule of C5 on `{net}_before_gap`, `{net}_after_gap` and `bilstm_after_move`."""

    def follows(net: str, side: str) -> bool:
        low = measured[f"{net}_{side}_gap"].low
        return low is not None and low > FOLLOWS

    def ignores(net: str, side: str) -> bool:
        high = measured[f"{net}_{side}_gap"].high
        return high is not None and high < FOLLOWS

    others = [net for net in NAMES if follows(net, "before") or follows(net, "after")]
    if others:
        said = " and ".join(f"{NAMES[net]} ({_gap(measured, net)})" for net in others)
        return Decision(
            "refuted",
            f"The vector of a word follows its meaning in {said}, without self-attention; in BERT by "
            f"{_gap(measured, 'bert')}. {_after(measured)}",
        )
    still = (measured["bilstm_after_move"].high or 0.0) < MOVES
    if not (follows("bert", "before") or follows("bert", "after")):
        return Decision("inconclusive", f"Not even BERT is seen to follow meaning: {_gap(measured, 'bert')}.")
    if still and all(ignores(net, side) for net in NAMES for side in ("before", "after")):
        return Decision("supported", f"BERT follows meaning by {_gap(measured, 'bert')}, and neither LSTM does.")
    return Decision("inconclusive", f"BERT follows meaning, and whether the LSTMs do is not clear. {_after(measured)}")


def _gap(measured: Measured, net: str) -> str:
    one = measured[f"{net}_before_gap"]
    return f"{one.value or 0:.3f} of cosine, {one.low or 0:.3f} to {one.high or 0:.3f}"


def _after(measured: Measured) -> str:
    """Who changes the picture of a word that was read already."""
    moved = [
        name
        for net, name in {"bert": "BERT", "gpt2": "GPT-2", **NAMES}.items()
        if (measured[f"{net}_after_move"].low or 0.0) > MOVES
    ]
    worst = max(measured[f"{net}_after_worst"].value or 0.0 for net in ("gpt2", "lstm"))
    stay = "; in GPT-2 and the LSTM it stays what it was" if worst < STAYS else ""
    return f"When the words after it arrive, it moves in {' and '.join(moved) or 'none of them'}{stay}."


PLAN = Plan(
    claim="C5",
    name="meaning",
    title="How the vector of a word follows its sentence, in five networks",
    about=(
        "Words of two meanings stand in sentences that tell the meaning before the word, or only after it. Each "
        "network's vector of the word is compared with itself: across sentences, and while a sentence arrives token by "
        "token. The networks are BERT, GPT-2, an LSTM, a small LSTM that reads both ways, and a fixed table of vectors."
    ),
    rule=RULE,
    decide=decide,
    literature="refuted",
    differs=(
        "Who was first with self-attention alone is settled by dates and not measured here. How far a vector follows "
        "meaning depends on training: these networks are small, and untrained ones do not follow it at all."
    ),
    knobs=(
        Knob("words", "Words of two meanings", quick=12, thorough=12, low=2, high=12),
        Knob("steps", "Training steps of the two-way LSTM's backward half", quick=60, thorough=1000, low=0, high=4000),
        Knob(
            "control",
            "All networks untrained, or a fixed table of vectors in the place of all but BERT",
            quick="none",
            thorough="none",
            choices=("none", "untrained", "static"),
        ),
    ),
    models=("bert", "gpt2", "lstm"),
    seconds=20,
    thorough_seconds=150,
)
