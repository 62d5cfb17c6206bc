"""From a folder to a model: identity, arithmetic, and what is refused on the way."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import UserError
from core.models import load as loading
from core.models.load import load, move, revision_of
from core.models.nets.bert import Bert
from core.text.tokens import Tokenizer
from tests.core import folders

CPU = torch.device("cpu")
FAMILIES = ("bert", "gpt2", "lstm")


@pytest.fixture(scope="module", params=FAMILIES)
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def folder(family: str, own_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folders.model(tmp_path_factory.mktemp(family) / "it", family, own_folder)


def test_identity(folder: Path, family: str) -> None:
    found = load(folders.entry(folder, "./it"), CPU).identity
    tensors = load_file(folder / "model.safetensors")
    assert found.revision == hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()[:12]
    assert found.parameters == sum(tensor.numel() for tensor in tensors.values())  # the file holds tied ones once
    assert found.kind == ("masked" if family == "bert" else "causal")
    assert found.context == 128
    assert found.vocabulary == Tokenizer.load(folder).vocabulary
    assert (found.name, found.source, found.device, found.dtype) == ("./it", "folder", "cpu", "float32")
    assert found.architecture == json.loads((folder / "config.json").read_text())["architectures"][0]


def test_ready_to_answer(folder: Path) -> None:
    model = load(folders.entry(folder), CPU)
    assert all(parameter.dtype == torch.float32 and not parameter.requires_grad for parameter in model.net.parameters())
    assert not model.net.training  # type: ignore[attr-defined]


def test_no_transformers_for_our_own_three(folder: Path) -> None:
    code = (
        "import sys, torch; from core.catalogue import resolve; from core.models.load import load;"
        "load(resolve(sys.argv[1]), torch.device('cpu'));"
        "found = {'transformers', 'core.models.lstm', 'core.models.auto'} & set(sys.modules)\n"
        "assert not found, found"
    )
    subprocess.run([sys.executable, "-P", "-c", code, str(folder)], check=True, timeout=100)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_weights_of_16_bits_are_widened(folder: Path, tmp_path: Path, dtype: torch.dtype) -> None:
    half = Path(shutil.copytree(folder, tmp_path / "half"))
    tensors = {name: tensor.to(dtype) for name, tensor in load_file(folder / "model.safetensors").items()}
    save_file(tensors, half / "model.safetensors")
    wide = Path(shutil.copytree(folder, tmp_path / "wide"))
    save_file({name: tensor.float() for name, tensor in tensors.items()}, wide / "model.safetensors")
    ids, one = torch.tensor([[7, 8, 9]]), torch.tensor([0])
    answers = [load(folders.entry(path), CPU).net.read(ids, None, one, one) for path in (half, wide)]
    assert answers[0].dtype == torch.float32
    assert torch.equal(answers[0], answers[1])


def test_weights_in_several_files(folder: Path, tmp_path: Path) -> None:
    parts = Path(shutil.copytree(folder, tmp_path / "parts"))
    (parts / "model.safetensors").unlink()
    tensors = load_file(folder / "model.safetensors")
    places = {name: f"model-{n % 2}.safetensors" for n, name in enumerate(tensors)}
    for part in set(places.values()):
        save_file({name: tensors[name] for name, place in places.items() if place == part}, parts / part)
    (parts / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))
    ids, one = torch.tensor([[7, 8, 9]]), torch.tensor([0])
    answers = [load(folders.entry(path), CPU).net.read(ids, None, one, one) for path in (folder, parts)]
    assert torch.equal(answers[0], answers[1])


def test_context_is_also_limited_by_the_tokenizer(tmp_path: Path, own_folder: Path) -> None:
    made = folders.model(tmp_path / "it", "gpt2", own_folder)
    config = made / "tokenizer_config.json"
    stated = json.loads(config.read_text())
    for limit, context in ((100, 100), (10**30, 128), (1000.0, 128), (None, 128), (500, 128)):
        config.write_text(json.dumps(stated | {"model_max_length": limit}))
        assert load(folders.entry(made), CPU).identity.context == context


# --- the real vocabularies ---------------------------------------------------------------------------------


def test_bert_with_its_real_vocabulary(bert_folder: Path, tmp_path: Path) -> None:
    model = load(folders.entry(folders.model(tmp_path / "it", "bert", bert_folder)), CPU)
    assert model.identity.vocabulary == 30522
    assert model.tokenizer.mask == 103


def test_gpt2_with_its_real_vocabulary(gpt2_folder: Path, tmp_path: Path) -> None:
    model = load(folders.entry(folders.model(tmp_path / "it", "gpt2", gpt2_folder)), CPU)
    assert model.identity.vocabulary == 50257
    assert model.tokenizer.start == 50256


# --- the revision ------------------------------------------------------------------------------------------


def test_revision_of_several_files_is_that_of_all_bytes_in_order(tmp_path: Path) -> None:
    parts = tuple(tmp_path / name for name in ("a", "b"))
    for path in parts:
        path.write_bytes(path.name.encode() * 3_000_000)
    whole = hashlib.sha256(parts[0].read_bytes() + parts[1].read_bytes()).hexdigest()
    assert revision_of(parts) == whole[:12]


def test_a_blob_that_is_not_what_its_name_says_is_refused(tmp_path: Path) -> None:
    content = b"weights"
    for promised, sound in ((hashlib.sha256(content).hexdigest(), True), ("0" * 64, False)):
        (tmp_path / promised).write_bytes(content)
        link = tmp_path / f"{sound}.safetensors"
        link.symlink_to(promised)
        if sound:
            assert revision_of((link,)) == promised[:12]
        else:
            with pytest.raises(UserError, match=r"False\.safetensors is damaged"):
                revision_of((link,))


@pytest.mark.slow
def test_a_gigabyte_is_hashed_in_seconds(tmp_path: Path) -> None:
    with open(tmp_path / "big", "wb") as file:
        file.truncate(2**30)
    seconds = []
    for _ in range(3):  # the first reads from the disk, whose speed is not ours
        begun = time.perf_counter()
        revision_of((tmp_path / "big",))
        seconds.append(time.perf_counter() - begun)
    assert min(seconds) < 2


# --- refusals ----------------------------------------------------------------------------------------------


def test_a_tokenizer_of_another_model_is_refused(tmp_path: Path, own_folder: Path, bert_folder: Path) -> None:
    made = folders.model(tmp_path / "it", "bert", own_folder)
    for path in own_folder.iterdir():
        (made / path.name).unlink()
    (made / "vocab.txt").write_bytes((bert_folder / "vocab.txt").read_bytes())
    with pytest.raises(UserError, match="not that of its model"):
        load(folders.entry(made), CPU)


def test_a_masked_model_without_a_mask_token_is_refused(tmp_path: Path, gpt2_folder: Path) -> None:
    made = folders.model(tmp_path / "it", "bert", gpt2_folder)
    with pytest.raises(UserError, match="no mask token"):
        load(folders.entry(made), CPU)


def test_weights_that_are_not_numbers_are_refused(tmp_path: Path, own_folder: Path, family: str) -> None:
    made = folders.model(tmp_path / "it", family, own_folder)
    tensors = load_file(made / "model.safetensors")
    next(iter(tensors.values())).fill_(float("nan"))
    save_file(tensors, made / "model.safetensors")
    with pytest.raises(UserError, match="not finite"):
        load(folders.entry(made), CPU)


def test_a_shape_that_contradicts_the_configuration_is_refused(tmp_path: Path, own_folder: Path) -> None:
    made = folders.model(tmp_path / "it", "bert", own_folder, intermediate_size=32)
    with pytest.raises(UserError, match=r"intermediate\.dense\.weight"):
        load(folders.entry(made), CPU)


# --- a device that lies ------------------------------------------------------------------------------------


class Liar:
    """A network that computes differently once it has been moved, as some backends do."""

    def __init__(self, net: Any, lie: Any) -> None:
        self.net, self.kind, self.context, self.lie, self.moved = net, net.kind, net.context, lie, False

    def to(self, device: torch.device) -> None:
        self.moved = True

    def read(self, ids: Any, lengths: Any, rows: Any, columns: Any) -> torch.Tensor:
        answer: torch.Tensor = self.net.read(ids, lengths, rows, columns)
        return self.lie(answer, lengths) if self.moved else answer


@pytest.mark.parametrize(
    "lie",
    [
        lambda answer, lengths: answer + 0.01 * torch.randn_like(answer),
        lambda answer, lengths: answer.roll(1, -1),
        lambda answer, lengths: answer * float("nan"),
        lambda answer, lengths: answer if lengths is None else answer.flip(0),  # right alone, wrong in a batch
    ],
)
def test_a_device_that_lies_is_refused(own_folder: Path, tmp_path: Path, lie: Any) -> None:
    model = load(folders.entry(folders.model(tmp_path / "it", "bert", own_folder)), CPU)
    with pytest.raises(UserError, match="LOOKBOTH_DEVICE=cpu"):
        move(Liar(model.net, lie), model.tokenizer, CPU)  # type: ignore[arg-type]
    move(Liar(model.net, lambda answer, lengths: answer + 1e-5), model.tokenizer, CPU)  # type: ignore[arg-type]


def test_every_device_but_the_cpu_is_compared(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(loading, "move", lambda net, tokenizer, device: asked.append(str(device)))
    load(folders.entry(folder), CPU)
    assert asked == []
    model = load(folders.entry(folder), torch.device("meta"))
    assert asked == ["meta"]
    assert model.identity.device == "meta"


@pytest.mark.gpu
def test_a_real_accelerator_agrees(folder: Path) -> None:
    from core.device import choose

    device = choose().device
    model = load(folders.entry(folder), device)
    assert next(model.net.parameters()).device.type == device.type


# --- transformers' face of the LSTM ------------------------------------------------------------------------


@pytest.fixture
def lstm(own_folder: Path, tmp_path: Path) -> Path:
    return folders.model(tmp_path / "lstm", "lstm", own_folder)


def test_transformers_opens_the_lstm_with_the_same_logits(lstm: Path) -> None:
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    import core.models.lstm  # noqa: F401  registers it

    theirs = AutoModelForCausalLM.from_pretrained(lstm)
    ours = load(folders.entry(lstm), CPU)
    assert AutoConfig.from_pretrained(lstm).model_type == "lookboth_lstm"
    assert theirs.num_parameters() == ours.identity.parameters
    text = "The keys to the cabinet"
    ids = torch.tensor([ours.tokenizer.encode(text).ids])
    assert AutoTokenizer.from_pretrained(lstm)(text, add_special_tokens=False)["input_ids"] == ids[0].tolist()
    time = ids.shape[1]
    expected = ours.net.read(ids, None, torch.zeros(time, dtype=torch.long), torch.arange(time))
    padded = torch.cat([ids, torch.zeros(1, 3, dtype=torch.long)], 1)
    keep = (torch.arange(time + 3) < time).long()[None]
    with torch.no_grad():
        plain, beside = theirs(input_ids=ids), theirs(input_ids=padded, attention_mask=keep, labels=padded)
        labels = padded.masked_fill(keep == 0, -100)
        loss = theirs(input_ids=padded, attention_mask=keep, labels=labels).loss
    assert (plain.logits[0] - expected).abs().max() < 1e-6
    assert (beside.logits[0, :time] - expected).abs().max() < 1e-6
    assert abs(loss - torch.nn.functional.cross_entropy(expected[:-1], ids[0, 1:])) < 1e-5
    with pytest.raises(ValueError, match="right"):
        theirs(input_ids=padded, attention_mask=keep.flip(1))


def test_what_transformers_saves_of_the_lstm_opens_here(lstm: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    import core.models.lstm  # noqa: F401  registers it

    AutoModelForCausalLM.from_pretrained(lstm).save_pretrained(tmp_path / "back")
    AutoTokenizer.from_pretrained(lstm).save_pretrained(tmp_path / "back")
    before, after = load(folders.entry(lstm), CPU), load(folders.entry(tmp_path / "back"), CPU)
    for (name, one), two in zip(before.net.named_parameters(), after.net.parameters(), strict=True):  # type: ignore[attr-defined]
        assert torch.equal(one, two), name
    assert before.tokenizer.encode("the cabinet").ids == after.tokenizer.encode("the cabinet").ids


def test_transformers_trains_the_lstm(lstm: Path) -> None:
    from transformers import AutoModelForCausalLM

    import core.models.lstm  # noqa: F401  registers it

    model = AutoModelForCausalLM.from_pretrained(lstm).train()
    ids = torch.randint(5, 90, (2, 12))
    model(input_ids=ids, labels=ids).loss.backward()
    assert all(parameter.grad is not None and parameter.grad.abs().sum() > 0 for parameter in model.parameters())
    model.resize_token_embeddings(model.config.vocab_size + 3)
    assert model(input_ids=ids).logits.shape[-1] == model.config.vocab_size


def test_understood_folders_are_ours(folder: Path, family: str) -> None:
    assert isinstance(load(folders.entry(folder), CPU).net, Bert) == (family == "bert")
