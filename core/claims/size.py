"""C2: are LSTMs harder to train because they have more parameters?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from core.claims.plan import Calculation, Decision, Knob, Measured, Plan
from core.messages.findings import Chart, Knobs, Line

HARDER = 0.1
"""Share of answers right by which a network must be behind to be called worse."""
USUAL = 4
"""Feed-forward width in widths, from Vaswani et al. 2017 on."""
NARROW = "narrow-feed-forward"
RATIOS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
"""Feed-forward widths of the chart of sizes."""


class Sizes(NamedTuple):
    """Numbers that can be learned in the layers; embeddings and outputs are the same for both."""

    lstm: int
    transformer: int


def sizes(width: int, ratio: float, layers: int = 1) -> Sizes:
    """Of layers of one width, biases and norms included; the feed-forward part is `ratio` times as wide.

    As PyTorch lays them out: an LSTM layer has 8d² + 8d, its two biases counted; a block has 4d² + 4d in attention,
    2 d f + f + d in the feed-forward part and 4d in its two norms.
    """
    inner = round(ratio * width)
    block = 4 * width * width + 4 * width + 2 * width * inner + inner + width + 4 * width
    return Sizes(layers * (8 * width * width + 8 * width), layers * block)


def even(width: int) -> float:
    """The `ratio` at which both have the same size, about 2."""
    return (4 * width * width - width) / (2 * width + 1) / width


def feed_forward(knobs: Mapping[str, float | str]) -> float:
    """The feed-forward width in widths, as the knobs or the control have it."""
    return 1.0 if knobs["control"] == NARROW else float(knobs["feed_forward"])


def chart(width: int) -> Chart:
    """The sizes of one layer of `width` against the feed-forward width."""
    by_ratio = [sizes(width, ratio) for ratio in RATIOS]
    return Chart(
        title=f"Parameters of a layer of width {width}", x="feed-forward width / width", y="weights",
        lines=[
            Line("LSTM", list(RATIOS), [float(each.lstm) for each in by_ratio]),
            Line("Transformer", list(RATIOS), [float(each.transformer) for each in by_ratio]),
        ],
    )  # fmt: skip


def calculate(knobs: Knobs) -> Calculation:
    """The counts of both networks, and where they are equal."""
    width, layers, ratio = int(knobs["width"]), int(knobs["layers"]), feed_forward(knobs)

    def row(count: int) -> tuple[float, ...]:
        return count / layers, count, count / lstm

    lstm, transformer = sizes(width, ratio, layers)
    return Calculation(
        ("a layer", "in all", "/ LSTM"),
        {
            "LSTM": row(lstm),
            f"Transformer, {ratio:g} wide": row(transformer),
            f"equal, {even(width):.3f} wide": row(sizes(width, even(width), layers).transformer),
        },
        [chart(width)],
    )


def decide(measured: Measured) -> Decision:
    """The rule of the plan below."""
    times = measured["lstm_over_transformer"].value or 0.0
    gap = measured["recall_gap"]
    told = f"At this width the LSTM has {times:.2f} times the Transformer's parameters"
    behind = f"with equal numbers of them it recalls {100 * (gap.value or 0):.0f} points less at the longest lag"
    if times <= 1:
        return Decision("refuted", f"{told}: it does not have more. And {behind}.")
    if gap.low is None or gap.high is None:
        return Decision("inconclusive", f"{told}, and there is one network of each kind only.")
    if gap.low > HARDER:
        return Decision("mixed", f"{told}. But {behind}, so that is not the reason.")
    if gap.high < HARDER:
        return Decision("supported", f"{told}, and {behind}: it is not harder then.")
    return Decision("inconclusive", f"{told}. Whether it is harder with equal numbers cannot be told: {behind}.")


PLAN = Plan(
    claim="C2",
    name="size",
    title="Parameters of both, how far gradients reach, and recall at a lag with equal parameters",
    about="Counts what a layer of each kind holds at one width. Then it trains an LSTM and a Transformer with equally "
    "many parameters to say, at the end of a row of random symbols, which was marked at its beginning, and measures "
    "how much of the gradient of the answer arrives at each symbol.",
    rule="Refuted if, at the given width and feed-forward width, the LSTM has no more parameters than the Transformer. "
    "If it has more, the task decides whether their number is the reason. With equal numbers, and the gap being the "
    "Transformer's share of right answers at the longest lag less the LSTM's: mixed if the gap's 95 % interval lies "
    f"above {HARDER} (more of them, but not the reason), supported if it lies below {HARDER}. Else inconclusive.",
    decide=decide,
    literature="refuted",
    differs=f"Published Transformers have a feed-forward part {USUAL} times as wide as their vectors. One less than "
    "twice as wide makes a block smaller than an LSTM layer, and the counts turn round.",
    knobs=(
        Knob("width", "numbers in a token's vector, for the counts", quick=512, thorough=512, low=32, high=4096,
             step=32),
        Knob("feed_forward", "width of the feed-forward part, in widths", quick=USUAL, thorough=USUAL, low=0.5, high=8,
             step=0.5),
        Knob("layers", "layers, for the counts", quick=1, thorough=1, low=1, high=48),
        Knob("net_width", "width of the networks that are trained", quick=32, thorough=64, low=32, high=256, step=32),
        Knob("longest", "longest lag, in symbols", quick=64, thorough=128, low=2, high=512),
        Knob("steps", "training steps of each network", quick=300, thorough=600, low=10, high=10000, step=10),
        Knob("seeds", "networks of each kind and lag", quick=3, thorough=5, low=1, high=10),
        Knob("control", f"{NARROW}: as wide as the vectors, which makes the Transformer the smaller one", quick="none",
             thorough="none", choices=("none", NARROW)),
    ),
    seconds=25,
    thorough_seconds=200,
    calculate=calculate,
)  # fmt: skip
