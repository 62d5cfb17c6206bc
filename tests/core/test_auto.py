"""Other architectures, built and saved by `transformers`, behind the face of our own networks."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import UserError
from core.models import auto
from core.models.load import load
from core.models.model import Model
from core.text.tokens import Tokenizer
from tests.core import folders

CPU = torch.device("cpu")
SMALL: dict[str, Any] = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48,
    "max_position_embeddings": 50,
}  # fmt: skip
SPECIAL = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3, "cls_token_id": 2, "sep_token_id": 3}
CASES: dict[str, tuple[str, str, int, dict[str, Any]]] = {
    "roberta": ("RobertaForMaskedLM", "masked", 48, SMALL | {"pad_token_id": 1}),
    "modernbert": ("ModernBertForMaskedLM", "masked", 50, SMALL | {"local_attention": 4,
                   "global_attn_every_n_layers": 2}),
    "albert": ("AlbertForMaskedLM", "masked", 50, SMALL | {"embedding_size": 16}),
    "mobilebert": ("MobileBertForMaskedLM", "masked", 50, SMALL | {"embedding_size": 16, "intra_bottleneck_size": 32,
                   "true_hidden_size": 32}),
    "llama": ("LlamaForCausalLM", "causal", 50, SMALL | {"num_key_value_heads": 2}),
    "gpt_neox": ("GPTNeoXForCausalLM", "causal", 50, SMALL),
    "gpt2": ("GPT2LMHeadModel", "causal", 50, {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 50,
             "tie_word_embeddings": False}),
}  # fmt: skip


def make(folder: Path, tokenizer: Path, name: str, cls: str = "", padding_is_nothing: bool = True) -> Path:
    """A random model of the architecture `name`, as `transformers` saves it, with the files of `tokenizer`."""
    import transformers

    config_class = transformers.CONFIG_MAPPING[name]
    size = Tokenizer.load(tokenizer).vocabulary
    config = config_class(**(SPECIAL | CASES[name][3] | {"vocab_size": size}))
    torch.manual_seed(1)
    model = getattr(transformers, cls or CASES[name][0])(config)
    with torch.no_grad():
        for parameter in model.parameters():  # weights this large make every place depend on every other
            parameter += 0.1 * torch.randn_like(parameter)
        if padding_is_nothing:
            model.get_input_embeddings().weight[config.pad_token_id] = 0
    model.save_pretrained(folder)
    for path in tokenizer.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


@pytest.fixture(scope="module", params=list(CASES))
def case(
    request: pytest.FixtureRequest, own_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    return request.param, make(tmp_path_factory.mktemp(request.param) / "it", own_folder, request.param)


@pytest.fixture
def roberta(own_folder: Path, tmp_path: Path) -> Path:
    return make(tmp_path / "roberta", own_folder, "roberta")


def test_equals_transformers_also_in_a_padded_batch(case: tuple[str, Path]) -> None:
    import transformers

    name, folder = case
    cls, kind, context, _ = CASES[name]
    model = load(folders.entry(folder), CPU)
    plain = getattr(transformers, cls).from_pretrained(folder, attn_implementation="eager").eval()
    assert (model.identity.kind, model.identity.context, model.identity.architecture) == (kind, context, cls)
    assert model.identity.parameters == sum(parameter.numel() for parameter in plain.parameters())
    assert model.identity.vocabulary == plain.config.vocab_size
    torch.manual_seed(2)
    lengths = torch.tensor([context, 1, 7, 20])
    ids = torch.randint(5, plain.config.vocab_size, (4, context))
    pad = plain.config.pad_token_id or 0
    keep = torch.arange(context)[None] < lengths[:, None]
    rows, columns = keep.nonzero(as_tuple=True)
    with torch.no_grad():
        mine = model.net.read(ids, lengths, rows, columns)
        for row, length in enumerate(lengths):
            alone = plain(input_ids=ids[row : row + 1, :length]).logits[0]
            assert (mine[rows == row] - alone).abs().max() < 1e-5
            single = model.net.read(ids[row : row + 1, :length], None, torch.tensor([0]), length[None] - 1)
            assert (single - alone[-1:]).abs().max() < 1e-5
        filled = ids.masked_fill(~keep, pad)
        batch = plain(input_ids=filled, attention_mask=keep.long()).logits
    assert (mine - batch[rows, columns]).abs().max() < 1e-5


def test_the_head_computes_the_asked_places_only(case: tuple[str, Path]) -> None:
    name, folder = case
    net: Any = load(folders.entry(folder), CPU).net
    assert isinstance(net, auto.Foreign)
    assert net.early == (name != "mobilebert")  # which multiplies by the head's weights without calling it
    shapes = []
    head = net.model.get_output_embeddings()
    hook = head.register_forward_hook(lambda module, given, out: shapes.append(tuple(out.shape)))
    net.read(torch.full((3, 9), 7), None, torch.tensor([2, 0]), torch.tensor([1, 8]))
    hook.remove()
    assert shapes == ([] if name == "mobilebert" else [(2, head.weight.shape[0])])


def test_transformers_sees_only_what_intake_let_in(roberta: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder full of traps, each of which `transformers` would have walked into."""
    (roberta / "adapter_config.json").write_text('{"base_model_name_or_path": "/nowhere"}')
    (roberta / "modeling_evil.py").write_text("raise SystemExit")
    (roberta / ".metadata").write_bytes(b"not a checkpoint")
    config = json.loads((roberta / "config.json").read_text())
    evil = {"_attn_implementation": "evil/kernel", "transformers_weights": "../pytorch_model.bin"}
    (roberta / "config.json").write_text(json.dumps(config | evil))
    seen: list[set[str]] = []
    real = auto._open

    def spy(stage: str, *rest: Any) -> Any:
        seen.append({path.name for path in Path(stage).iterdir()})
        return real(stage, *rest)

    monkeypatch.setattr(auto, "_open", spy)
    model: Any = load(folders.entry(roberta), CPU)
    assert seen == [{"config.json", "model.safetensors"}]
    assert model.net.model.config._attn_implementation == "sdpa"
    assert model.notes == (f"Not opened in {roberta}: modeling_evil.py.",)


