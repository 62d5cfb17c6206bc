"""C7: does BERT fall at the end of a window, does GPT-2 hold, and how much of the fall is made by the test?"""

from __future__ import annotations

from core.claims.plan import Decision, Knob, Measured, Plan
from core.messages.findings import Number

FALL = 0.75
"""Bits that BERT must lose from the middle to the last position."""
RISE = 0.2
"""Bits by which GPT-2 must be better in the middle than at positions 1 to 5."""
STABLE = 0.5
"""Bits that GPT-2 may lose from the middle to the last position."""
SMALL = 0.25
"""Bits below which an artefact may be left out of account, however certain it is that there is one."""

RULE = (
    "On the log-probability of the hidden words, which needs far fewer windows than counting hits; bare windows, as in "
    f"Salamone (2021). The curves are there if BERT loses more than {FALL:g} bits from the middle to the last place, "
    f"GPT-2 is more than {RISE:g} bits better in the middle than at positions 1 to 5, and GPT-2 loses less than "
    f"{STABLE:g} bits to the last place. Refuted if the 95 % interval of one of the three lies on the other side. "
    "With all three it depends on how much of BERT's fall goes away in the format that it was trained in (artefact = "
    f"fall bare - fall in that format): mixed if its interval lies above {SMALL:g} bits, supported if below. Else "
    "inconclusive."
)


def decide(measured: Measured) -> Decision:
    """The rule of C7 on `fall`, `artefact`, `gpt2_rise` and `gpt2_fall`, all in bits."""
    fall, rise, held, artefact = (measured[name] for name in ("fall", "gpt2_rise", "gpt2_fall", "artefact"))
    if any(number.low is None or number.high is None for number in (fall, rise, held, artefact)):
        return Decision("inconclusive", "Too few target words stood at the positions that count.")
    said = (
        f"From the middle to the last position BERT loses {_bits(fall)} bits and GPT-2 {_bits(held)}; GPT-2 is "
        f"{_bits(rise)} bits better in the middle than at the start."
    )
    if _below(fall, FALL) or _below(rise, RISE) or _above(held, STABLE):
        return Decision("refuted", f"{said} The curves of the claim are not there.")
    if not (_above(fall, FALL) and _above(rise, RISE) and _below(held, STABLE)):
        return Decision("inconclusive", f"{said} That is not certain enough.")
    there = f"{said} The curves are there; {_bits(artefact)} bits of BERT's fall are an artefact of bare windows"
    if _above(artefact, SMALL):
        return Decision("mixed", f"{there}, the rest is information.")
    if _below(artefact, SMALL):
        return Decision("supported", f"{there}, which is next to nothing.")
    return Decision("inconclusive", f"{there}, but how much is not certain.")


def _above(number: Number, least: float) -> bool:
    return number.low is not None and number.low > least


def _below(number: Number, most: float) -> bool:
    return number.high is not None and number.high < most


def _bits(number: Number) -> str:
    return "?" if number.value is None else f"{number.value:.2f}"


PLAN = Plan(
    claim="C7",
    name="ends",
    title="Accuracy by position in a window: BERT's fall at the end and GPT-2's rise",
    about=(
        "Words in windows of one text are hidden, position by position, and every model names them. BERT reads each "
        "window twice, without special tokens as in Salamone's notebook of 2021, and in the format that it was trained "
        "in. What it still loses at the end there is information that the right side would have given; the rest of the "
        "fall is an artefact of the test."
    ),
    rule=RULE,
    decide=decide,
    literature="mixed",
    differs=(
        "The bundled models are far smaller than those of 2021, were trained on far less text and share one tokenizer, "
        "and BERT's training format decides how much of its fall is an artefact."
    ),
    knobs=(
        Knob("windows", "Windows that BERT reads; the others read four times as many", quick=1000, thorough=6000,
             low=20, high=8000, step=20),
        Knob("tokens", "Tokens of a window", quick=100, thorough=100, low=32, high=480, step=4),
        Knob(
            "control",
            "Untrained weights, or every window's positions shuffled after scoring: both must refute it",
            quick="none",
            thorough="none",
            choices=("none", "untrained", "shuffled-positions"),
        ),
    ),
    models=("bert", "gpt2", "lstm"),
    seconds=50,
    thorough_seconds=300,
)  # fmt: skip
