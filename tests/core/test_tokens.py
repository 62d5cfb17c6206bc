from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest
import tokenizers
from hypothesis import given
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors

from core.errors import UserError
from core.text.tokens import Tokenizer
from core.text.words import Span
from tests.core.texts import ANY, DIFFICULT, LITERAL


def pieces(tokenizer: Tokenizer, text: str) -> list[tuple[str, str]]:
    tokens = tokenizer.encode(text)
    return [
        (tokenizer.show(token), text[start:end]) for token, (start, end) in zip(tokens.ids, tokens.spans, strict=True)
    ]


@pytest.fixture(scope="session", params=["bert_tokenizer", "gpt2_tokenizer", "own_tokenizer"])
def any_tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    found: Tokenizer = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("text", DIFFICULT)
def test_ids_are_those_of_transformers(
    text: str, bert_folder: Path, bert_tokenizer: Tokenizer, gpt2_folder: Path, gpt2_tokenizer: Tokenizer
) -> None:
    from transformers import BertTokenizerFast, GPT2TokenizerFast

    bert = BertTokenizerFast.from_pretrained(str(bert_folder))
    gpt2 = GPT2TokenizerFast.from_pretrained(str(gpt2_folder))
    assert bert_tokenizer.encode(text).ids == bert(text, add_special_tokens=False).input_ids
    assert gpt2_tokenizer.encode(text).ids == gpt2(text, add_special_tokens=False).input_ids


def test_known_ids(bert_tokenizer: Tokenizer, gpt2_tokenizer: Tokenizer) -> None:
    assert bert_tokenizer.encode("Hello world").ids == [7592, 2088]
    assert gpt2_tokenizer.encode("Hello world").ids == [15496, 995]


def test_the_special_tokens_of_a_bare_vocabulary(bert_tokenizer: Tokenizer, gpt2_tokenizer: Tokenizer) -> None:
    bert, gpt2 = bert_tokenizer, gpt2_tokenizer
    assert (bert.start, bert.end, bert.mask, bert.unknown, bert.pad) == (101, 102, 103, 100, 0)
    assert (gpt2.start, gpt2.end, gpt2.mask, gpt2.pad) == (50256, 50256, None, None)
    assert (bert.vocabulary, gpt2.vocabulary) == (30522, 50257)
    assert not bert.mask_takes_space


def test_the_special_tokens_of_our_own(own_tokenizer: Tokenizer) -> None:
    own = own_tokenizer
    assert (own.pad, own.unknown, own.start, own.end, own.mask) == (0, 1, 2, 3, 4)
    assert own.mask_takes_space


@pytest.mark.parametrize("text", LITERAL)
def test_special_tokens_in_a_text_are_characters(text: str, any_tokenizer: Tokenizer) -> None:
    tokens = any_tokenizer.encode(text)
    special = {any_tokenizer.start, any_tokenizer.end, any_tokenizer.mask, any_tokenizer.pad, any_tokenizer.unknown}
    assert not special & set(tokens.ids)
    assert not any(tokens.unknown)
    seen = {place for start, end in tokens.spans for place in range(start, end)}
    assert {place for place, letter in enumerate(text) if not letter.isspace()} <= seen


def test_spans_of_gpt2(gpt2_tokenizer: Tokenizer) -> None:
    assert pieces(gpt2_tokenizer, "i \u2b62 na\u00efve") == [
        ("i", "i"), (" ‹E2›", "\u2b62"), ("‹AD›", "\u2b62"), ("‹A2›", "\u2b62"), (" na\u00efve", "na\u00efve"),
    ]  # fmt: skip
    assert pieces(gpt2_tokenizer, "  a  \U0001f4a9\n") == [
        (" ", " "), (" a", "a"), (" ", " "),
        (" ‹F0 9F›", "\U0001f4a9"), ("‹92›", "\U0001f4a9"), ("‹A9›", "\U0001f4a9"), ("\n", "\n"),
    ]  # fmt: skip


def test_spans_of_bert(bert_tokenizer: Tokenizer) -> None:
    assert pieces(bert_tokenizer, "Na\u00efve cafe\u0301 unseeable") == [
        ("naive", "Na\u00efve"), ("cafe", "cafe"), ("un", "un"), ("##see", "see"), ("##able", "able"),
    ]  # fmt: skip
    assert pieces(bert_tokenizer, "a\u4e2db \uac01") == [
        ("a", "a"), ("\u4e2d", "\u4e2d"), ("b", "b"),
        ("\u1100", "\uac01"), ("##\u1161", "\uac01"), ("##\u11a8", "\uac01"),
    ]  # fmt: skip


def test_what_bert_does_not_know_or_drops(bert_tokenizer: Tokenizer) -> None:
    text = "a\U0001f4a9\U0001f4a9 i\x00t \ufffd\u200d\x07 z"
    tokens = bert_tokenizer.encode(text)
    assert tokens.unknown == [True, False, False]
    assert [text[start:end] for start, end in tokens.spans] == ["a\U0001f4a9\U0001f4a9", "i\x00t", "z"]


@given(ANY)
def test_any_text_has_tokens_with_spans_inside_it(any_tokenizer: Tokenizer, text: str) -> None:
    tokens = any_tokenizer.encode(text)
    assert len(tokens.ids) == len(tokens.spans) == len(tokens.unknown)
    for start, end in tokens.spans:
        assert 0 <= start < end <= len(text)
        inside = text[start:end]
        assert inside.isspace() or inside == inside.strip()
    assert [start for start, _ in tokens.spans] == sorted(start for start, _ in tokens.spans)
    for token in tokens.ids:
        assert any_tokenizer.show(token)


