"""What a shape costs, in parameters and arithmetic, and the shape that costs as much as another."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right

import msgspec

from core.errors import UserError
from core.presets import preset, shape
from core.runs import Budget
from core.settings import Family, Shape, TrainSettings

CLOSE = 0.02
"""Parameter counts that differ by no more than this share are called matched."""
AIM = 0.005
"""What `matched` aims at, so that two shapes that were matched to a third are close to each other as well."""
STRETCH = 4
"""How many times as wide or as narrow as its preset, relative to the width, a matched network may be inside."""
SMALLEST_HEAD = 16
SHORTEST = 16
"""Tokens in the shortest window of a run."""


def parameters(family: Family, form: Shape) -> int:
    """Trainable numbers in a network of `form`, its embedding shared with its output."""
    width, inner, words = form.width, form.inner, form.vocabulary * form.width
    if family == "lstm":
        first = 4 * inner * (width + inner) + 8 * inner
        return words + first + (form.layers - 1) * (8 * inner * inner + 8 * inner) + inner * width + width
    norm = 2 * width
    block = 4 * width * width + 4 * width + 2 * width * inner + inner + width + 2 * norm
    body = words + form.positions * width + form.layers * block + norm
    if family == "gpt2":
        return body
    return body + 2 * width + width * width + width + norm + form.vocabulary


def flops(settings: TrainSettings, tokens: float, targets: float) -> float:
    """Multiplications and additions of all matrix products that read `tokens` and ask about `targets` places.

    A product of (m, k) and (k, n) counts 2 m k n; backward costs twice forward, one product for the inputs and one
    for the weights (Kaplan et al. 2020, arXiv 2001.08361, section 2.1). Attention counts 4 T width a token and layer,
    for q kᵀ and the mix of v, causal or not, as `torch.utils.flop_counter` does; the output and BERT's transform count
    at the targets only. Embeddings, norms, gates, the softmax and the optimizer count nothing.
    """
    form, width, inner = settings.shape, settings.shape.width, settings.shape.inner
    head = 2 * form.vocabulary * width
    body: float
    if settings.family == "lstm":
        body = 8 * inner * (width + inner) + (form.layers - 1) * 16 * inner * inner + 2 * inner * width
    else:
        _, looked_at = _windows(settings)
        body = form.layers * (8 * width * width + 4 * width * inner + 4 * width * looked_at)
        head += 2 * width * width if settings.family == "bert" else 0
    return 3.0 * (body * tokens + head * targets)


def targets_per_token(settings: TrainSettings) -> float:
    """Places asked about for each input token, over the whole run: all, or the masked ones after a causal start."""
    if settings.family != "bert":
        return 1.0
    inside, _ = _windows(settings)
    masked = inside * (settings.mask_from + settings.mask_to) / 2
    return settings.causal_start + (1 - settings.causal_start) * masked


def flops_per_token(settings: TrainSettings) -> float:
    """Multiplications and additions for each input token of a run, on average."""
    return flops(settings, 1, targets_per_token(settings))


def budget(settings: TrainSettings, tokens: int, targets: int | None = None) -> Budget:
    """What a run spends on `tokens` input tokens; `targets` are about what they will be until they are counted."""
    asked = round(tokens * targets_per_token(settings)) if targets is None else targets
    return Budget(
        parameters=parameters(settings.family, settings.shape),
        tokens=tokens,
        targets=asked,
        flops=flops(settings, tokens, asked),
    )


def _windows(settings: TrainSettings) -> tuple[float, float]:
    """Of the windows of a run: the share of their tokens between [CLS] and [SEP], and how long the window of the
    mean token is. A share `short` of the batches is of any length from `SHORTEST` on."""
    lengths = range(SHORTEST, settings.length + 1)
    mean, square = (
        (1 - settings.short) * settings.length**power + settings.short * sum(n**power for n in lengths) / len(lengths)
        for power in (1, 2)
    )
    return 1 - (0 if settings.frame == "bare" else 2 / mean), square / mean


def heads(width: int, size: int) -> int:
    """How many heads, of `size` or of the size nearest to it that divides `width`."""
    if width % size == 0:
        return width // size
    return min((n for n in range(1, width + 1) if width % n == 0), key=lambda n: abs(math.log(width / n / size)))


def matched(
    family: Family,
    size: str,
    vocabulary: int,
    wanted: int,
    *,
    layers: int = 0,
    width: int = 0,
    positions: int = 0,
) -> Shape:
    """The shape of `family` with `wanted` parameters within 2 %, in its proportions like the preset `size`.

    The width is a multiple of the preset's size of a head, or of 16 where that is too coarse; `inner` then makes up
    the difference. `layers`, `width` and `positions` are the preset's where they are 0; a `width` that is given stays.
    Raises UserError when there is none.
    """
    named, chosen = shape(family, size, vocabulary), preset(size)
    head = chosen.width // chosen.heads
    ratio = named.inner / named.width
    near = msgspec.structs.replace(named, layers=layers or named.layers, positions=positions or named.positions)
    for unit in dict.fromkeys((head, SMALLEST_HEAD)):
        best: tuple[float, Shape] | None = None
        for multiple in [width] if width else _widths(family, near, unit, wanted):
            parts = 0 if family == "lstm" else heads(multiple, unit)
            form = _filled(family, msgspec.structs.replace(near, width=multiple, heads=parts), ratio, wanted)
            odd = abs(math.log(form.inner / form.width / ratio))
            if abs(parameters(family, form) / wanted - 1) <= CLOSE and (best is None or odd < best[0]):
                best = odd, form
        if best:
            return best[1]
    of = f" of width {width}" if width else ""
    raise UserError(
        f"No {family}{of} of {near.layers} layers has about {wanted:,} parameters.",
        why=f"Its vocabulary has {vocabulary:,} entries.",
        hint="Choose another number of parameters, of layers, or a smaller vocabulary.",
    )


def _widths(family: Family, near: Shape, unit: int, wanted: int) -> list[int]:
    """Multiples of `unit` that leave room for anything else within `wanted` parameters."""
    widths = []
    width = unit
    while parameters(family, msgspec.structs.replace(near, width=width, inner=1)) <= wanted * (1 + CLOSE):
        widths.append(width)
        width += unit
    return widths


def _filled(family: Family, form: Shape, ratio: float, wanted: int) -> Shape:
    """`form` with the `inner` nearest to `ratio` times its width that keeps it within AIM of `wanted`."""

    def count(inner: int) -> int:
        return parameters(family, msgspec.structs.replace(form, inner=inner))

    inside = range(max(1, int(form.width * ratio / STRETCH)), int(form.width * ratio * STRETCH) + 1)
    least = inside[0] + bisect_left(inside, wanted * (1 - AIM), key=count)
    most = inside[0] + bisect_right(inside, wanted * (1 + AIM), key=count) - 1
    inner = max(inside[0], min(inside[-1], max(least, min(most, round(form.width * ratio)))))
    return msgspec.structs.replace(form, inner=inner)