def test_no_connection_is_tried(roberta: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    load(folders.entry(roberta), CPU)


def test_a_missing_head_is_refused(roberta: Path) -> None:
    tensors = load_file(roberta / "model.safetensors")
    save_file({k: v for k, v in tensors.items() if k != "lm_head.dense.weight"}, roberta / "model.safetensors")
    with pytest.raises(UserError, match=r"lm_head\.dense\.weight") as caught:
        load(folders.entry(roberta), CPU)
    assert caught.value.hint


def test_an_untied_causal_head_that_is_missing_is_refused(own_folder: Path, tmp_path: Path) -> None:
    made = make(tmp_path / "it", own_folder, "llama")
    tensors = load_file(made / "model.safetensors")
    save_file({k: v for k, v in tensors.items() if k != "lm_head.weight"}, made / "model.safetensors")
    with pytest.raises(UserError, match=r"lm_head\.weight"):
        load(folders.entry(made), CPU)


def test_a_causal_model_that_sees_both_sides_is_refused(own_folder: Path, tmp_path: Path) -> None:
    made = make(tmp_path / "it", own_folder, "roberta", "RobertaForCausalLM")
    with pytest.raises(UserError, match="not causal"):
        load(folders.entry(made), CPU)


def test_a_model_that_looks_at_its_padding_is_refused(own_folder: Path, tmp_path: Path) -> None:
    """MobileBERT reads each token with its neighbours, which is harmless only where padding is embedded as zero."""
    made = make(tmp_path / "it", own_folder, "mobilebert", padding_is_nothing=False)
    with pytest.raises(UserError, match="padding"):
        load(folders.entry(made), CPU)


def test_a_decoder_of_bert_goes_through_transformers(own_folder: Path, tmp_path: Path) -> None:
    import transformers

    size = Tokenizer.load(own_folder).vocabulary
    config = transformers.BertConfig(**SMALL, vocab_size=size, is_decoder=True, is_cross_attention=False)
    transformers.BertLMHeadModel(config).save_pretrained(tmp_path)
    for path in own_folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    model: Model = load(folders.entry(tmp_path), CPU)
    assert isinstance(model.net, auto.Foreign)
    assert model.identity.kind == "causal"


def test_an_unknown_architecture_is_named(roberta: Path) -> None:
    config = json.loads((roberta / "config.json").read_text())
    (roberta / "config.json").write_text(json.dumps(config | {"model_type": "brandnew"}))
    with pytest.raises(UserError, match="brandnew"):
        load(folders.entry(roberta), CPU)


@pytest.mark.parametrize("change", [{"hidden_size": 16}, {"num_attention_heads": 5}, {"hidden_act": "nonsense"}])
def test_what_transformers_cannot_open_is_a_sentence_not_a_traceback(roberta: Path, change: dict[str, Any]) -> None:
    config = json.loads((roberta / "config.json").read_text())
    (roberta / "config.json").write_text(json.dumps(config | change))
    with pytest.raises(UserError, match="transformers cannot use") as caught:
        load(folders.entry(roberta), CPU)
    assert caught.value.why


def test_several_files(own_folder: Path, tmp_path: Path) -> None:
    made = make(tmp_path / "it", own_folder, "llama")
    whole = load(folders.entry(made), CPU)
    tensors = load_file(made / "model.safetensors")
    (made / "model.safetensors").unlink()
    places = {name: f"model-{n % 3}.safetensors" for n, name in enumerate(tensors)}
    for part in set(places.values()):
        save_file({k: v for k, v in tensors.items() if places[k] == part}, made / part, metadata={"format": "pt"})
    (made / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": places}))
    parts = load(folders.entry(made), CPU)
    ids, one = torch.tensor([[7, 8, 9]]), torch.tensor([0])
    assert torch.equal(whole.net.read(ids, None, one, one), parts.net.read(ids, None, one, one))


def test_nothing_is_printed(roberta: Path, capfd: pytest.CaptureFixture[str]) -> None:
    load(folders.entry(roberta), CPU)
    sys.stdout.flush()
    assert capfd.readouterr() == ("", "")