@given(ANY)
def test_byte_level_tokens_are_the_whole_text(own_tokenizer: Tokenizer, text: str) -> None:
    clean = "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text)
    assert own_tokenizer.decode(own_tokenizer.encode(text).ids) == clean


def test_show_and_decode_special_and_missing_tokens(bert_tokenizer: Tokenizer, own_tokenizer: Tokenizer) -> None:
    assert bert_tokenizer.show(103) == own_tokenizer.show(4) == "[MASK]"
    assert own_tokenizer.decode([2, *own_tokenizer.encode("a b").ids, 4, 3]) == "[CLS]a b[MASK][SEP]"
    assert bert_tokenizer.decode(bert_tokenizer.encode("souvenirs are unseeable").ids) == "souvenirs are unseeable"
    assert own_tokenizer.show(99_999) == "‹no token 99999›"


@pytest.mark.parametrize(
    "text", ["don't \U0001f4a9\U0001f4a9 " * 25_000, "x" * 100_000, "\u4e2d" * 100_000, " " * 100_000]
)
def test_time_is_linear(any_tokenizer: Tokenizer, text: str) -> None:
    began = time.process_time()
    any_tokenizer.encode(text)
    assert time.process_time() - began < 4


def test_a_saved_tokenizer_cannot_cut_pad_or_frame_a_text(
    own_folder: Path, own_tokenizer: Tokenizer, tmp_path: Path
) -> None:
    inner = tokenizers.Tokenizer.from_file(str(own_folder / "tokenizer.json"))
    inner.enable_truncation(2)
    inner.enable_padding(length=9)
    inner.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", None, [("[CLS]", 2), ("[SEP]", 3)])
    inner.save(str(tmp_path / "tokenizer.json"))
    for text in ("one two three four", "a"):
        assert Tokenizer.load(tmp_path).encode(text) == own_tokenizer.encode(text)


def test_the_first_letter_keeps_its_place_when_a_space_is_added(own_folder: Path, tmp_path: Path) -> None:
    inner = tokenizers.Tokenizer.from_file(str(own_folder / "tokenizer.json"))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    inner.post_processor = processors.ByteLevel(trim_offsets=True)
    inner.save(str(tmp_path / "tokenizer.json"))
    assert Tokenizer.load(tmp_path).encode("a the").spans == [Span(0, 1), Span(2, 5)]


def test_sentencepiece_spelling_is_read_as_text(tmp_path: Path) -> None:
    vocabulary = {"<unk>": 0, "<0xF0>": 1, "<0x9F>": 2, "▁": 3, "a": 4, "▁a": 5, "<0x92>": 6, "<0xA9>": 7}
    inner = tokenizers.Tokenizer(models.BPE(vocabulary, [("▁", "a")], unk_token="<unk>", byte_fallback=True))
    inner.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    inner.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    inner.save(str(tmp_path / "tokenizer.json"))
    tokenizer = Tokenizer.load(tmp_path)
    assert tokenizer.unknown == 0
    assert pieces(tokenizer, "a a\U0001f4a9") == [
        (" a", "a"), (" a", "a"), *[(shown, "\U0001f4a9") for shown in ("‹F0›", "‹9F›", "‹92›", "‹A9›")],
    ]  # fmt: skip


def save(folder: Path, name: str, content: object) -> None:
    (folder / name).write_text(json.dumps(content))


def test_a_file_that_says_there_is_no_such_token_is_believed(gpt2_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(gpt2_folder, tmp_path / "gpt2"))
    save(
        folder, "tokenizer_config.json", {"bos_token": None, "eos_token": {"content": "<|endoftext|>", "lstrip": False}}
    )
    save(folder, "config.json", {"pad_token_id": 7, "bos_token_id": None})
    tokenizer = Tokenizer.load(folder)
    assert (tokenizer.start, tokenizer.end, tokenizer.pad) == (None, 50256, 7)
    save(folder, "config.json", {"bos_token_id": [11, 12], "pad_token_id": 60_000})
    tokenizer = Tokenizer.load(folder)
    assert (tokenizer.start, tokenizer.pad) == (11, None)


def test_a_cased_vocabulary_keeps_case_and_accents(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("[UNK]\n[CLS]\n[SEP]\n[MASK]\nCaf\u00e9\ncafe\n", "utf-8")
    assert Tokenizer.load(tmp_path).encode("Caf\u00e9").ids == [5]
    save(tmp_path, "tokenizer_config.json", {"do_lower_case": False})
    assert Tokenizer.load(tmp_path).encode("Caf\u00e9").ids == [4]


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({}, "tokenizer.json"),
        ({"tokenizer.json": "{"}, "tokenizer.json"),
        ({"tokenizer.json": '{"model": {}}'}, "tokenizer.json"),
        ({"vocab.json": "{}"}, "merges.txt"),
        ({"vocab.json": "[1]", "merges.txt": ""}, "vocab.json"),
        ({"vocab.json": '{"a</w>": 0}', "merges.txt": ""}, "</w>"),
        ({"vocab.txt": b"\xff\xfe"}, "vocab.txt"),
        ({"vocab.txt": "a\n", "tokenizer_config.json": "["}, "tokenizer_config.json"),
        ({"vocab.txt": "a\n", "config.json": "[]"}, "config.json"),
        (
            {"vocab.txt": "a\n", "tokenizer_config.json": '{"added_tokens_decoder": {"5": {"content": "x"}}}'},
            "tokenizer_config",
        ),
    ],
)
def test_what_cannot_be_loaded_is_named(files: dict[str, str | bytes], named: str, tmp_path: Path) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UserError) as caught:
        Tokenizer.load(tmp_path)
    assert named in str(caught.value)
