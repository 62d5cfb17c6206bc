from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.align import Group, align
from core.text.tokens import Tokenizer, Tokens
from core.text.words import Span, cut
from tests.core.texts import ANY, DIFFICULT, LITERAL


@pytest.fixture(scope="session")
def trio(bert_tokenizer: Tokenizer, gpt2_tokenizer: Tokenizer, own_tokenizer: Tokenizer) -> dict[str, Tokenizer]:
    return {"bert": bert_tokenizer, "gpt2": gpt2_tokenizer, "own": own_tokenizer}


def check(text: str, encodings: dict[str, Tokens]) -> list[Group]:
    """What holds for every text and all encodings."""
    groups = align(text, encodings)
    words = cut(text)
    assert bool(groups) == bool(words)
    inside = [[word for word in words if group.start <= word.start and word.end <= group.end] for group in groups]
    assert [word for these in inside for word in these] == words, "the groups partition the words"
    for group, these in zip(groups, inside, strict=True):
        assert (group.start, group.end) == (these[0].start, these[-1].end)
        assert group.joined == (len(these) > 1)
        assert list(group.tokens) == list(encodings)
    for name, tokens in encodings.items():
        if words:
            found = [token for group in groups for token in group.tokens[name]]
            assert found == list(range(len(tokens.ids))), "each token is in one group"
        for group in groups:
            for token in group.tokens[name]:
                start, end = tokens.spans[token]
                if text[start:end].strip():
                    left = start + len(text[start:end]) - len(text[start:end].lstrip())
                    assert group.start <= left and left + len(text[start:end].strip()) <= group.end
    return groups


def rows(text: str, trio: dict[str, Tokenizer], *names: str) -> list[tuple[str, ...]]:
    """Each group as its text, followed by its tokens in each encoding."""
    encodings = {name: trio[name].encode(text) for name in names}
    return [
        (
            text[group.start : group.end],
            *("|".join(trio[name].show(encodings[name].ids[token]) for token in group.tokens[name]) for name in names),
        )
        for group in check(text, encodings)
    ]


def test_plain_words(trio: dict[str, Tokenizer]) -> None:
    assert rows("The souvenirs weren't 18th.", trio, "bert", "gpt2") == [
        ("The", "the", "The"),
        ("souvenirs", "so|##uven|##irs", " souven|irs"),
        ("weren't", "weren|'|t", " weren|'t"),
        ("18th", "18th", " 18|th"),
        (".", ".", "."),
    ]


def test_a_token_across_words_joins_them_for_all(trio: dict[str, Tokenizer]) -> None:
    assert rows("well... yes", trio, "bert", "gpt2") == [
        ("well", "well", "well"),
        ("...", ".|.|.", "..."),
        ("yes", "yes", " yes"),
    ]
    assert rows("a\U0001f4a9\U0001f4a9 b", trio, "bert", "gpt2") == [
        ("a\U0001f4a9\U0001f4a9", "[UNK]", "a|‹F0 9F›|‹92›|‹A9›|‹F0 9F›|‹92›|‹A9›"),
        ("b", "b", " b"),
    ]


def test_white_space_belongs_to_the_next_word_and_at_the_end_to_the_last(trio: dict[str, Tokenizer]) -> None:
    assert rows("\n\n a  b \n", trio, "bert", "gpt2") == [("a", "a", "\n\n| a"), ("b", "b", " | b| |\n")]


def test_what_bert_drops_has_an_empty_range_in_its_place(trio: dict[str, Tokenizer]) -> None:
    text = "x \ufffd \U0001f4a9"
    groups = check(text, {"bert": trio["bert"].encode(text)})
    assert [group.tokens["bert"] for group in groups] == [range(0, 1), range(1, 1), range(1, 2)]


def test_special_tokens_in_a_text_are_words_like_others(trio: dict[str, Tokenizer]) -> None:
    assert rows("[CLS] <s>", trio, "bert", "gpt2") == [
        ("[", "[", "["),
        ("CLS", "cl|##s", "CL|S"),
        ("]", "]", "]"),
        ("<", "<", " <"),
        ("s", "s", "s"),
        (">", ">", ">"),
    ]


def test_text_without_words_has_no_groups(trio: dict[str, Tokenizer]) -> None:
    for text in ("", "  \n "):
        assert align(text, {name: tokenizer.encode(text) for name, tokenizer in trio.items()}) == []


@pytest.mark.parametrize("text", [*DIFFICULT, *LITERAL])
def test_difficult_texts(text: str, trio: dict[str, Tokenizer]) -> None:
    check(text, {name: tokenizer.encode(text) for name, tokenizer in trio.items()})


@given(ANY)
def test_any_text_and_no_join_without_a_cause(trio: dict[str, Tokenizer], text: str) -> None:
    encodings = {name: tokenizer.encode(text) for name, tokenizer in trio.items()}
    groups = check(text, encodings)
    starts = {group.start for group in groups}
    spans = [span for tokens in encodings.values() for span in tokens.spans]
    for left, right in zip(cut(text), cut(text)[1:], strict=False):
        if right.start not in starts:
            assert any(span.start < left.end and right.start < span.end for span in spans)


SPANS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)).map(lambda pair: Span(*sorted(pair))), max_size=8)


@given(st.text("ab. ", min_size=12, max_size=12), SPANS, SPANS)
def test_any_spans_even_out_of_order_or_empty(text: str, one: list[Span], two: list[Span]) -> None:
    encodings = {
        name: Tokens([0] * len(spans), spans, [False] * len(spans)) for name, spans in (("one", one), ("two", two))
    }
    check(text, encodings)


@pytest.mark.parametrize(
    "text", ["don't \U0001f4a9 " * 25_000, "word " * 50_000, "x" * 100_000, "\u4e2d" * 50_000, "\U0001f1eb" * 50_000]
)
def test_time_is_linear(trio: dict[str, Tokenizer], text: str) -> None:
    encodings = {name: tokenizer.encode(text) for name, tokenizer in trio.items()}
    began = time.process_time()
    align(text, encodings)
    assert time.process_time() - began < 4
