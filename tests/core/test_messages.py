"""The lines between front end and engine: every message survives the way there, and no garbage passes for one."""

from __future__ import annotations

import json
import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import messages as m
from core.settings import Shape, TrainSettings
from tests.scans import hits, pairing
from tests.sweeps import curves

IDENTITY = m.Identity(
    name="bert", source="bundled", kind="masked", architecture="BertForMaskedLM", revision="0123456789ab",
    parameters=1_900_000, context=128, vocabulary=4096, device="cpu", dtype="float32",
)  # fmt: skip
TOP = [m.Candidate(text=" were", token_id=12, prob=0.25, logprob=-1.3862943611198906)]
SCORE = m.WordScore(surprisal_bits=2.5, rank=2, pieces=["were"], saw="both", top=TOP, entropy_bits=4.5)
NONE = m.WordScore(surprisal_bits=None, rank=None, pieces=[], saw="left", top=[], mark="dropped")
METHOD = m.Method(identity=IDENTITY, kind="masked", method="within_word_l2r", first_token="none")
WORD = m.Word(text="were", start=3, end=7, joined=False, scores={"bert": SCORE, "gpt2": NONE})
SETTINGS = TrainSettings(
    family="bert", shape=Shape(vocabulary=600, layers=2, width=64, heads=2, inner=256, positions=64), texts=["/a.txt"],
    tokenizer="new", tokens=1000, rows=16, length=64, lr=1e-3, warmup=10,
)  # fmt: skip
RATE = m.Rate(value=0.5, low=0.25, high=0.75, n=12)
EVALUATION = m.Evaluation(
    models={"bert": IDENTITY},
    sets=[m.SetAbout(name="blimp", kind="pairs", path="/blimp.jsonl.xz", sha256="0" * 64, items=67_000, taken=12)],
    outcomes=[
        m.Outcome(
            model=model, set="blimp", method="PLL-word-l2r", seconds=1.5, groups={"adjunct_island": RATE},
            measures=[
                m.Measure(name="accuracy", unit="share", value=0.5, rate=RATE, n=12),
                m.Measure(name="nats", unit="nats", value=None, n=0),
            ],
        )
        for model in ("bert", m.UNIGRAM)
    ],
    notes=["Ties count a half."], seed=7, everything=True, seconds=2.5, complete=True,
)  # fmt: skip
RESCORING = m.Rescoring(
    text="we were", start=3, end=7, candidates=["were", "¿"], models={"bert": METHOD},
    scores={"bert": [m.Retold(logprob=-3.5, share=1.0), m.Retold(logprob=None, share=None, mark="unknown")]},
)  # fmt: skip
SWEEP = m.Sweep(
    id=8, models=["bert", "gpt2"], text="a b", positions=[0, 1, 2, 3, -1], conditions=["bare"], unit="words"
)
FINDING = m.Finding(
    claim="C8", title="Who sees whom", verdict="supported", why="because", rule="if", literature="supported",
    differs="",
    measured={"above": m.Number(value=0.0, unit="nats", n=3), "none": m.Number(value=None)},
    charts=[
        m.Chart(title="a", lines=[m.Line(name="gpt2", x=[1, 2], y=[0.5, None], low=[0.1, None], high=[1, None])]),
        m.Chart(title="b", kind="heat", cells=[[0.0, None]], ticks=["a", "b"], row_ticks=["a"]),
    ],
    knobs={"tokens": 24.0, "control": "none"}, seed=1, thorough=False, models={"gpt2": "revision"}, device="cpu",
)  # fmt: skip
SCAN = m.Scan(id=10, models=["bert", "gpt2"], path="/a.txt", by="overlap", top=3, limit=7, seed=2)
PAIR = m.Pair(id=11, models=["bert", "gpt2"], good="we were", bad="we was")
EVENTS: list[m.Event] = [
    m.Hello(protocol=m.PROTOCOL, build="1", python="3.11", pid=1),
    m.Ready(device="cpu", dtype="float32", reason="no GPU", torch="2.13", seconds=1.5),
    m.Notice(text="hello", level="warning"),
    m.Progress(id=1, done=2, total=3, note="bert"),
    m.Loaded(id=1, model=IDENTITY),
    m.Predicted(
        id=1,
        prediction=m.Prediction(
            text="we ___", model=IDENTITY, slots=[m.Slot(start=3, end=6, kind="mask", top=TOP)], saw="both", notes=["a"]
        ),
    ),
    m.Compared(id=2, comparison=m.Comparison(text="we were", models={"bert": METHOD}, words=[WORD])),
    m.Rescored(id=8, rescoring=RESCORING),
    m.Probed(id=6, tokens_per_second=4100.5, memory=310_000_000, device="cuda:0"),
    m.Evaluated(id=7, evaluation=EVALUATION),
    m.Sweeping(id=8, sweep=curves(SWEEP, complete=False)),
    m.Swept(id=8, sweep=curves(SWEEP)),
    m.Scanning(id=10, found=hits(SCAN, complete=False)),
    m.Scanned(id=10, found=hits(SCAN)),
    m.Paired(id=11, pairing=pairing(PAIR)),
    m.Experimenting(id=9, finding=FINDING),
    m.Experimented(id=9, finding=FINDING),
    m.Checked(id=3, device="cpu", passed=True, worst=1e-6, tolerance=1e-4, note=""),
    m.Failed(id=4, what="no", why="because", hint="do", detail="traceback"),
    m.Cancelled(id=5),
]
REQUESTS: list[m.AnyRequest] = [
    m.Load(id=1, model="bert"),
    m.Predict(id=2, model="bert", text="we ___", top=3),
    m.Compare(id=3, models=["bert", "gpt2"], text="we were", pll="original", first_token="skip"),
    m.Rescore(id=8, models=["bert"], text="we were", start=3, end=7, candidates=["were", "are"]),
    m.Probe(id=6, settings=SETTINGS),
    SWEEP,
    m.Evaluate(id=7, models=["bert"], sets=["blimp", "/a.txt"], everything=True, seed=7, folder="/parts"),
    SCAN,
    PAIR,
    m.Experiment(id=9, claim="C8", thorough=True, seed=2, knobs={"tokens": 24.0, "control": "none"}),
    m.Check(id=4),
    m.Cancel(id=5, target=3),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_event_survives_the_wire(event: m.Event) -> None:
    line = m.encode(event)
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    assert m.decode_event(line) == event


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: type(request).__name__)
def test_every_request_survives_the_wire(request_: m.AnyRequest) -> None:
    assert m.decode_request(m.encode(request_)) == request_


