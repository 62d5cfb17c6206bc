"""What a sweep found, in plain sentences, and what it does not show."""

from __future__ import annotations

from core.messages import Curves, Estimate, Fall, Waterfall

AROUND = {
    "framed": "between [CLS] and [SEP]",
    "masks": "between [CLS] and two masks before [SEP]",
    "bare": "without any special token",
    "start": "after its start token",
    "no-start": "without a start token",
}
"""The conditions that a model may have been trained in."""


def sentences(found: Curves) -> list[str]:
    """The finding for every model, then its limits."""
    said: list[str] = []
    for name, fall in found.falls.items():
        split = found.waterfalls.get(name)
        said += _split(name, split) if split else [_alone(name, fall)]
        if found.protocol == "paired" and found.models[name].kind == "causal":
            said.append(
                f"{name} reads only what is left of a place, so its last position is the same kind of place as all "
                "others: that it does not fall there holds by construction."
            )
        said += _stops(found, name)
    return (
        [*said, *_limits(found)] if said else ["Nothing is said of a fall: the middle or the last position is missing."]
    )


def _split(name: str, split: Waterfall) -> list[str]:
    trained, artefact = split.trained, split.artefact
    if trained.condition == "bare":
        return [f"{_alone(name, trained)} It was trained like this: all of that is information, and nothing artefact."]
    if _unclear(artefact):
        so = "no artefact of the format is shown"
    else:
        looks = "larger" if artefact.value > 0 else "smaller"
        so = f"read in a format that it was not trained in, its fall looks {looks} than it is"
    return [
        _alone(name, split.bare),
        f"In its training format, {AROUND[trained.condition]}, it {_moves(trained)} {_information(trained.fall)}",
        f"The difference, {_points(artefact)}, is the artefact: {so}.",
    ]


def _alone(name: str, fall: Fall) -> str:
    return f"{name}, read {AROUND[fall.condition]}, {_moves(fall)}"


def _moves(fall: Fall) -> str:
    one = fall.fall
    if _unclear(one):
        what = f"no clear change, a fall of {_points(one)}"
    elif one.value > 0:
        what = f"a fall of {_points(one)}"
    else:
        what = f"a rise of {_points(Estimate(value=-one.value, low=-one.high, high=-one.low))}"
    return f"is right {fall.middle:.1%} in the middle of a window and {fall.last:.1%} at its last position: {what}."


def _information(one: Estimate) -> str:
    """What a fall in the training format means."""
    if _unclear(one):
        return "That it lacks the words on the right is not seen."
    if one.value < 0:
        return "It lacks nothing there for want of words on the right."
    return "That much is information: what the words on the right would have told."


def _points(one: Estimate) -> str:
    """A difference in percentage points with its interval."""
    low, value, high = (f"{100 * number:.1f}" for number in (one.low, one.value, one.high))
    return f"{value} points (95 %: {low} to {high})"


def _unclear(one: Estimate) -> bool:
    return one.low <= 0 <= one.high


def _stops(found: Curves, name: str) -> list[str]:
    """How often the model said a full stop at the last position, in each of its formats."""
    last = found.positions.index(found.length - 1)
    shares = [
        f"{share:.0%} of windows {AROUND[one.condition]}"
        for one in found.series.values()
        if one.model == name and one.condition in AROUND and (share := one.stop[last]) is not None
    ]
    if not shares:
        return []
    never = "; a target never is one" if found.protocol == "paired" else ""
    return [f"At the last position {name} says a full stop in {', '.join(shares)}{never}."]


def _limits(found: Curves) -> list[str]:
    kinds = {identity.kind for identity in found.models.values()}
    said = []
    if len(kinds) > 1:
        said.append(
            f"This does not show which model is better: at every position a masked model knows {found.length - 1} "
            f"other {found.unit}, a causal one only those on the left, 0 to {found.length - 1}."
        )
    if found.protocol == "salamone2021":
        said.append(
            "Each model has its own windows, tokens and targets here, and the masked ones are read without special "
            "tokens: heights of different models cannot be compared, and the ends may partly be an artefact."
        )
    else:
        said.append(
            f"It holds for these models, {found.text}, words of one token, and {found.windows} windows of "
            f"{found.length} {found.unit}; the intervals know the chance of the windows, not that of the training."
        )
    return said
