"""What the members of a trio are trained with: one tokenizer, matched sizes, the same windows and budget. No torch."""

from __future__ import annotations

import msgspec

from core import plan, shapes
from core.errors import UserError
from core.plan import Choice
from core.settings import FAMILIES, Family, TrainSettings

replace = msgspec.structs.replace


def settle(choice: Choice, seed: int, seeds: int = 1) -> dict[Family, TrainSettings]:
    """The settings of the three with one seed. `choice.minutes` are for all of them and all `seeds`.

    Sizes: GPT-2's own is the reference; another that is more than 2 % off gets another inner width. Layers, heads and
    inner width that were chosen are those of the Transformers. Raises UserError for a choice that cannot be trained,
    and where no inner width comes close enough.
    """
    if choice.start:
        raise UserError("A trio cannot be trained further from one model.", hint="Train one family with --from.")
    settled: dict[Family, TrainSettings] = {}
    for family in FAMILIES:
        alone = replace(choice, family=family, seed=seed, minutes=choice.minutes / (len(FAMILIES) * seeds))
        if not alone.tokenizer:
            alone = replace(alone, tokenizer="bert")  # the bundled one, from one place for all three
        if family == "lstm":
            alone = replace(alone, layers=0, heads=0, inner=0)
        settled[family] = plan.settle(alone)
    wanted = shapes.parameters("gpt2", settled["gpt2"].shape)
    return {family: _matched(settings, choice.preset, wanted) for family, settings in settled.items()}


def _matched(settings: TrainSettings, size: str, wanted: int) -> TrainSettings:
    form = settings.shape
    if off(shapes.parameters(settings.family, form), wanted) <= shapes.CLOSE:
        return settings
    found = shapes.matched(
        settings.family, size, form.vocabulary, wanted, layers=form.layers, width=form.width, positions=form.positions
    )
    return replace(settings, shape=replace(form, inner=found.inner))


def absolute(choice: Choice, settled: TrainSettings) -> Choice:
    """`choice` with the files that it came to, wherever it is settled again."""
    tokenizer = choice.tokenizer if settled.tokenizer == "new" else settled.tokenizer
    return replace(choice, texts=tuple(settled.texts), held_out=tuple(settled.held_out), tokenizer=tokenizer)


def off(one: float, other: float) -> float:
    """How far apart two amounts are, as a share of the second."""
    return abs(one / other - 1) if other else 0.0
