"""What comes here? The distribution at every mask of a text, or at the place after it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from core.errors import UserError
from core.messages import Candidate, Kind, Prediction, Sight, Slot
from core.models.model import Model
from core.text.marks import Place, ask_causal, ask_masked
from core.text.tokens import Tokenizer

MOST = 64
"""Places that are answered at once: it is done in one batch, and prediction follows typing."""
SEVERAL = (
    "Each mask is answered while the others are hidden: multiplied, the chances are not those of all words together."
)


def predict(model: Model, text: str, top: int = 10) -> Prediction:
    """The `top` likeliest tokens at every place that `text` asks about.

    A masked model answers at masks with both sides in view (without a mask one is put at the end); a causal model
    answers from the left alone. Raises UserError where the model cannot be asked.
    """
    slots, notes = answer(model.net, model.tokenizer, text, top, model.identity.context)
    return Prediction(text=text, model=model.identity, slots=slots, saw=sight(model.identity.kind), notes=notes)


def sight(kind: Kind) -> Sight:
    """What a model of this kind saw of the text when it answered."""
    return "both" if kind == "masked" else "left"


@torch.inference_mode()
def answer(net: Any, tokenizer: Tokenizer, text: str, top: int, context: int) -> tuple[list[Slot], list[str]]:
    """The slots of `text` and what to say about them, from a network and its tokenizer."""
    if net.kind == "masked":
        asked = ask_masked(text, tokenizer)
        places, notes = asked.places[:MOST], asked.notes
        windows = [around(asked.ids, place.index, tokenizer, context) for place in places]
        cut = len(asked.ids) + len(_ends(tokenizer)) > context
        if len(places) > 1:
            notes = [*notes, SEVERAL]
    else:
        questions, notes = ask_causal(text, tokenizer, MOST)
        places = [place for _, place in questions]
        windows = [before(ids, tokenizer, context) for ids, _ in questions]
        cut = any(len(ids) + (tokenizer.start is not None) > context for ids, _ in questions)
    if len(places) == MOST:
        notes = [*notes, f"At most the first {MOST} places are answered."]
    if cut:
        notes = [*notes, f"The text is longer than the window: only {context} tokens at the place were read."]
    return [_slot(place, row, tokenizer, top) for place, row in zip(places, _read(net, windows), strict=True)], notes


def _ends(tokenizer: Tokenizer) -> list[int]:
    return [token for token in (tokenizer.start, tokenizer.end) if token is not None]


def around(ids: list[int], index: int, tokenizer: Tokenizer, context: int) -> tuple[list[int], int]:
    """A masked model's window on `ids` with its special tokens, as wide as fits, `index` near its middle.

    Returns the window and the place of `index` in it.
    """
    head = [] if tokenizer.start is None else [tokenizer.start]
    tail = [] if tokenizer.end is None else [tokenizer.end]
    room = context - len(head) - len(tail)
    first = max(0, min(index - room // 2, len(ids) - room))
    return head + ids[first : first + room] + tail, index - first + len(head)


def before(ids: list[int], tokenizer: Tokenizer, context: int) -> tuple[list[int], int]:
    """A causal model's window: the start token and the last of `ids` that fit. Returns it and its last place.

    Raises UserError when there is nothing to answer from: no text and no start token.
    """
    head = [] if tokenizer.start is None else [tokenizer.start]
    window = head + ids[max(0, len(ids) - context + len(head)) :]
    if not window:
        raise UserError("There is nothing left of this place.", why="The model has no start token.")
    return window, len(window) - 1


def _read(net: Any, windows: list[tuple[list[int], int]]) -> Tensor:
    """Log-probabilities (N, vocabulary) in float32 on the CPU at one place of each window, in one padded batch."""
    device = next(net.parameters()).device
    lengths = torch.tensor([len(ids) for ids, _ in windows])
    batch = torch.zeros(len(windows), int(lengths.max()), dtype=torch.long)
    for row, (ids, _) in enumerate(windows):
        batch[row, : len(ids)] = torch.tensor(ids)
    columns = torch.tensor([place for _, place in windows])
    even = bool((lengths == lengths[0]).all())
    logits = net.read(
        batch.to(device),
        None if even else lengths.to(device),
        torch.arange(len(windows)).to(device),
        columns.to(device),
    )
    return torch.log_softmax(logits.float(), dim=-1).cpu()


def _slot(place: Place, logprobs: Tensor, tokenizer: Tokenizer, top: int) -> Slot:
    best = candidates(logprobs, tokenizer, top)
    return Slot(start=place.start, end=place.end, kind=place.kind, top=best)


def candidates(logprobs: Tensor, tokenizer: Tokenizer, top: int) -> list[Candidate]:
    """The `top` likeliest entries of one distribution (vocabulary,), best first."""
    values, ids = logprobs.topk(min(top, len(logprobs)))
    return [
        Candidate(text=tokenizer.show(token), token_id=token, prob=prob, logprob=value)
        for value, prob, token in zip(values.tolist(), values.exp().tolist(), ids.tolist(), strict=True)
    ]
