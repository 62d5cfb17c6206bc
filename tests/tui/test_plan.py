"""What is said about a run before it starts is what then happens."""

from __future__ import annotations

import socket
from pathlib import Path

import msgspec
import pytest

from core import paths, runs, shapes
from core.errors import UserError
from core.plan import Choice, settle
from core.presets import PRESETS
from core.text import documentation
from tests.tui.made_runs import make, row, write
from tui.runs.amounts import amount, more
from tui.runs.now import Now, latest
from tui.runs.plan import Pace, kind, plan, steps

pytestmark = pytest.mark.usefixtures("own_runs")


@pytest.fixture
def text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A text of 60,000 bytes, which also stands for the Python documentation."""
    path = tmp_path / "diary.txt"
    path.write_text("All work and no play. " * 2728, "utf-8")
    monkeypatch.setattr(documentation, "file", lambda: path)
    return str(path)


def before(name: str, speed: float, choice: Choice, host: str = "") -> Now:
    """A run of the same settings that was made earlier."""
    here = runs.me()
    owner = msgspec.structs.replace(here, host=host or here.host)
    run = make(name, owner=owner, settings=settle(choice))
    write(run, [row(5, 3.0) | {"tokens_per_second": speed}])
    return latest(run)


def test_without_a_text_it_is_the_python_documentation_and_says_so(text: str) -> None:
    found = plan(Choice(family="gpt2", minutes=2))
    assert found.parts[0].settings.texts == [text]
    assert found.size == Path(text).stat().st_size
    assert "the Python documentation on this machine, 60 kB." in "\n".join(found.lines())
    assert "1 file, 60 kB: diary.txt" in "\n".join(plan(Choice(family="gpt2", texts=(text,))).lines())


def test_minutes_become_tokens_at_the_speed_of_an_earlier_run_of_the_same_kind(text: str) -> None:
    choice = Choice(family="gpt2", minutes=2)
    guess = plan(choice)
    assert guess.parts[0].pace.source == "guess" and "a guess" in "\n".join(guess.lines())
    assert guess.parts[0].budget.tokens == pytest.approx(120 * guess.parts[0].pace.tokens_per_second, abs=1)
    assert guess.parts[0].settings.tokens == 0, "the trainer measures again"
    far, near = before("far", 9000.0, choice, socket.gethostname() + "x"), before("near", 4000.0, choice)
    found = plan(choice, earlier=[far, near])
    assert (found.parts[0].pace.source, found.parts[0].budget.tokens) == ("earlier", 480_000)
    assert "About 2 min at 4000 tokens/s: as an earlier run here." in found.lines()
    assert plan(Choice(family="lstm", minutes=2), earlier=[near]).parts[0].pace.source == "guess"


def test_what_was_measured_wins_and_says_what_memory_it_needs(text: str) -> None:
    choice = Choice(family="gpt2", minutes=12)
    pace = Pace(tokens_per_second=4100.0, memory=310_000_000, source="measured")
    found = plan(choice, earlier=[before("near", 9000.0, choice)], measured={kind(settle(choice)): pace})
    assert "About 12 min at 4100 tokens/s, 310 MB of memory: measured just now." in found.lines()
    assert found.parts[0].budget.tokens == 12 * 60 * 4100


def test_the_speed_of_a_run_does_not_depend_on_its_text_seed_or_budget(text: str) -> None:
    one = settle(Choice(family="gpt2", tokens=5000))
    assert kind(one) == kind(settle(Choice(family="gpt2", tokens=9000, seed=8)))
    assert kind(one) != kind(settle(Choice(family="gpt2", tokens=5000, width=96)))


def test_what_is_said_is_what_the_settings_hold(text: str) -> None:
    found = plan(Choice(family="bert", preset="small", tokens=2_000_000, seed=7))
    settings, budget = found.parts[0].settings, found.parts[0].budget
    said = "\n".join(found.lines("; measuring …"))
    assert f"BERT: {shapes.parameters('bert', settings.shape):,} parameters, 4 layers of 192" in said
    assert f"about 2M tokens in {steps(settings, 2_000_000):,} steps: the text about 110 times" in said
    assert budget == shapes.budget(settings, 2_000_000) and "987k targets" in said
    assert "here yet; measuring …\n" in said
    assert "It reads left to right for the first 35% of its steps" in said
    assert (settings.tokens, settings.seed) == (2_000_000, 7)
    without = plan(Choice(family="bert", tokens=2_000_000, causal_start=False))
    assert "left to right" not in "\n".join(without.lines())


def test_steps_count_shorter_windows_too(text: str) -> None:
    settings = settle(Choice(family="gpt2"))
    full = settings.rows * settings.length
    assert full < 1_000_000 / steps(settings, 1_000_000) * (1 + 1e-3) / (1 - settings.short / 2)
    assert steps(settings, 1) == 1


def test_steps_that_were_asked_for_are_said_as_they_are(text: str) -> None:
    assert "in 30 steps: the text" in "\n".join(plan(Choice(family="gpt2", steps=30)).lines())
    assert "in 1 step: the text" in "\n".join(plan(Choice(family="gpt2", steps=1)).lines())


def test_no_budget_is_that_of_the_size(text: str) -> None:
    assert plan(Choice(family="lstm")).parts[0].budget.tokens == PRESETS["tiny"].tokens


def test_a_trio_shares_its_minutes_so_that_all_read_the_same(text: str) -> None:
    found = plan(Choice(family="gpt2", minutes=6), trio=True, seeds=2)
    assert found.trio and [part.settings.family for part in found.parts] == ["bert", "gpt2", "lstm"]
    assert len({part.budget.tokens for part in found.parts}) == 1
    assert 2 * sum(part.seconds for part in found.parts) == pytest.approx(360, rel=1e-3)
    counts = [part.budget.parameters for part in found.parts]
    assert max(counts) < 1.03 * min(counts)
    said = "\n".join(found.lines())
    assert all(f"{count:,}" in said for count in counts)
    assert "Each with 2 seeds" in said and "About 6 min at" in said and "BERT reads left to right" in said


def test_what_cannot_be_trained_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="less than one step"):
        plan(Choice(family="gpt2", tokens=5))
    with pytest.raises(UserError, match="missing"):
        plan(Choice(family="gpt2", texts=("/missing.txt",)))
    assert not paths.runs().exists()


@pytest.mark.parametrize(
    ("typed", "value"), [("", 0), ("5", 5), ("2.5", 2.5), ("2,5", 2.5), ("300k", 3e5), (" 2 M ", 2e6), ("1_000", 1000)]
)
def test_amounts_are_read_as_people_type_them(typed: str, value: float) -> None:
    assert amount(typed) == value


@pytest.mark.parametrize("typed", ["many", "0", "-3", "1e3", "5 min", "٣", "5.", "nan", "\x1b[1m"])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(UserError, match="no amount"):
        amount(typed)


@pytest.mark.parametrize(
    ("typed", "tokens"), [("10 min", 60_000), ("1.5h", 540_000), ("30 s", 3000), ("2M", 2_000_000)]
)
def test_more_is_a_time_or_tokens(typed: str, tokens: int) -> None:
    assert more(typed, 100.0) == tokens


def test_a_time_needs_a_speed_and_nothing_is_not_more() -> None:
    assert more("300k", 0.0) == 300_000
    for typed, why in (("10 min", "not known"), ("", "nothing")):
        with pytest.raises(UserError, match=why):
            more(typed, 0.0)
