"""C8: which tokens can change what is said at a place? The map of who hears whom, and the rule on it."""

from __future__ import annotations

from core.claims.plan import Decision, Knob, Measured, Plan

HEARD = 0.01
"""Bits by which some log-probability must move, on average, for a side to count as read. Rounding stays far below."""

RULE = (
    "Supported if changing a token to the right of a place changes no bit of GPT-2's logits there, in any window, and "
    f"changes BERT's by more than {HEARD:g} bits on average, as does one to the left (95 % interval of the mean over "
    "windows, of the largest change of any log-probability). Refuted if a single one of GPT-2's places hears its "
    f"right side, or if BERT's interval for either side lies below {HEARD:g} bits. Else inconclusive."
)


def decide(measured: Measured) -> Decision:
    """The rule of C8 on `gpt2_right_cells`, `bert_left` and `bert_right`."""
    cells = measured["gpt2_right_cells"]
    left, right = measured["bert_left"], measured["bert_right"]
    if cells.value:
        return Decision(
            "refuted", f"GPT-2 heard a token on its right {cells.value:,.0f} times in {cells.n:,}; once is too often."
        )
    said = (
        f"None of {cells.n:,} changes to the right reached GPT-2, while BERT moved by {right.value or 0:.3g} bits when "
        f"a token on the right changed and by {left.value or 0:.3g} bits for one on the left."
    )
    if all(side.low is not None and side.low > HEARD for side in (left, right)):
        return Decision("supported", said)
    for name, side in (("left", left), ("right", right)):
        if side.high is not None and side.high < HEARD:
            return Decision("refuted", f"BERT does not hear its {name} side: {side.value or 0:.3g} bits of change.")
    return Decision("inconclusive", f"{said} Its interval does not lie on one side of {HEARD:g} bits.")


PLAN = Plan(
    claim="C8",
    name="influence",
    title="Which tokens can change what a model says at a place",
    about=(
        "Each token of a text is changed in turn, and the map shows by how much the prediction at every place moves. "
        "Cells right of the diagonal are tokens that come later. A mask leaves no trace there at all, not even of "
        "rounding: every window is read in the same shape, so equal inputs give equal bits."
    ),
    rule=RULE,
    decide=decide,
    literature="supported",
    differs=(
        "What a place can see is settled by the mask, not by the weights. A control that takes the mask off GPT-2, or "
        "puts one on BERT, turns the verdict; with neither, only the size of the changes depends on model and text."
    ),
    knobs=(
        Knob("windows", "Passages that are read", quick=12, thorough=48, low=2, high=64),
        Knob("tokens", "Tokens of each that are changed in turn", quick=24, thorough=64, low=4, high=96, step=4),
        Knob(
            "control",
            "The same weights with another mask: a causal one on BERT, or none on GPT-2",
            quick="none",
            thorough="none",
            choices=("none", "causal-mask", "no-mask"),
        ),
    ),
    models=("bert", "gpt2", "lstm"),
    seconds=25,
    thorough_seconds=240,
)
