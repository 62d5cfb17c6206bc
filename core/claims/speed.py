"""C1: is a Transformer faster than an LSTM, because it takes in all words at once?"""

from __future__ import annotations

from core.claims.plan import Decision, Knob, Measured, Plan
from core.messages.findings import Number

TASKS = ("train", "encode", "generate")
CLEAR = 1.1
"""Times as fast that count as faster."""
ONE_BY_ONE = "recurrent-transformer"


def cell(task: str, length: int) -> str:
    """The name of a measured ratio: LSTM's time over the Transformer's."""
    return f"{task}_times_faster_{length}"


def decide(measured: Measured) -> Decision:
    """The rule of the plan below."""
    cells = {task: [number for name, number in measured.items() if name.startswith(cell(task, 0)[:-1])]
             for task in TASKS}  # fmt: skip
    faster = {task: [_above(number) for number in numbers] for task, numbers in cells.items()}
    slower = {task: [_below(number) for number in numbers] for task, numbers in cells.items()}
    some_faster, some_slower = (any(any(flags) for flags in where.values()) for where in (faster, slower))
    why = "; ".join(f"{task}: {_told(measured, task)}" for task in TASKS) + "."
    if all(flags and all(flags) for flags in faster.values()):
        return Decision("supported", f"The Transformer is faster at every length. {why}")
    if some_faster and some_slower:
        return Decision("mixed", f"It depends on the length and on what is done. {why}")
    if some_slower:
        return Decision("refuted", f"The Transformer is nowhere faster, and slower somewhere. {why}")
    return Decision("inconclusive", f"The times are too close, or vary too much. {why}")


def _above(number: Number) -> bool:
    return number.low is not None and number.low > CLEAR


def _below(number: Number) -> bool:
    return number.high is not None and number.high < 1 / CLEAR


def _told(measured: Measured, task: str) -> str:
    """The ratios at the shortest and the longest length."""
    start = cell(task, 0)[:-1]
    lengths = sorted(int(name.removeprefix(start)) for name in measured if name.startswith(start))
    ends = dict.fromkeys(lengths[:1] + lengths[-1:])
    return ", ".join(f"{measured[cell(task, n)].value:.2f} times as fast at {n} tokens" for n in ends)


PLAN = Plan(
    claim="C1",
    name="speed",
    title="Time per token against length, in training, encoding and generation",
    about="An LSTM and a Transformer of one width, one depth and as many weights take turns at texts of growing "
    "length: a training step, reading a known text, and one more token after a text. On one thread of a CPU the "
    "clock counts the processor's time, so that what else the machine does changes little; with more threads, and on "
    "a GPU, it counts the time on the wall.",
    rule=f"A ratio is LSTM's time / Transformer's time. Faster at a length: the 95 % interval of the median ratio lies "
    f"above {CLEAR}; slower: it lies below 1/{CLEAR}. Supported if the Transformer is faster at every length in "
    "training, encoding and generation. Mixed if it is faster somewhere and slower somewhere. Refuted if it is faster "
    "nowhere and slower somewhere. Else inconclusive.",
    decide=decide,
    literature="mixed",
    differs="The more can be computed side by side, the more a Transformer gains: a GPU, more threads or a greater "
    "width move the crossing to longer texts, one thread and a small width to shorter ones.",
    knobs=(
        Knob("width", "numbers in a token's vector", quick=256, thorough=512, low=32, high=1024, step=32),
        Knob("layers", "layers of each network", quick=1, thorough=1, low=1, high=12),
        Knob("longest", "tokens of the longest text", quick=2048, thorough=4096, low=32, high=8192, step=32),
        Knob("rows", "texts that are read side by side", quick=1, thorough=1, low=1, high=64),
        Knob("repeats", "times that everything is measured", quick=21, thorough=15, low=6, high=101),
        Knob("threads", "threads of the CPU; 0: all that torch takes", quick=1, thorough=1, low=0, high=64),
        Knob("control", f"{ONE_BY_ONE}: it gets one token at a time, like an LSTM (takes minutes)", quick="none",
             thorough="none", choices=("none", ONE_BY_ONE)),
    ),
    seconds=35,
    thorough_seconds=300,
)  # fmt: skip