def test_every_event_that_ends_a_request_has_an_id() -> None:
    kinds = {type(event) for event in EVENTS if hasattr(event, "id") and not isinstance(event, m.Progress | m.Partial)}
    assert kinds == set(m.Final)


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_travels_and_only_half_characters_change(text: str) -> None:
    sent = m.decode_request(m.encode(m.Predict(id=1, model="bert", text=text)))
    assert isinstance(sent, m.Predict)
    assert sent.text == "".join("\ufffd" if 0xD800 <= ord(c) <= 0xDFFF else c for c in text)


def test_half_characters_deep_inside_a_result_do_not_break_the_line() -> None:
    word = m.Word(text="\udc80", start=0, end=1, joined=False, scores={"a\ud800": NONE})
    line = m.encode(m.Compared(id=1, comparison=m.Comparison(text="\udc80", models={}, words=[word])))
    event = m.decode_event(line)
    assert isinstance(event, m.Compared)
    assert event.comparison.words[0].text == "\ufffd" and list(event.comparison.words[0].scores) == ["a\ufffd"]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_a_number_travels_as_null(value: float) -> None:
    line = m.encode(m.Compared(id=1, comparison=m.Comparison(
        text="a", models={}, words=[m.Word(text="a", start=0, end=1, joined=False, scores={
            "gpt2": m.WordScore(surprisal_bits=value, rank=1, pieces=["a"], saw="left", top=[])})])))  # fmt: skip
    assert json.loads(line)["comparison"]["words"][0]["scores"]["gpt2"]["surprisal_bits"] is None


def test_a_request_that_only_a_newer_minor_version_knows_is_refused_and_the_major_stays() -> None:
    assert m.PROTOCOL[0] == 1
    with pytest.raises(msgspec.ValidationError, match="dream"):
        m.decode_request(m.encode(m.Check(id=1)).replace(b"check", b"dream"))


def test_fields_of_a_newer_minor_version_are_passed_over() -> None:
    line = m.encode(m.Cancelled(id=5)).replace(b"{", b'{"new":[1,2],', 1)
    assert m.decode_event(line) == m.Cancelled(id=5)


GARBAGE = [
    b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"ask":"predict"}', b'{"ask":"load","id":"one","model":"bert"}',
    b'{"ask":"nothing","id":1}', b'{"ask":"check","id":1.5}', b'{"ask":"check","id":1}{"ask":"check","id":2}',
    b'{"ask":"predict","id":1,"model":"bert","text":"\\ud800"}', b'{"ask":"compare","id":1,"models":"bert","text":""}',
]  # fmt: skip


@pytest.mark.parametrize("line", GARBAGE)
def test_garbage_is_no_request(line: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        m.decode_request(line)


def test_deep_nesting_is_an_error_and_not_the_end() -> None:
    with pytest.raises(RecursionError):
        m.decode_request(b'{"ask":"check","id":1,"x":' + b"[" * 100_000)
