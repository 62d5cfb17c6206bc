"""Two hundred texts to score: what tools of this field have stumbled over, and plain sentences."""

from __future__ import annotations

from typing import NamedTuple

from core import passages

APOSTROPHE = "UAX 29 keeps an apostrophe inside a word, BERT's pre-tokenizer makes three of it"
POINT = "UAX 29 keeps a point or a comma between letters or digits, BERT's pre-tokenizer cuts there"
LINK = "UAX 29 joins what an underscore or a narrow space joins, BERT's pre-tokenizer cuts there"
INVISIBLE = "BERT drops invisible characters, and has one word where UAX 29 has two"
WINDOW = "minicons reads no text that is longer than the window"
LITERAL = "transformers reads the name of a special token as that token, the lab as text"
SURROGATE = "transformers refuses half a character, the lab reads U+FFFD"
EMPTY = "minicons fails where there is no token"
SCRIPT = "UAX 29 cuts between these characters, BERT's pre-tokenizer does not"


class Hard(NamedTuple):
    """A text, what it is known for, and why `minicons` sees other words or other tokens in it, where it does."""

    what: str
    text: str
    reason: str = ""


HARD = (
    # Beginnings and ends
    Hard("one word, which nothing predicts", "The"),
    Hard("one word of several pieces", "Unbelievably"),
    Hard("with a full stop", "I like it."),
    Hard("without", "I like it"),
    Hard("a start token in the text", "<|endoftext|>The end of the text", LITERAL),
    Hard("two start tokens", "<|endoftext|><|endoftext|>Twice", LITERAL),
    Hard("off by one shows here", "This is a test"),
    Hard("the last word counts too", "The man finished his supper and fell asleep on the sofa"),
    Hard("special tokens of BERT", "[CLS] the cat sat [SEP] on the mat [PAD]", LITERAL),
    # White space
    Hard("a space at the end", "Hello my name is "),
    Hard("spaces at both ends", "  somewhere in the middle  "),
    Hard("no space before it", "Banana split"),
    Hard("a space before it", " Banana split"),
    Hard("the same word in both forms", "Banana, a Banana; BANANA"),
    Hard("a line end", "first line\nsecond line"),
    Hard("line ends at both ends", "\n\nin between\n"),
    Hard("a tab", "one\ttwo\tthree"),
    Hard("double spaces", "two  spaces   and three"),
    Hard("carriage returns", "one\r\ntwo\r\nthree\rfour"),
    Hard("a no-break space", "10\u00a0000 people"),
    Hard("a narrow no-break space", "a\u202fb\u202fc", LINK),
    Hard("an ideographic space", "wide\u3000space"),
    Hard("a line separator", "above\u2028below"),
    Hard("zero width", "zero\u200bwidth \u200d joiner\ufeff", INVISIBLE),
    Hard("an ellipsis and a control character", "wait\u2026 what\x10 now"),
    Hard("known ids", "Hello world"),
    Hard("lost in a round trip", "HELLO , World !  ok ."),
    # Unicode
    Hard(
        "an emoji of four bytes",
        "I am so happy \U0001f600 today",
    ),
    Hard(
        "two emoji, one [UNK]",
        "\U0001f4a9\U0001f4a9",
    ),
    Hard("an emoji in a word", "a\U0001f4a9b and\U0001f4a9 so on"),
    Hard(
        "a family and a flag",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467 in \U0001f1eb\U0001f1f7",
    ),
    Hard("what BERT drops", "one \ufffd two \x07 three"),
    Hard("nothing that BERT sees", "\ufffd\x00\x07", EMPTY),
    Hard("composed accents", "na\u00efve caf\u00e9 r\u00e9sum\u00e9"),
    Hard("decomposed accents", "nai\u0308ve cafe\u0301 re\u0301sume\u0301"),
    Hard("arrows", "i \u2b62 j \u00ef \u2192 k"),
    Hard("a number with letters", "the 18th and the 21st of May"),
    Hard("a quote and a minus", "alias'-1 and so on"),
    Hard("Chinese", "\u4e2d\u6587\u5b57 is Chinese"),
    Hard("Japanese", "\u3072\u3089\u304c\u306a \u30ab\u30bf\u30ab\u30ca", SCRIPT),
    Hard("Korean", "\ud55c\uad6d\uc5b4 \uac01"),
    Hard("Hebrew", "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd"),
    Hard("Arabic and a mark of direction", "\u0645\u0631\u062d\u0628\u0627 \u202eback\u202c"),
    Hard("Thai", "\u0e44\u0e17\u0e22 is Thai"),
    Hard("Hindi", "\u0928\u092e\u0938\u094d\u0924\u0947 India"),
    Hard("half a character", "half \ud800 of one", SURROGATE),
    Hard("two halves the wrong way round", "\udfff\ud800", SURROGATE),
    Hard(
        "curly quotes",
        "\u201cHello,\u201d she said, \u2018well\u2019",
    ),
    Hard("a curly apostrophe", "we can\u2019t and don\u2019t", APOSTROPHE),
    Hard("dashes", "now \u2013 or never \u2014 ever\u2010so"),
    Hard("German", "Stra\u00dfe sch\u00f6n \u00dcber"),
    Hard("Turkish", "\u0130stanbul \u0131rmak"),
    Hard("a ligature", "\ufb01nal o\ufb03ce \u01c5"),
    Hard("NUL", "a\x00b c\x00"),
    Hard("ten thousand letters", "x" * 10_000, WINDOW),
    Hard("ten thousand accents", "e" + "\u0301" * 10_000, WINDOW),
    Hard("accents without letters", "\u0301 and \u0301\u0323 alone"),
    Hard("mathematical letters", "\U0001d400\U0001d401 bold"),
    Hard("a right-to-left ligature", "\ufdfa blessing"),
    # Masks and candidates
    Hard("a mask", "The capital of France is [MASK].", LITERAL),
    Hard("another mask", "The capital of <mask> is Paris."),
    Hard("a blank", "The ___ of Italy is Rome.", LINK),
    Hard("masks at both ends", "[MASK] cat sat on the [MASK]", LITERAL),
    Hard("a word that is split", "She kept the souvenir in her bag"),
    Hard("a long word that is split", "The antidisestablishmentarianism of lighthousekeepers"),
    Hard("what a regular expression would trip over", "C++ (a a.b [x] *y? $1", POINT),
    Hard("capitals", "THE CAT SAT ON THE MAT"),
    # Length
    Hard("nothing", "", EMPTY),
    Hard("spaces", "   ", EMPTY),
    Hard("a line end and nothing else", "\n", EMPTY),
    Hard("longer than a window", "The old keeper lit the lamp and watched the ships go by. " * 14, WINDOW),
    Hard("three hundred and fifty words", "word after word " * 116 + "to end", WINDOW),
    # Words
    Hard("clitics", "It's John's, isn't it? We'll see; they'd go.", APOSTROPHE),
    Hard("three points", "well... yes... no"),
    Hard("empty lines", "one\n\ntwo\n\n\nthree"),
    Hard("names of special tokens", "<s> and </s> and <pad> and <unk>"),
    Hard("mixed case", "iPhone McDonald eBay NASA"),
    Hard("numbers", "3.14 and 12,000.50 and 1e-5 and 7/8", POINT),
    Hard("plain numbers", "2026 was 50 years after 1976"),
    Hard("an address", "see http://example.org/a-b?c=d&e=[1] now", POINT),
    Hard("mail", "write to someone@example.com soon", POINT),
    Hard("code", "for (int i = 0; i < n; i++) { a[i] = b; }"),
    Hard("Python", "def f(x_y): return self.x_y + 1", LINK),
    Hard("hyphens", "a well-known great-uncle, forty-two"),
    Hard("don't", "don't", APOSTROPHE),
    Hard("U.S.A.", "the U.S.A. and e.g. the U.K.", POINT),
    Hard("twenty-four dots", "........................"),
    Hard("punctuation alone", "?! -- ;:"),
    Hard("escape codes", "\x1b[31mred\x1b[0m text"),
    Hard("markup", "[bold]x[/] [/ <b>y</b>"),
    Hard("joined by underscores", "snake_case_name and __init__", LINK),
    Hard("quotes in quotes", "\"'quoted'\" he said"),
    Hard("a time", "at 10:30 on 2026-11-24"),
    Hard("money", "$5.00 or \u20ac4 or 50%", POINT),
    Hard("one letter", "a"),
    Hard("one mark", "."),
    Hard("one digit", "7"),
)


def plain(count: int) -> list[Hard]:
    """The first sentences of the study passages, those with the simplest words first."""
    sentences = [part + "." for passage in passages.every() for part in passage.text.replace("\n", " ").split(". ")[:4]]
    simple = [text for text in sentences if len(text) < 120 and not set(text) & set("'\u2019\"") and "..." not in text]
    return [Hard(f"plain {number}", text) for number, text in enumerate(simple[:count])]


TEXTS = (*HARD, *plain(200 - len(HARD)))
