"""The choice of a device, and a self-test that a wrong device or a wrong network does not pass."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from core import catalogue, device, paths
from core.models.load import load
from core.models.model import Model
from tests.core import folders

CPU = torch.device("cpu")
FAMILIES = ("bert", "gpt2", "lstm")


# --- the choice --------------------------------------------------------------------------------------------


def gpu(monkeypatch: pytest.MonkeyPatch, cuda: bool = False, mps: bool = False) -> None:
    monkeypatch.delenv("LOOKBOTH_DEVICE", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)


def test_without_a_gpu_the_cpu_is_chosen_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu(monkeypatch)
    chosen = device.choose()
    assert (chosen.device, chosen.dtype) == (CPU, torch.float32)
    assert chosen.reason == f"cpu: no GPU that torch can use, torch {torch.__version__}"


def test_the_reason_says_what_torch_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    import warnings

    gpu(monkeypatch)
    monkeypatch.setattr(
        torch.cuda, "is_available", lambda: bool(warnings.warn("The NVIDIA driver is too old", stacklevel=1))
    )
    assert "driver is too old" in device.choose().reason


def test_a_gpu_that_works_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu(monkeypatch, cuda=True)
    monkeypatch.setattr(device, "_trouble", lambda name: "")
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "NVIDIA H100")
    chosen = device.choose()
    assert chosen.device.type == "cuda"
    assert chosen.reason == f"cuda: NVIDIA H100, torch {torch.__version__}"


def test_a_gpu_without_kernels_for_it_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu(monkeypatch, cuda=True)  # this torch says so and then cannot make a tensor on it
    monkeypatch.setattr(torch, "ones", _no_kernel)
    chosen = device.choose()
    assert chosen.device == CPU
    assert "no kernel image" in chosen.reason


def _no_kernel(*_: Any, **__: Any) -> None:
    raise RuntimeError("CUDA error: no kernel image is available for execution on the device\nmore")


def test_a_gpu_that_cannot_multiply_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu(monkeypatch, mps=True)
    monkeypatch.setattr(torch, "ones", lambda *_, device: torch.full((8, 8), 1.5))
    assert "wrongly" in device.choose().reason


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_a_device_that_was_asked_for_and_is_not_there(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    gpu(monkeypatch)
    monkeypatch.setenv("LOOKBOTH_DEVICE", name)
    with pytest.raises(device.UserError, match=f"no {name} device") as caught:
        device.choose()
    assert "LOOKBOTH_DEVICE" in caught.value.hint


def test_the_cpu_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu(monkeypatch, cuda=True)
    monkeypatch.setenv("LOOKBOTH_DEVICE", " CPU ")
    chosen = device.choose()
    assert chosen.device == CPU
    assert "LOOKBOTH_DEVICE" in chosen.reason


def test_a_device_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKBOTH_DEVICE", "abacus")
    with pytest.raises(device.UserError, match="abacus"):
        device.choose()


def test_float32_is_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu(monkeypatch)
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    device.choose()
    assert not torch.backends.cudnn.allow_tf32
    assert not torch.backends.cuda.matmul.allow_tf32


# --- the self-test -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def assets(own_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Assets with a tiny trio and no stored numbers."""
    made = tmp_path_factory.mktemp("assets")
    for seed, family in enumerate(FAMILIES):
        folders.model(made / "models" / family, family, own_folder, seed=seed)
    return made


@pytest.fixture
def trio(assets: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Model]:
    """The tiny trio, loaded, with its numbers stored."""
    monkeypatch.setattr(paths, "assets", lambda: assets)
    if not (assets / "results" / "self-test.json").exists():
        device.main()
    return {entry.name: load(entry, CPU) for entry in catalogue.bundled()}


def test_a_sound_cpu_passes(trio: dict[str, Model]) -> None:
    verdict = device.self_test(CPU, trio.__getitem__)
    assert verdict.passed
    assert 0 <= verdict.worst < verdict.tolerance == 1e-4
    assert verdict.note == "Tested with bert, gpt2, lstm."
    assert device.TOLERANCE.get("cuda", device.ABROAD) == 1e-3


def test_all_lengths_and_both_sizes_of_batch_are_asked(trio: dict[str, Model], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, list[int] | None]] = []
    for model in trio.values():
        real = model.net.read

        def read(ids: Any, lengths: Any, rows: Any, columns: Any, real: Any = real) -> Any:
            seen.append((ids.shape[1], None if lengths is None else lengths.tolist()))
            return real(ids, lengths, rows, columns)

        monkeypatch.setattr(model.net, "read", read)
    device.self_test(CPU, trio.__getitem__)
    once = [(length, None) for length in (6, 9, 40, 120)] + 2 * [(120, [6, 9, 40, 120])]
    assert seen == 3 * once


def test_masked_windows_hide_what_they_ask_and_causal_ones_do_not_show_it(trio: dict[str, Model]) -> None:
    for model in trio.values():
        plain = [model.tokenizer.encode(device.TEXT).ids[3 * number :] for number in range(4)]
        for question, text in zip(device.questions(model), plain, strict=True):
            assert len(question.columns) == len(set(question.columns)) >= 2
            for column, (target, *others) in zip(question.columns, question.tokens, strict=True):
                assert len(others) == 4
                if model.identity.kind == "masked":
                    assert question.ids[column] == model.tokenizer.mask
                    assert target == text[column - 1]  # behind [CLS]
                else:
                    assert question.ids[column + 1] == target


