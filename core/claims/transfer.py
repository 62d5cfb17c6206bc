"""C3: does an LSTM gain from what it was trained on before? With few labelled examples, and the rule on it."""

from __future__ import annotations

from core.claims.plan import Decision, Knob, Measured, Plan

EXAMPLES = (20, 100, 500)
"""Labelled sentences that a network may learn the task from."""
ENOUGH = 2
"""At how many of these amounts pre-training must show."""
NOTHING = 0.1
"""A gain in accuracy that is surely below this counts as none."""

RULE = (
    "By the accuracy of the LSTM at 20, 100 and 500 labelled sentences, and its 95 % interval over seeds. Refuted if "
    f"the interval with pre-training lies above the one without at {ENOUGH} or all 3 of these. Mixed if it does so at "
    f"one. Supported if it does so at none, and the gain (95 % interval, seed by seed) is below {NOTHING:g} at all 3. "
    "Else inconclusive. The Transformers are measured beside it and do not enter."
)


def decide(measured: Measured) -> Decision:
    """The rule of C3 on `lstm_pretrained_N`, `lstm_scratch_N` and `lstm_gain_N`."""
    above, small, said = [], [], []
    for n in EXAMPLES:
        trained, scratch, gain = (measured[f"lstm_{what}_{n}"] for what in ("pretrained", "scratch", "gain"))
        said.append(f"{trained.value or 0:.0%} against {scratch.value or 0:.0%} with {n}")
        if trained.low is not None and scratch.high is not None and trained.low > scratch.high:
            above.append(n)
        small.append(gain.high is not None and gain.high < NOTHING)
    numbers = f"The LSTM got {', '.join(said)} examples, with pre-training against without it"
    if len(above) >= ENOUGH:
        return Decision("refuted", f"{numbers}: it gains from it beyond the bands at {len(above)} of {len(EXAMPLES)}.")
    if above:
        return Decision("mixed", f"{numbers}: it gains from it beyond the bands at {above[0]} alone.")
    if all(small):
        return Decision("supported", f"{numbers}: any gain is below {NOTHING:.0%}.")
    return Decision("inconclusive", f"{numbers}: the bands overlap, and a gain cannot be excluded.")


PLAN = Plan(
    claim="C3",
    name="transfer",
    title="What pre-training is worth to an LSTM and to Transformers on a new task",
    about=(
        "A new task with few labelled examples: which of four topics is a sentence about? Each of the bundled models "
        "learns it twice, with its trained weights and with untrained ones, and is tested on sentences that it has "
        "not seen. In the quick form the weights stay as they are, and only a linear layer on the mean of their "
        "states learns; in the thorough form everything learns."
    ),
    rule=RULE,
    decide=decide,
    literature="refuted",
    differs=(
        "The models are small and have read little, and the sentences come from templates. Where few examples or few "
        "seeds leave the bands wide, a real gain can stay hidden in them."
    ),
    knobs=(
        Knob("seeds", "Repetitions, each with other sentences and untrained weights", 5, 4, low=2, high=10),
        Knob("tests", "Sentences that each is tested on", 300, 300, low=40, high=2000, step=20),
        Knob(
            "learn",
            "What learns: a linear layer on top of the frozen weights, or every weight",
            "head",
            "all",
            choices=("head", "all"),
        ),
        Knob(
            "control",
            "Untrained weights in the place of the trained ones: what is gained then is luck",
            "none",
            "none",
            choices=("none", "untrained"),
        ),
    ),
    models=("lstm", "gpt2", "bert"),
    seconds=45,
    thorough_seconds=480,
)
