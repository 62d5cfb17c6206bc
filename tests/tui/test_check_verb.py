"""`lookboth check`: the JSON that was promised, findings as lines, exit codes, and what stays when it is left."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.claims import budget, every
from core.claims.plan import Decision, Knob, Plan
from tests.fake_engine import FOREVER, REFUSED
from tests.tui.command_line import ENGINE, Screen, Shell
from tests.tui.findings import finding
from tests.tui.made_runs import make
from tui.findings import archive

KNOB = Knob("windows", "how many", 200, 2000, low=1, high=5000)
CONTROL = Knob("control", "what must flip it", "none", "none", choices=("none", "untrained"))


def plan(claim: str, name: str, *knobs: Knob) -> Plan:
    """A plan that nobody decides by."""
    return Plan(claim=claim, name=name, title=f"what is measured for {name}", about="It measures.", rule="A rule.",
                decide=lambda _: Decision("mixed", ""), literature="supported", differs="", knobs=knobs)  # fmt: skip


PLANS = {
    one.claim: one for one in (plan("C1", "speed", CONTROL), plan("C2", "size"), plan("C7", "ends", KNOB, CONTROL))
}


@pytest.fixture
def check(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`lookboth check` with three claims and an engine that needs no torch."""
    monkeypatch.setattr(every, "PLANS", PLANS)
    return lambda *words: shell("--engine", ENGINE, "check", *words)


def kept() -> list[str]:
    """The claims of the findings that were saved, the oldest first."""
    return [one.finding.claim for one in reversed(archive.every()) if one.finding]


def test_one_claim_is_one_object_with_what_was_promised(check: Any) -> None:
    done = check("c7", "--seed", "3", "--set", "windows=20", "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert {"claim", "verdict", "measured", "rule", "seed", "models", "device", "seconds", "literature", "differs",
            "why", "knobs", "thorough", "notes", "charts", "version"} <= found.keys()  # fmt: skip
    assert found["measured"]["fall"] == {"value": 0.2, "unit": "share", "low": 0.15, "high": 0.25, "n": 200}
    assert (found["claim"], found["seed"], found["knobs"], found["thorough"]) == ("C7", 3, {"windows": 20.0}, False)
    assert kept() == ["C7"] and "about 60 s" in done.err


def test_without_a_claim_all_run_in_order_and_json_is_a_list(check: Any) -> None:
    done = check("--thorough", "--set", "control=untrained", "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert [one["claim"] for one in found] == ["C1", "C2", "C7"] == kept()
    assert [one["knobs"] for one in found] == [{"control": "untrained"}, {}, {"control": "untrained"}]
    assert all(one["thorough"] for one in found) and "C1, C2, C7: about 30 min" in done.err
    assert len(json.loads(check("C1", "speed", "C2", "--json").out)) == 2  # each once


def test_a_person_gets_each_finding_and_the_verdicts_together(check: Any) -> None:
    done = check("C1", "ends")
    assert done.code == 0 and "\x1b" not in done.out + done.err
    assert done.out.count("measured here:     mixed") == 2 and "bert: BertForMaskedLM" in done.out
    (last,) = (line for line in done.out.splitlines() if line.startswith("C7     mixed"))
    assert "supported" in last and "It falls by 20 points" in last


def test_one_that_fails_is_1_and_the_others_run(check: Any) -> None:
    done = check("--seed", str(REFUSED), "--json")
    assert done.code == 1 and [one["claim"] for one in json.loads(done.out)] == ["C1", "C7"] == kept()
    assert "C2 (size) failed." in done.err and "This cannot be measured. Take another seed." in done.err
    alone = check("C2", "--seed", str(REFUSED), "--json")
    assert alone.code == 1 and alone.out == ""


def test_a_finding_that_cannot_be_kept_is_printed_all_the_same(check: Any, home: Path) -> None:
    (home / "data").write_text("no folder")
    done = check("C1", "--json")
    assert done.code == 1 and json.loads(done.out)["claim"] == "C1" and "cannot be kept" in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["C11"], "There is no claim C11"),
        (["C7", "--set", "windows"], "KNOB=VALUE"),
        (["C7", "--set", "windows=many"], "windows cannot be many"),
        (["C7", "--set", "windows=9999"], "Give 1 to 5000"),
        (["C1", "--set", "windows=20"], "C1 has no knob windows"),
        (["--set", "control=half"], "Choose from none, untrained"),
        (["C7", "--seed", "-1"], "--seed"),
        (["C7", "--run", "mine"], "only C10 takes its knobs from a run"),
    ],
)
def test_what_cannot_be_is_2_before_an_engine_starts(check: Any, words: list[str], said: str) -> None:
    done = check(*words)
    assert done.code == 2 and said in done.err and done.out == "" and kept() == []


def test_the_budget_of_a_run_of_ones_own(check: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(every, "PLANS", PLANS | {"C10": budget.PLAN})
    none = check("C10", "--run", "mine")
    assert none.code == 2 and "There is no run called mine" in none.err and kept() == []
    make("mine")
    done = check("C10", "--run", "mine", "--set", "asked=50", "--json")
    assert done.code == 0 and "C10 has the knobs of mine: the 1,000 steps that are planned" in done.err
    knobs = json.loads(done.out)["knobs"]
    assert (knobs["steps"], knobs["batch"], knobs["length"], knobs["parameters"]) == (1000, 16, 64, 0.402112)
    assert knobs["asked"] == 50, "what is said by hand comes before the run"


def test_the_list_has_the_verdicts_and_of_a_claim_everything(check: Any) -> None:
    archive.save(finding("C7"))
    (archive.home() / "C7-quick-broken.json").write_text("{")
    first = check("--list").out.splitlines()
    assert [line.split()[:3] for line in first[1:]] == [
        ["C1", "speed", "supported"], ["C2", "size", "supported"], ["C7", "ends", "supported"],
    ]  # fmt: skip
    assert "mixed" in first[3] and "mixed" not in first[1]
    whole = check("C7", "--list").out
    for said in ("Rule: A rule.", "windows", "1 to 5000", "none, untrained", "mixed, quick, seed 1", "damaged"):
        assert said in whole
    (one,) = json.loads(check("C7", "--list", "--json").out)
    assert one["knobs"]["windows"]["thorough"] == 2000 and one["latest"]["finding"]["verdict"] == "mixed"


START = (
    "import sys; from core.claims import every; from tests.tui.test_check_verb import PLANS; every.PLANS = PLANS\n"
    "sys.argv[0] = 'lookboth'\nfrom tui.cli import main; main()"
)
WORDS = ["--engine", ENGINE, "check", "--seed", str(FOREVER)]


def test_ctrl_c_is_130_and_what_is_done_is_kept_and_printed(processes: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", START, *WORDS, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    said = b""
    while b"C2 size: measuring" not in said and (line := process.stderr.readline()):
        said += line
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=20)
    assert process.returncode == 130 and errors.endswith(b"lookboth: Cancelled.\n"), said + errors
    assert [one["claim"] for one in json.loads(out)] == ["C1"] == kept()


def test_on_a_terminal_there_is_a_bar_for_each(processes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.tui.command_line.LOOKBOTH", [sys.executable, "-c", START])
    screen = Screen(WORDS, 100, 40)
    seen = screen.read(b"C2 size: measuring").decode()
    screen.process.send_signal(signal.SIGINT)
    screen.read()
    assert screen.close() == 130
    assert "C2 size: measuring" in seen and "measured here:     mixed" in seen
