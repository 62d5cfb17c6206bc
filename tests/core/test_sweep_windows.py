"""Units that models share, target words, and windows: the same for all, drawn by the seed, and short enough."""

from __future__ import annotations

import pytest

from core.errors import UserError
from core.sweep import text
from core.sweep.conditions import RIGHT
from core.sweep.units import Document, choose, cut_alike, documents, encode
from core.sweep.windows import SPARE, Window, draw
from core.text.tokens import Tokenizer
from tests.core.cycles import cycle, tokenizer

SAID = "The keeper's dogs barked at 24 unbelievably loud gulls. Nobody knew why; they never ask."


def cut(said: str, tokenizers: dict[str, Tokenizer], unit: str) -> Document:
    assert unit in ("tokens", "words")
    return documents([said], encode([said], tokenizers), "tokens" if unit == "tokens" else "words")[0]


def targets(document: Document, name: str, tokens: Tokenizer) -> list[str]:
    """The target words of a document, as they are read."""
    return [
        tokens.show(document.tokens(name, unit, unit + 1)[0]).strip()
        for unit, is_target in enumerate(document.target)
        if is_target
    ]


def test_tokens_are_the_unit_where_all_cut_alike(bert_tokenizer: Tokenizer, gpt2_tokenizer: Tokenizer) -> None:
    same = encode([SAID], {"a": bert_tokenizer, "b": bert_tokenizer})
    different = encode([SAID], {"a": bert_tokenizer, "b": gpt2_tokenizer})
    assert cut_alike(same) and not cut_alike(different)
    assert choose(None, True) == "tokens" and choose(None, False) == "words" and choose("words", True) == "words"
    with pytest.raises(UserError, match="token by token"):
        choose("tokens", False)


def test_words_are_the_same_for_both_real_vocabularies(bert_tokenizer: Tokenizer, gpt2_tokenizer: Tokenizer) -> None:
    both = {"bert": bert_tokenizer, "gpt2": gpt2_tokenizer}
    document = cut(SAID, both, "words")
    words = ["The", "keeper's", "dogs", "barked", "at", "24", "unbelievably", "loud", "gulls", ".", "Nobody", "knew",
             "why", ";", "they", "never", "ask", "."]  # fmt: skip
    assert len(document) == len(words)
    for name, tokens in both.items():
        for unit, word in enumerate(words):
            said = tokens.decode(document.tokens(name, unit, unit + 1)).replace(" ' ", "'").replace(" ##", "")
            assert said.strip().lower().replace("##", "") == word.lower() or word in ("unbelievably", "gulls")
    for name, tokens in both.items():
        found = [word.lower() for word in targets(document, name, tokens)]
        assert found == ["the", "dogs", "at", "loud", "nobody", "knew", "why", "they", "never", "ask"], name
    assert [unit for unit, stop in enumerate(document.stop) if stop] == [9, 17]


def test_a_target_is_a_whole_word_of_letters_in_one_token(own_tokenizer: Tokenizer) -> None:
    document = cut("The x1 the.the unknowable \U0001f4a9 the", {"a": own_tokenizer}, "tokens")
    found = targets(document, "a", own_tokenizer)
    assert set(found) <= {"The", "the"} and found.count("the") == 1  # "the.the" is one word of UAX 29, and no letters
    assert cut("ant zebra . bee", {"a": tokenizer()}, "tokens").target == [True, False, False, True]


def test_windows_lie_inside_one_document_with_what_follows() -> None:
    texts = [cycle(60), cycle(33), cycle(31), cycle(90)]
    made = documents(texts, encode(texts, {"a": tokenizer()}), "tokens")
    drawn = draw(made, {"a": 128}, 22, 1000, 1)
    assert drawn.length == 22
    assert len(drawn.crops) == sum(max(0, len(document) - 22 - RIGHT + 1) for document in made)
    assert len({(id(window.document), window.first) for window in drawn.crops}) == len(drawn.crops)
    for window in drawn.crops:
        assert window.first >= 0 and window.first + 22 + RIGHT <= len(window.document)
        assert len(window.ids("a")) == 22 and len(window.right("a")) == RIGHT


def test_the_seed_draws_and_nothing_else() -> None:
    made = documents([cycle(300)], encode([cycle(300)], {"a": tokenizer()}), "tokens")
    first, again, other = ([w.first for w in draw(made, {"a": 128}, 20, 25, seed).crops] for seed in (1, 1, 2))
    assert first == again != other and len(first) == 25


def test_a_window_is_cut_to_the_shortest_context() -> None:
    made = documents([cycle(300)], encode([cycle(300)], {"a": tokenizer(), "b": tokenizer()}), "tokens")
    assert draw(made, {"a": 128, "b": 64}, 100, 5, 1).length == 64 - SPARE - RIGHT
    with pytest.raises(UserError, match="No window"):
        draw(made, {"a": 128, "b": 20}, 100, 5, 1)


def test_words_of_many_pieces_make_a_window_shorter(gpt2_tokenizer: Tokenizer, bert_tokenizer: Tokenizer) -> None:
    said = " ".join(["unbelievable", "misunderstandings", "notwithstanding", "the"] * 60)
    both = {"bert": bert_tokenizer, "gpt2": gpt2_tokenizer}
    drawn = draw([cut(said, both, "words")], {"bert": 128, "gpt2": 128}, 100, 20, 1)
    assert drawn.length < 100
    for window in drawn.crops:
        for name in both:
            right = [token for unit in window.right(name) for token in unit]
            assert len(window.ids(name)) + len(right) + SPARE <= 128


def test_a_place_is_the_token_of_its_unit(gpt2_tokenizer: Tokenizer, bert_tokenizer: Tokenizer) -> None:
    both = {"bert": bert_tokenizer, "gpt2": gpt2_tokenizer}
    window = Window(cut(f"{SAID} {SAID} {SAID}", both, "words"), 2, 14)
    for position, word in ((0, "dogs"), (5, "loud"), (12, "they")):
        for name, tokens in both.items():
            place = window.place(name, position)
            assert place is not None and tokens.show(window.ids(name)[place]).strip() == word
    assert window.place("bert", 3) is None and window.place("bert", 7) is None


def test_endings_are_followed_by_a_full_stop() -> None:
    said = cycle(300).replace("hen", "hen .")
    made = documents([said], encode([said], {"a": tokenizer()}), "tokens")
    drawn = draw(made, {"a": 128}, 20, 10, 1)
    assert len(drawn.endings) == 10
    assert {(window.ids("a")[-1], window.right("a")[0][0]) for window in drawn.endings} == {(13, 5)}


def test_a_text_is_found_by_what_it_is(tmp_path: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    assert text.find("a b\nc\n\n \nd", "", "paired").documents == ["a b\nc", "d"]
    monkeypatch.setattr("core.sweep.text.MOST", 3)
    cut_short = text.find("abc\n\nd", "", "paired")
    assert cut_short.documents == ["abc"] and "first 3 characters" in cut_short.notes[0]
