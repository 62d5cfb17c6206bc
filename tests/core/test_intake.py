"""What the door lets in, and every refusal: it names the file and says what to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import UserError
from core.models import header, intake
from tests.core.folders import safetensors

BERT: dict[str, Any] = {
    "architectures": ["BertForMaskedLM"], "model_type": "bert", "vocab_size": 5, "hidden_size": 4,
    "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8, "max_position_embeddings": 6,
}  # fmt: skip
NAMES = ("words", "cls.predictions.transform.dense.weight", "cls.predictions.bias")


def weights(path: Path, names: tuple[str, ...] = NAMES, numbers: int = 32) -> Path:
    size = 4 * numbers
    table = {
        name: {"dtype": "F32", "shape": [numbers], "data_offsets": [size * n, size * (n + 1)]}
        for n, name in enumerate(names)
    }
    return safetensors(path, {"__metadata__": {"format": "pt"}} | table, bytes(size * len(names)))


def folder(path: Path, config: dict[str, Any] | None = None) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    (path / "config.json").write_text(json.dumps(BERT if config is None else config))
    weights(path / "model.safetensors")
    return path


def hub(cache: Path) -> tuple[Path, Path]:
    """A model as the hub cache keeps it: blobs, and a snapshot of links to them."""
    home = cache / "models--me--tiny"
    blobs, snapshot = home / "blobs", home / "snapshots" / ("a" * 40)
    blobs.mkdir(parents=True)
    snapshot.mkdir(parents=True)
    whole = folder(cache / "whole")
    for name in ("config.json", "model.safetensors"):
        (whole / name).rename(blobs / f"blob-{name}")
        (snapshot / name).symlink_to(f"../../blobs/blob-{name}")
    return snapshot, blobs


def refused(path: Path, *words: str) -> UserError:
    """The refusal of the folder, which says all of `words` and gives a way out."""
    with pytest.raises(UserError) as caught:
        intake.take(path)
    for word in words:
        assert word in str(caught.value)
    return caught.value


def test_a_sound_folder_is_let_in(tmp_path: Path) -> None:
    found = intake.take(folder(tmp_path))
    assert found.kind == "masked"
    assert found.weights == (tmp_path / "model.safetensors",)
    assert found.pieces["words"] == header.Piece("F32", (32,))
    assert found.unopened == ()


def test_intake_imports_no_torch_and_is_fast(tmp_path: Path) -> None:
    folder(tmp_path)
    code = (
        "import sys, pathlib; from core.models import intake; intake.take(pathlib.Path(sys.argv[1]));"
        "heavy = {'torch', 'numpy', 'transformers', 'tokenizers', 'safetensors'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-P", "-c", code, str(tmp_path)], check=True, timeout=60)
    begun = time.perf_counter()
    intake.take(tmp_path)
    assert time.perf_counter() - begun < 0.5


# --- names and links ---------------------------------------------------------------------------------------


def test_code_beside_the_weights_is_named_and_not_opened(tmp_path: Path) -> None:
    folder(tmp_path)
    for name in ("modeling_evil.py", "pytorch_model.bin"):
        os.mkfifo(tmp_path / name)  # opening one of these would wait for ever
    assert intake.take(tmp_path).unopened == ("modeling_evil.py", "pytorch_model.bin")


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "weights.pkl", "tf_model.h5", "flax_model.msgpack"])
def test_a_folder_with_only_a_pickle_is_refused(tmp_path: Path, name: str) -> None:
    folder(tmp_path)
    (tmp_path / "model.safetensors").rename(tmp_path / name)
    assert "save_pretrained" in refused(tmp_path, name).hint


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_links_out_of_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    inside = folder(tmp_path / "model")
    (inside / "tokenizer.json").write_text("{}")
    (inside / name).rename(tmp_path / "elsewhere")
    (inside / name).symlink_to(tmp_path / "elsewhere")
    assert refused(inside, name, "elsewhere").hint


def test_links_within_the_folder_are_followed(tmp_path: Path) -> None:
    folder(tmp_path)
    (tmp_path / "model.safetensors").rename(tmp_path / "other.safetensors")
    (tmp_path / "model.safetensors").symlink_to("other.safetensors")
    assert intake.take(tmp_path).weights[0].name == "model.safetensors"


def test_hub_snapshots_link_to_their_blobs(tmp_path: Path) -> None:
    snapshot, _ = hub(tmp_path)
    assert intake.take(snapshot).kind == "masked"


def test_hub_snapshots_may_not_link_to_another_models_blobs(tmp_path: Path) -> None:
    snapshot, blobs = hub(tmp_path)
    other = tmp_path / "models--other--x" / "blobs"
    other.mkdir(parents=True)
    (blobs / "blob-config.json").rename(other / "c")
    (snapshot / "config.json").unlink()
    (snapshot / "config.json").symlink_to("../../../models--other--x/blobs/c")
    refused(snapshot, "config.json", "leads out")


def test_a_dead_link_names_the_command_that_mends_it(tmp_path: Path) -> None:
    snapshot, blobs = hub(tmp_path)
    (blobs / "blob-model.safetensors").unlink()
    assert "hf download me/tiny" in refused(snapshot, "model.safetensors").hint


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_pipe_is_not_waited_for(tmp_path: Path, name: str) -> None:
    folder(tmp_path)
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    refused(tmp_path, name, "plain file")


@pytest.mark.parametrize(("name", "limit"), [("config.json", 2**20), ("tokenizer.json", 2**26), ("merges.txt", 2**26)])
def test_files_that_are_too_large_are_refused(tmp_path: Path, name: str, limit: int) -> None:
    folder(tmp_path)
    with open(tmp_path / name, "wb") as file:
        file.truncate(limit + 1)
    assert refused(tmp_path, name, "too large").hint


def test_a_folder_without_a_configuration(tmp_path: Path) -> None:
    refused(tmp_path, "config.json")


# --- downloads that never ended ----------------------------------------------------------------------------


def test_a_truncated_file_is_named(tmp_path: Path) -> None:
    path = folder(tmp_path) / "model.safetensors"
    raw = path.read_bytes()
    for length in (0, 5, 20, len(raw) - 1):
        path.write_bytes(raw[:length])
        assert "again" in refused(tmp_path, "model.safetensors", "not complete").hint


def test_the_rest_of_a_download_is_named(tmp_path: Path) -> None:
    snapshot, blobs = hub(tmp_path)
    (snapshot / "model.safetensors").unlink()
    (blobs / "c0ffee.incomplete").write_bytes(b"x")
    assert "hf download me/tiny" in refused(snapshot, "c0ffee.incomplete").hint


def test_a_snapshot_without_weights_names_the_download(tmp_path: Path) -> None:
    snapshot, _ = hub(tmp_path)
    (snapshot / "model.safetensors").unlink()
    assert "hf download me/tiny" in refused(snapshot, "model.safetensors is missing").hint


# --- several files -----------------------------------------------------------------------------------------


def sharded(path: Path, places: dict[str, str]) -> Path:
    folder(path)
    (path / "model.safetensors").unlink()
    (path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))
    return path


def test_parts_are_taken_in_the_order_of_their_names(tmp_path: Path) -> None:
    sharded(tmp_path, {NAMES[0]: "b.safetensors", NAMES[1]: "a.safetensors", NAMES[2]: "b.safetensors"})
    weights(tmp_path / "a.safetensors", NAMES[1:2])
    weights(tmp_path / "b.safetensors", (NAMES[0], NAMES[2]))
    found = intake.take(tmp_path)
    assert [path.name for path in found.weights] == ["a.safetensors", "b.safetensors"]
    assert set(found.pieces) == set(NAMES)


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    sharded(tmp_path, {NAMES[0]: "a.safetensors", NAMES[1]: "b.safetensors"})
    weights(tmp_path / "a.safetensors")
    assert refused(tmp_path, "b.safetensors").hint


@pytest.mark.parametrize("part", ["../x.safetensors", "/etc/x.safetensors", "a/b.safetensors", "x.bin", 3, ".."])
def test_an_index_names_only_files_of_its_folder(tmp_path: Path, part: object) -> None:
    (tmp_path / "x.safetensors").write_bytes(b"")
    inside = sharded(tmp_path / "model", {NAMES[0]: part})  # type: ignore[dict-item]
    refused(inside, "index.json", str(part))


# --- the configuration -------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["auto_map", "custom_pipelines", "trust_remote_code", "quantization_config"])
@pytest.mark.parametrize("nest", [lambda bad: bad, lambda bad: {"a": {"b": bad}}, lambda bad: {"a": [1, [bad]]}])
def test_keys_that_ask_for_code_are_refused_at_any_depth(tmp_path: Path, key: str, nest: Callable[[Any], Any]) -> None:
    folder(tmp_path, BERT | nest({key: {"AutoModel": "evil.Model"}}))
    assert refused(tmp_path, "config.json", key).hint


def test_keys_that_choose_an_implementation_are_dropped(tmp_path: Path) -> None:
    evil = {
        "_attn_implementation": "evil/repo", "_attn_implementation_internal": "evil/repo", "auto_map": {},
        "attn_implementation": "evil/repo", "_experts_implementation": "x", "transformers_weights": "../x.bin",
    }  # fmt: skip
    folder(tmp_path, BERT | evil | {"deep": [evil | {"kept": 1}]})
    assert intake.take(tmp_path).config == BERT | {"deep": [{"kept": 1}]}


@pytest.mark.parametrize(
    "change",
    [
        {"vocab_size": 10**9}, {"hidden_size": 10**6, "num_attention_heads": 1}, {"num_hidden_layers": 10**6},
        {"intermediate_size": 10**8}, {"max_position_embeddings": 10**9}, {"vocab_size": 0}, {"hidden_size": "4"},
        {"num_hidden_layers": True}, {"num_attention_heads": 3}, {"hidden_size": -4},
    ],
)  # fmt: skip
def test_sizes_must_fit_the_weights(tmp_path: Path, change: dict[str, Any]) -> None:
    folder(tmp_path, BERT | change)
    refused(tmp_path, "config.json")


def test_a_size_that_is_not_stated(tmp_path: Path) -> None:
    folder(tmp_path, {key: value for key, value in BERT.items() if key != "intermediate_size"})
    refused(tmp_path, "config.json", "intermediate_size")


@pytest.mark.parametrize("raw", [b"", b"{", b"[1]", b"\xff", b'{"a":' * 5000])
def test_a_configuration_that_cannot_be_read(tmp_path: Path, raw: bytes) -> None:
    folder(tmp_path)
    (tmp_path / "config.json").write_bytes(raw)
    refused(tmp_path, "config.json")


@pytest.mark.parametrize("name", ["BertForSequenceClassification", "T5ForConditionalGeneration", None])
def test_a_model_that_predicts_no_words_is_refused(tmp_path: Path, name: str | None) -> None:
    folder(tmp_path, BERT | {"architectures": [name] if name else None})
    refused(tmp_path, "no language-modelling head", name or "without a class")


def test_a_bert_without_its_head_is_refused(tmp_path: Path) -> None:
    folder(tmp_path, BERT | {"architectures": ["BertModel"]})
    weights(tmp_path / "model.safetensors", ("words", "a", "b"))
    assert refused(tmp_path, "cls.predictions.transform.dense.weight").hint


def test_a_gpt2_needs_a_head_only_where_it_is_not_tied(tmp_path: Path) -> None:
    config = {"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "vocab_size": 5, "n_embd": 4, "n_layer": 1,
              "n_head": 2, "n_positions": 6}  # fmt: skip
    folder(tmp_path, config)
    assert intake.take(tmp_path).kind == "causal"
    folder(tmp_path, config | {"tie_word_embeddings": False})
    refused(tmp_path, "lm_head.weight")
