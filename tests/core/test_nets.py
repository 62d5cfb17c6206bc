"""Our networks against `transformers`: the same logits, whatever the batch and the padding, both ways on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import UserError
from core.models.nets.bert import Bert
from core.models.nets.gpt2 import Gpt2
from core.models.nets.lstm import Lstm
from core.models.nets.parts import ACTIVATIONS, Linear
from core.presets import shape
from core.settings import Shape

SHAPE = Shape(vocabulary=97, layers=3, width=32, heads=4, inner=64, positions=24)


def theirs(folder: Path, kind: str) -> Any:
    from transformers import AutoModelForCausalLM, AutoModelForMaskedLM

    auto = AutoModelForMaskedLM if kind == "masked" else AutoModelForCausalLM
    return auto.from_pretrained(folder, attn_implementation="eager").eval()


def write(net: Any, folder: Path) -> None:
    import json

    save_file(net.to_tensors(), folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(net.config()))


@pytest.fixture(params=[Bert, Gpt2], ids=["bert", "gpt2"])
def net(request: pytest.FixtureRequest) -> Any:
    torch.manual_seed(3)
    made = request.param.from_config(request.param.shaped(SHAPE)).start()
    with torch.no_grad():
        for parameter in made.parameters():  # zero biases and unit norms would hide mistakes
            parameter += 0.2 * torch.randn_like(parameter)
    return made.eval()


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    lengths = torch.tensor([24, 1, 7, 13])
    return torch.randint(5, 97, (4, 24)), lengths


READING = pytest.mark.parametrize("reading", [torch.no_grad, torch.inference_mode])
"""While a network learns, and where it only answers: copies then share their first projections."""


@READING
def test_equals_transformers_at_every_place(net: Any, tmp_path: Path, reading: Any) -> None:
    write(net, tmp_path)
    ids, lengths = batch()
    keep = torch.arange(24)[None] < lengths[:, None]
    with reading():
        expected = theirs(tmp_path, net.kind)(input_ids=ids, attention_mask=keep.long()).logits
        rows, columns = keep.nonzero(as_tuple=True)
        mine = net.read(ids, lengths, rows, columns)
    assert (mine - expected[rows, columns]).abs().max() < 1e-5


@READING
def test_one_place_a_row_equals_all_places(net: Any, reading: Any) -> None:
    ids, lengths = batch()
    rows, columns = torch.arange(4), torch.tensor([11, 0, 6, 3])
    with reading():
        short = net.read(ids, lengths, rows, columns)
        whole = net.read(ids, lengths, torch.tensor([0, 0, 1, 2, 3]), torch.tensor([5, 11, 0, 6, 3]))
    assert (short - whole[1:]).abs().max() < 1e-5


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_a_layer_is_the_same_where_nothing_is_learnt(activation: str) -> None:
    torch.manual_seed(1)
    layer, x = Linear(48, 64, activation), 3 * torch.randn(5, 7, 48)
    with torch.inference_mode():
        answered = layer(x)
    assert (answered - layer(x)).abs().max() < 1e-5


@READING
def test_padding_is_never_seen(net: Any, reading: Any) -> None:
    ids, lengths = batch()
    other = ids.clone()
    other[1, 1:], other[2, 7:] = 9, 8
    rows, columns = torch.tensor([1, 2, 2]), torch.tensor([0, 2, 6])
    with reading():
        assert torch.equal(net.read(ids, lengths, rows, columns), net.read(other, lengths, rows, columns))


def test_what_transformers_saves_opens_here(net: Any, tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    write(net, tmp_path / "ours")
    theirs(tmp_path / "ours", net.kind).save_pretrained(tmp_path / "back")
    again = type(net).from_tensors(net.config(), load_file(tmp_path / "back" / "model.safetensors"))
    for name, tensor in net.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name]), name


@pytest.mark.parametrize(("family", "lost"), [(Bert, "cls.predictions.bias"), (Gpt2, "transformer.ln_f.weight")])
def test_missing_tensor_is_named(family: Any, lost: str) -> None:
    made = family.from_config(family.shaped(SHAPE)).start()
    tensors = made.to_tensors()
    del tensors[lost]
    with pytest.raises(UserError, match=lost):
        family.from_tensors(made.config(), tensors)


def test_original_names_are_understood() -> None:
    bert, gpt = (family.from_config(family.shaped(SHAPE)).start() for family in (Bert, Gpt2))
    old = {k.replace("LayerNorm.weight", "LayerNorm.gamma"): v for k, v in bert.to_tensors().items()}
    bare = {k.removeprefix("transformer."): v for k, v in gpt.to_tensors().items()}
    assert torch.equal(Bert.from_tensors(bert.config(), old).norm.weight, bert.norm.weight)
    assert torch.equal(Gpt2.from_tensors(gpt.config(), bare).words.weight, gpt.words.weight)


def test_lstm_against_its_equations() -> None:
    """Two layers computed gate by gate (Hochreiter & Schmidhuber 1997, with forget gates) in float64."""
    made = Lstm.from_config(Lstm.shaped(Shape(vocabulary=11, layers=2, width=4, heads=0, inner=5, positions=9))).start()
    ids = torch.tensor([[3, 1, 4, 1, 5]])
    with torch.no_grad():
        mine = made.read(ids, None, torch.tensor([0]), torch.tensor([4]))[0].double()
    weights = {name: tensor.double() for name, tensor in made.lstm.state_dict().items()}
    states = [(torch.zeros(5).double(), torch.zeros(5).double()) for _ in range(2)]
    for token in ids[0]:
        x = made.embedding.weight[token].detach().double()
        for layer in range(2):
            h, c = states[layer]
            gates = weights[f"weight_ih_l{layer}"] @ x + weights[f"bias_ih_l{layer}"]
            gates = gates + weights[f"weight_hh_l{layer}"] @ h + weights[f"bias_hh_l{layer}"]
            i, f, g, o = gates.chunk(4)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            states[layer], x = (h, c), h
    x = made.project.weight.detach().double() @ x + made.project.bias.detach().double()
    assert (mine - made.embedding.weight.detach().double() @ x).abs().max() < 1e-5


@pytest.mark.parametrize("preset", ["tiny", "small", "base"])
def test_families_of_a_preset_match_in_parameters(preset: str) -> None:
    vocabulary = 6144 if preset == "base" else 4096
    counts = []
    for name, family in (("bert", Bert), ("gpt2", Gpt2), ("lstm", Lstm)):
        with torch.device("meta"):
            made = family.from_config(family.shaped(shape(name, preset, vocabulary)))  # type: ignore[arg-type]
        counts.append(sum(parameter.numel() for parameter in made.parameters()))
    assert max(counts) / min(counts) < 1.04  # each within 2 % of their middle
    middle = (max(counts) + min(counts)) / 2
    assert all(abs(count / middle - 1) < 0.02 for count in counts)


@pytest.mark.parametrize("family", [Bert, Gpt2, Lstm])
def test_the_head_is_the_output_matrix_after_decoding(family: Any) -> None:
    made = family.from_config(family.shaped(SHAPE)).start()
    states = torch.randn(7, SHAPE.width)
    weight, bias = made.output()
    assert torch.equal(made.head(states), torch.nn.functional.linear(made.decode(states), weight, bias))
    # The matrix is the embedding itself: it learns from both ends.
    made.head(made.hidden(torch.tensor([[5, 6]]))[0]).sum().backward()
    both = weight.grad.clone()
    made.zero_grad()
    with torch.no_grad():
        states = made.hidden(torch.tensor([[5, 6]]))[0]
    made.head(states).sum().backward()
    assert not torch.allclose(both[5], weight.grad[5])
