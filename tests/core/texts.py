"""Texts that tools of this field have stumbled over, and a strategy for texts that nobody would think of."""

from __future__ import annotations

from hypothesis import strategies as st

DIFFICULT = (
    "Hello world",
    "Banana, a Banana; BANANA",
    " leading and trailing ",
    "  two  spaces\tand a tab\r\nand lines\n\n\nand more\n",
    "no\u00a0break \u202fnarrow\u2028line\u3000wide\x1fcontrol\x85next",
    "18th don't can\u2019t U.S.A. e.g. alias'-1 24.5 12,000.5",
    "http://a.b/c-d?x=1&y=[2] C++ (a a.b self.x_y = 'z'",
    "........................ \u2026 ?! --",
    "na\u00efve cafe\u0301 Stra\u00dfe \u0130stanbul \ufb01n \u01c5",
    "\u0301starts with an accent and \u0301 stands alone",
    "i \u2b62 j \u00ef",
    "\U0001f4a9\U0001f4a9 a\U0001f4a9\U0001f4a9",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1eb\U0001f1f7\U0001f1e9",
    "\u4e2d\u6587\u5b57 a\u4e2db \u3072\u3089\u304c\u306a \u30ab\u30bf\u30ab\u30ca \uac01 \ud55c\uad6d\uc5b4",
    "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd \u0645\u0631\u062d\u0628\u0627 \ufdfa \u202eright to left\u202c",
    "\u0e44\u0e17\u0e22 \u0928\u092e\u0938\u094d\u0924\u0947",
    "a\x00b\ufffdc\x07 d\u200de zero\u200bwidth \u200d",
    "\x1b[31mred\x1b[0m [bold]x[/] [/",
    "un" + "x" * 120 + " y",
    "\U0001d400\U0001d401 \U0001d165\u0323\u0301 \u1e9b\u0323",
    "",
    "   ",
    "\n",
)
LITERAL = (
    "[MASK]",
    "a [MASK] b[CLS]c [SEP] [PAD][UNK]",
    "<|endoftext|> x<|endoftext|>",
    "<s> </s> <mask> <pad> <unk>",
)
_PIECES = (
    *DIFFICULT,
    *LITERAL,
    *(
        "\ud800",
        "\udfff\ud800",
        "'",
        "\u2019",
        "\u0301",
        "\u0323\u0301",
        "\u200d",
        "\ufe0f",
        "\U0001f3fd",
        "\U0001f1eb",
    ),
    *(
        " ",
        "  ",
        "\t",
        "\r\n",
        "\u00a0",
        "\u2009",
        "\u3000",
        "\x1c",
        "\ufeff",
        "\x00",
        ".",
        ",",
        "_",
        "___",
        "1",
        "\u05d0",
    ),
)
ANY = st.lists(
    st.one_of(st.sampled_from(_PIECES), st.text(st.characters(exclude_categories=()), max_size=8)), max_size=12
).map("".join)
"""Any code points, lone surrogates included, mixed with the difficult ones."""
