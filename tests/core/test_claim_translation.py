"""C4: the rule on made-up numbers, the two networks and what they cost, and the experiment itself."""

from __future__ import annotations

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from core.claims.translation import LONGER, decide
from core.errors import Cancelled
from core.experiments import translation
from core.experiments.experiment import run
from core.experiments.toy_seq2seq import END, START, Recurrent, Transformer, pairs, start
from core.messages import Experiment, Finding, Number

WIN, DRAW, LOSS = (0.1, 0.3), (-0.1, 0.1), (-0.3, -0.1)
CHEAP, EVEN, DEAR = (0.4, 0.8), (0.9, 1.1), (1.2, 2.0)


def check(seed: int = 1, **knobs: float | str) -> Finding:
    request = Experiment(id=1, claim="C4", seed=seed, knobs=knobs)
    return run(request, unopened, torch.device("cpu"), lambda done, total, note: None, lambda part: None)


def unopened(name: str) -> None:
    raise AssertionError(f"{name} is not needed")


@pytest.mark.parametrize(
    ("accuracy", "longer", "cost", "verdict"),
    [
        (WIN, DRAW, CHEAP, "supported"),
        (WIN, WIN, CHEAP, "supported"),
        (WIN, DRAW, EVEN, "inconclusive"),
        (WIN, LOSS, CHEAP, "mixed"),
        (LOSS, DRAW, DEAR, "refuted"),
        (DRAW, LOSS, DEAR, "refuted"),
        (DRAW, DRAW, DEAR, "inconclusive"),
        (DRAW, DRAW, EVEN, "inconclusive"),
        (LOSS, DRAW, CHEAP, "mixed"),
    ],
)
def test_the_rule(
    accuracy: tuple[float, float], longer: tuple[float, float], cost: tuple[float, float], verdict: str
) -> None:
    ends = {"accuracy_gap": accuracy, "longer_gap": longer, "cost_ratio": cost}
    assert decide({name: Number(sum(end) / 2, "", *end, 4) for name, end in ends.items()}).verdict == verdict


def test_a_pair_ends_with_the_end() -> None:
    found = pairs(torch.tensor([[3, 1, 2]]), "reverse")
    assert found.before.tolist() == [[START, 2, 1, 3]]
    assert found.target.tolist() == [[2, 1, 3, END]]
    assert pairs(torch.tensor([[3, 1, 2]]), "sort").target.tolist() == [[1, 2, 3, END]]


def test_what_is_written_next_does_not_depend_on_what_follows() -> None:
    source, before = torch.randint(10, (3, 5)), torch.randint(10, (3, 6))
    other = before.clone()
    other[:, 4:] = (before[:, 4:] + 1) % 10
    for net in (Recurrent(8, 12), Transformer(16)):
        assert torch.allclose(net(source, before)[:, :4], net(source, other)[:, :4], atol=1e-6)
        assert not torch.allclose(net(source, before)[:, 4:], net(source, other)[:, 4:], atol=1e-3)


def test_the_controls_take_away_what_they_say() -> None:
    source, before = torch.tensor([[1, 2, 3, 4]]), torch.tensor([[START, 4, 3]])
    blind, sighted = Transformer(16, positions=False), Transformer(16)
    assert torch.allclose(blind(source, before), blind(source.flip(1), before), atol=1e-5)
    assert not torch.allclose(sighted(source, before), sighted(source.flip(1), before), atol=1e-3)
    lstm = Recurrent(8, 12, attention=False)
    lstm(source, before).sum().backward()
    assert lstm.ask.weight.grad is None


def test_operations_are_those_that_torch_counts() -> None:
    net = Transformer(16)
    counter = FlopCounterMode(display=False)
    with counter, sdpa_kernel(SDPBackend.MATH):  # the only one whose products torch counts
        net(torch.zeros(5, 7, dtype=torch.long), torch.zeros(5, 8, dtype=torch.long))
    assert counter.get_total_flops() == 5 * net.flops(7)
    # An LSTM is one operation to torch: each of its weights is used once a step, and so are those of the layers.
    lstm = Recurrent(8, 12)
    used = {"encoder": 7, "decoder": 8, "ask": 8, "mix": 8, "out": 8}
    weights = {name: weight for name, weight in lstm.named_parameters() if weight.ndim == 2}
    products = sum(count * weights[name].numel() for part, count in used.items() for name in weights if part in name)
    assert lstm.flops(7) == 2 * (products + 2 * 7 * 8 * 12)


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, count in {"CHECKS": 4, "CHECKED": 10, "TESTED": 20, "WARM_UP": 10}.items():
        monkeypatch.setattr(translation, name, count)


@pytest.mark.usefixtures("brief")
def test_one_seed_gives_the_same_numbers_of_networks_of_one_size() -> None:
    threads = torch.get_num_threads()
    first, again = check(steps=20, seeds=2), check(steps=20, seeds=2)
    assert (first.measured, first.charts) == (again.measured, again.charts)
    assert first.measured != check(seed=2, steps=20, seeds=2).measured
    assert torch.get_num_threads() == threads
    assert [len(line.x) for line in first.charts[0].lines] == [4, 4]
    assert [len(line.x) for line in first.charts[1].lines] == [LONGER, LONGER]
    for what in ("parameters", "flops"):
        lstm, transformer = (first.measured[f"{name}_{what}"].value for name in ("lstm", "transformer"))
        assert lstm and transformer and abs(transformer / lstm - 1) < 0.05


def test_it_can_be_cancelled() -> None:
    calls: list[tuple[int, int]] = []

    def report(done: int, total: int, note: str) -> None:
        calls.append((done, total))
        if len(calls) == 2:
            raise Cancelled

    threads = torch.get_num_threads()
    with pytest.raises(Cancelled):
        run(Experiment(id=1, claim="C4", seed=1), unopened, torch.device("cpu"), report, lambda part: None)
    assert torch.get_num_threads() == threads
    assert calls[1][0] > calls[0][0] and calls[1][0] < calls[1][1]


@pytest.mark.usefixtures("brief")
def test_a_network_that_learns_the_task_is_said_to_be_right() -> None:
    net, course = Recurrent(16, 32), translation.Course()
    start(net, torch.Generator().manual_seed(1))
    assert translation.right(net, 1, "reverse", 50, (1,)) < 0.2
    translation.learn(net, course, 2e-2, 150 * 3 * 64 * net.flops(4), "reverse", (1,), lambda share: None)
    assert course.lengths[0] > 0.8
    assert course.flops == sorted(course.flops)
    assert translation.Course([1.0, 2.0, 3.0], [0.5, 0.95, 0.8]).cost() == 2.0
    assert translation.Course([1.0, 2.0], [0.5, 0.6]).cost() == 2.0


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_quick_form_with_three_seeds_and_without_what_helps_the_lstm() -> None:
    verdicts = {check(seed).verdict for seed in (1, 2, 3)} - {"inconclusive"}
    assert len(verdicts) == 1
    assert check(control="no-attention").verdict not in verdicts
