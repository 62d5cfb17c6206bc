"""The same text through several models, word by word, whatever their tokenizers do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.errors import UserError
from core.messages import LISTED, PLL, Comparison, FirstToken, Mark, Method, Sight, Word, WordScore
from core.models.model import Model
from core.predict import sight
from core.scoring.causal import steps as causal_steps
from core.scoring.causal import surprisals
from core.scoring.masked import pieces, pseudo_log_likelihoods
from core.scoring.masked import steps as masked_steps
from core.scoring.tokens import TokenScore, bits
from core.text.align import Group, align
from core.text.tokens import Tokens

MOST_WORDS = 50_000

Progress = Callable[[int, int, str], None]


def compare(
    models: dict[str, Model], text: str, top: int, pll: PLL, first_token: FirstToken, progress: Progress
) -> Comparison:
    """Score `text` under every model and lay the scores onto its words.

    The surprisal of a word is the sum over its pieces, its rank the worst piece's, its top list the first piece's.
    `progress(done, total, note)` is called after every batch and may raise to cancel. Raises UserError for text
    without a word, or with more than `MOST_WORDS`.
    """
    encodings = {name: model.tokenizer.encode(text) for name, model in models.items()}
    groups = align(text, encodings)
    if not groups:
        raise UserError("There is no word in this text.", hint="Type or load some text.")
    if len(groups) > MOST_WORDS:
        raise UserError(f"The text has {len(groups):,} words.", why=f"At most {MOST_WORDS:,} are compared at once.")
    total = sum(len(encoding.ids) for encoding in encodings.values())
    done = 0
    columns: dict[str, list[WordScore]] = {}
    for name, model in models.items():
        base = done

        def report(tokens: int, of: int, base: int = base, name: str = name) -> None:
            progress(base + tokens, total, f"scoring {name}")

        columns[name] = score(model, name, [(text, encodings[name], groups)], top, pll, first_token, report)[0]
        done += len(encodings[name].ids)
    words = [
        Word(
            text=text[group.start : group.end],
            start=group.start,
            end=group.end,
            joined=group.joined,
            scores={name: column[index] for name, column in columns.items()},
        )
        for index, group in enumerate(groups)
    ]
    methods = {name: method_of(model, pll, first_token) for name, model in models.items()}
    return Comparison(text=text, models=methods, words=words, notes=_notes(models, encodings, groups, top))


def method_of(model: Model, pll: PLL, first_token: FirstToken) -> Method:
    """How a column of numbers of `model` is computed."""
    masked = model.identity.kind == "masked"
    return Method(
        identity=model.identity,
        kind=model.identity.kind,
        method=pll if masked else "surprisal",
        first_token="none" if masked else first_token,
    )


def score(
    model: Model,
    name: str,
    texts: Sequence[tuple[str, Tokens, list[Group]]],
    top: int,
    pll: PLL,
    first_token: FirstToken,
    report: Callable[[int, int], None],
) -> list[list[WordScore]]:
    """The score of every group of several texts under the model that the groups call `name`, all in common batches."""
    ids = [encoding.ids for _, encoding, _ in texts]
    ranges = [[group.tokens[name] for group in groups] for _, _, groups in texts]
    keep = [[0] * len(tokens) for tokens in ids]
    for row, words in zip(keep, ranges, strict=True):
        for number, word in enumerate(words):
            if word:
                row[word.start] = top if number < LISTED else min(top, 1)
    scores: Sequence[Sequence[TokenScore | None]]
    if model.identity.kind == "masked":
        read = [pieces(text, encoding) for text, encoding, _ in texts]
        scores = pseudo_log_likelihoods(model, read, keep, pll, report)
    else:
        scores = surprisals(model, ids, keep, first_token, report)
    # What stands to the right is cut off or hidden by these methods.
    left = model.identity.kind == "masked" and pll in ("left_only", "left_masked")
    saw = "left" if left else sight(model.identity.kind)
    return [
        [_word(model, encoding, word, scores[number], saw) for word in ranges[number]]
        for number, (_, encoding, _) in enumerate(texts)
    ]


def _word(model: Model, encoding: Tokens, word: range, scores: Sequence[TokenScore | None], saw: Sight) -> WordScore:
    """The score of one word from those of its pieces; none where a piece has none."""
    shown = [model.tokenizer.show(encoding.ids[index]) for index in word]
    mine = [scores[index] for index in word]
    known = [score for score in mine if score is not None]
    if not known or len(known) < len(mine):
        mark: Mark = "dropped" if not mine else "first"
        return WordScore(surprisal_bits=None, rank=None, pieces=shown, saw=saw, top=[], mark=mark)
    return WordScore(
        surprisal_bits=bits(sum(score.logprob for score in known)),
        rank=max(score.rank for score in known),
        pieces=shown,
        saw=saw,
        top=known[0].top,
        entropy_bits=known[0].entropy,
        mark="unknown" if any(encoding.unknown[index] for index in word) else "",
    )


def _notes(models: dict[str, Model], encodings: dict[str, Tokens], groups: list[Group], top: int) -> list[str]:
    """What a reader of the numbers must know about this text."""
    notes = []
    if joined := sum(group.joined for group in groups):
        notes.append(f"{joined} group(s) of words are scored as one, because a token straddles them.")
    for name, model in models.items():
        if dropped := sum(not group.tokens[name] for group in groups):
            notes.append(f"{name} does not see {dropped} word(s): its tokenizer drops them.")
        if unknown := sum(encodings[name].unknown):
            notes.append(f"{name} reads {unknown} token(s) as unknown.")
        masked = model.identity.kind == "masked"
        room, stride, lead = masked_steps(model) if masked else causal_steps(model)
        if len(encodings[name].ids) > room:
            sides = f"{lead} on its left and {room - lead - stride} on its right" if masked else f"{lead} on its left"
            notes.append(
                f"{name} reads the text in windows of {room} tokens, {stride} apart: "
                f"each token with at least {sides}, where the text has so many."
            )
    if top > 1 and len(groups) > LISTED:
        notes.append(f"The lists of candidates stop after {LISTED:,} words: later ones have the first choice alone.")
    return notes