def attention_without_scale(q: Any, k: Any, v: Any, attn_mask: Any = None, is_causal: bool = False, **_: Any) -> Any:
    return torch._C._nn.scaled_dot_product_attention(2 * q, k, v, attn_mask=attn_mask, is_causal=is_causal)


def attention_without_mask(q: Any, k: Any, v: Any, attn_mask: Any = None, is_causal: bool = False, **_: Any) -> Any:
    return torch._C._nn.scaled_dot_product_attention(q, k, v, is_causal=is_causal)


def attention_wrong_in_batches(q: Any, k: Any, v: Any, attn_mask: Any = None, is_causal: bool = False, **_: Any) -> Any:
    """As on Metal in torch 2.9: right for one row, wrong for several."""
    mixed = torch._C._nn.scaled_dot_product_attention(q, k, v, attn_mask=attn_mask, is_causal=is_causal)
    return mixed if len(q) == 1 else mixed.roll(1, 0)


def attention_wrong_when_short(q: Any, k: Any, v: Any, attn_mask: Any = None, is_causal: bool = False, **_: Any) -> Any:
    """As on Metal in torch 2.8: wrong up to eight places."""
    mixed = torch._C._nn.scaled_dot_product_attention(q, k, v, attn_mask=attn_mask, is_causal=is_causal)
    return mixed if k.shape[2] > 8 else 1.01 * mixed


@pytest.mark.parametrize(
    "broken",
    [attention_without_scale, attention_without_mask, attention_wrong_in_batches, attention_wrong_when_short],
)
def test_corrupted_attention_fails(trio: dict[str, Model], monkeypatch: pytest.MonkeyPatch, broken: Any) -> None:
    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", broken)
    verdict = device.self_test(CPU, trio.__getitem__)
    assert not verdict.passed
    assert verdict.worst > verdict.tolerance
    assert "bert" in verdict.note


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    "corrupt",
    [
        lambda logits: logits + 3e-4 * torch.randn_like(logits).sign(),
        lambda logits: logits.roll(1, -1),
        lambda logits: logits * float("nan"),
        lambda logits: torch.zeros_like(logits),
    ],
)
def test_a_corrupted_network_fails(
    trio: dict[str, Model], monkeypatch: pytest.MonkeyPatch, family: str, corrupt: Any
) -> None:
    torch.manual_seed(0)
    real = trio[family].net.read
    monkeypatch.setattr(trio[family].net, "read", lambda *question: corrupt(real(*question)))
    verdict = device.self_test(CPU, trio.__getitem__)
    assert not verdict.passed
    assert family in verdict.note
    assert verdict.worst == verdict.worst < float("inf")


def test_a_model_that_cannot_be_loaded_there_fails(trio: dict[str, Model]) -> None:
    def load_badly(name: str) -> Model:
        raise device.UserError("mps computes this model wrongly.")

    verdict = device.self_test(CPU, load_badly)
    assert not verdict.passed
    assert "computes this model wrongly" in verdict.note


def test_new_weights_are_not_compared_with_the_numbers_of_old_ones(
    trio: dict[str, Model], assets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_folder: Path
) -> None:
    import shutil

    shutil.copytree(assets, tmp_path, dirs_exist_ok=True)
    folders.model(tmp_path / "models" / "bert", "bert", own_folder, seed=9)
    monkeypatch.setattr(paths, "assets", lambda: tmp_path)
    new = load(next(iter(catalogue.bundled())), CPU)
    verdict = device.self_test(CPU, (trio | {"bert": new}).__getitem__)
    assert verdict.passed
    assert "Tested with gpt2, lstm." in verdict.note
    assert new.identity.revision in verdict.note


def test_without_numbers_nothing_is_claimed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "assets", lambda: tmp_path)
    assert device.self_test(CPU, {}.__getitem__).note == "Nothing was tested."


def test_a_broken_file_of_numbers_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "assets", lambda: tmp_path)
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "self-test.json").write_text("{")
    verdict = device.self_test(CPU, {}.__getitem__)
    assert not verdict.passed
    assert "self-test.json" in verdict.note


def test_the_shipped_numbers_are_those_of_the_shipped_models() -> None:
    entries = {entry.name: entry for entry in catalogue.bundled()}
    if not entries:
        pytest.skip("no models are bundled yet")
    verdict = device.self_test(CPU, lambda name: load(entries[name], CPU))
    assert verdict.passed, verdict.note
    assert "No numbers are stored" not in verdict.note


def test_the_stored_file_is_small_and_says_what_it_is(trio: dict[str, Model], assets: Path) -> None:
    raw = (assets / "results" / "self-test.json").read_bytes()
    table = json.loads(raw)
    assert len(raw) < 40_000
    assert torch.__version__ in table["about"]
    assert set(table["models"]) == {model.identity.revision for model in trio.values()}
