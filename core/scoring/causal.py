"""Surprisal: each token given what stands to its left."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import UserError
from core.messages import FirstToken
from core.models.model import Model
from core.scoring import batches
from core.scoring.batches import Row, Rows, Steps, windows
from core.scoring.tokens import Report, TokenScore, silent, window_of


def logprobs(
    model: Model, texts: Sequence[list[int]], first_token: FirstToken = "bos", report: Report = silent
) -> list[list[float | None]]:
    """Natural log-probabilities of all tokens of many texts, given the tokens left of each.

    `first_token`: `bos` conditions on the model's start token; with `skip` a text's first token has None. A text
    longer than the model's window is read in windows of which each later one keeps half as context.
    `report` is called after every batch. Raises UserError when `bos` is asked of a model without a start token.
    """
    return batches.logprobs(model, texts, _rows(model, texts, first_token), report)


def surprisal(
    model: Model, ids: list[int], top: list[int], first_token: FirstToken, report: Report
) -> list[TokenScore | None]:
    """The same of one text, with ranks, entropies and the `top[i]` likeliest candidates at token i."""
    return surprisals(model, [ids], [top], first_token, report)[0]


def surprisals(
    model: Model, texts: Sequence[list[int]], top: Sequence[list[int]], first_token: FirstToken, report: Report
) -> list[list[TokenScore | None]]:
    """The same of many texts, `top[n]` for text n."""
    return batches.scores(model, texts, _rows(model, texts, first_token), top, report)


def steps(model: Model, head: int = 1) -> Steps:
    """How `model` reads a long text behind `head` tokens of its own: every later window keeps half as context."""
    room = max(1, window_of(model) - head)
    stride = max(1, room // 2)
    return Steps(room, stride, room - stride)


def _rows(model: Model, texts: Sequence[list[int]], first_token: FirstToken) -> Rows:
    """One row for each window of each text."""
    start = model.tokenizer.start
    if first_token == "bos" and start is None:
        raise UserError("This model has no start token.", hint="Ask with the first token skipped.")
    head = [start] if first_token == "bos" and start is not None else []
    cut: list[tuple[int, int, int, range]] = []
    for number, ids in enumerate(texts):
        for first, last, scored in windows(len(ids), *steps(model, len(head))):
            # Without a start token nothing stands left of the first token of a text.
            asked = range(max(scored.start, first + 1 - len(head)), last)
            if asked:
                cut.append((number, first, last, asked))

    def row(number: int) -> Row:
        text, first, last, asked = cut[number]
        before = first - len(head) + 1  # the place before a token answers for it; the last one is not read
        return Row(head + texts[text][first : last - 1], range(asked.start - before, asked.stop - before), text, asked)

    return Rows([len(head) + last - 1 - first for _, first, last, _ in cut], row)
