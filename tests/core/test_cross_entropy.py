"""The chunked cross-entropy against torch's own: the same value and the same gradients, and never all logits."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from core.models.nets.bert import Bert
from core.models.nets.gpt2 import Gpt2
from core.models.nets.lstm import Lstm
from core.settings import Shape
from core.training import cross_entropy

SHAPE = Shape(vocabulary=89, layers=2, width=16, heads=2, inner=24, positions=24)


def made(family: Any) -> Any:
    torch.manual_seed(5)
    net = family.from_config(family.shaped(SHAPE)).start()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter += 0.2 * torch.randn_like(parameter)
    return net


def gradients(net: Any, loss: Tensor) -> dict[str, Tensor]:
    net.zero_grad()
    loss.backward()
    return {name: parameter.grad.clone() for name, parameter in net.named_parameters() if parameter.grad is not None}


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixteen rows at once: 46 of them are two whole chunks and a part of one."""
    monkeypatch.setattr(cross_entropy, "LOGITS", 16 * SHAPE.vocabulary)


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("family", [Bert, Gpt2, Lstm])
def test_equals_torch_in_value_and_in_every_gradient(family: Any) -> None:
    """The embedding is the output matrix, so its gradient holds what came from both ends."""
    net = made(family)
    ids, targets = torch.randint(5, 89, (2, 23)), torch.randint(89, (46,))
    expected = F.cross_entropy(net.head(net.hidden(ids).flatten(0, 1)), targets)
    theirs = gradients(net, expected)
    loss = cross_entropy.nats(net, net.hidden(ids).flatten(0, 1), targets)
    ours = gradients(net, loss)
    assert abs(loss.item() - expected.item()) < 1e-6
    assert ours.keys() == theirs.keys()
    for name, gradient in theirs.items():
        assert (ours[name] - gradient).abs().max() < 1e-6, name


@pytest.mark.usefixtures("small_chunks")
def test_shares_of_a_batch_add_up() -> None:
    """As micro-batches do it: each mean is weighted by its share, and the gradients accumulate."""
    net = made(Bert)
    ids, targets = torch.randint(5, 89, (3, 20)), torch.randint(89, (60,))
    whole = gradients(net, cross_entropy.nats(net, net.hidden(ids).flatten(0, 1), targets))
    net.zero_grad()
    for part, wanted in ((ids[:2], targets[:40]), (ids[2:], targets[40:])):
        (cross_entropy.nats(net, net.hidden(part).flatten(0, 1), wanted) * (len(wanted) / 60)).backward()
    for name, parameter in net.named_parameters():
        if parameter.grad is not None:
            assert (parameter.grad - whole[name]).abs().max() < 1e-6, name


def test_a_sure_mistake_costs_what_it_should() -> None:
    """A share too small for a float does not become an infinite loss."""
    net = made(Lstm)
    with torch.no_grad():
        net.embedding.weight.zero_()
        net.embedding.weight[3, 0] = 300.0
    states = torch.zeros(2, SHAPE.width)
    states[:, 0] = 1.0
    assert cross_entropy.nats(net, states, torch.tensor([4, 5])).item() == pytest.approx(300.0)
    assert cross_entropy.nats(net, states, torch.tensor([3, 3])).item() == pytest.approx(0.0, abs=1e-6)


@pytest.mark.usefixtures("small_chunks")
def test_under_autocast_the_gradients_of_weights_stay_float32() -> None:
    net = made(Bert)
    ids, targets = torch.randint(5, 89, (2, 20)), torch.randint(89, (40,))
    exact = gradients(net, cross_entropy.nats(net, net.hidden(ids).flatten(0, 1), targets))
    with torch.autocast("cpu", torch.bfloat16):
        loss = cross_entropy.nats(net, net.hidden(ids).flatten(0, 1), targets)
    rough = gradients(net, loss)
    assert loss.dtype == torch.float32
    for name, gradient in rough.items():
        assert gradient.dtype == torch.float32
        assert (gradient - exact[name]).norm() < 0.1 * exact[name].norm() + 1e-4, name


@pytest.mark.usefixtures("small_chunks")
def test_all_logits_never_exist_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    largest = 0
    product = cross_entropy._product

    def seen(left: Tensor, right: Tensor, out: Tensor) -> None:
        nonlocal largest
        largest = max(largest, out.numel())
        product(left, right, out)

    monkeypatch.setattr(cross_entropy, "_product", seen)
    net = made(Gpt2)
    cross_entropy.nats(net, torch.randn(46, SHAPE.width), torch.randint(89, (46,)))
    assert largest == 16 * SHAPE.vocabulary
