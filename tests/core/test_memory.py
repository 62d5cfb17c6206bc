"""What a comparison holds in memory: of the networks as much for a long text as for a short one."""

from __future__ import annotations

import tracemalloc
import weakref
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from core.compare import compare
from core.messages import Comparison
from core.models.load import load
from core.models.model import Model
from core.scoring import batches
from tests.core import folders
from tests.core.test_score import uneven
from tests.core.toys import toy

WORDS = "the old keeper lit a lamp and watched her ships go by . "


def run(models: dict[str, Model], words: int) -> Comparison:
    text = " ".join((WORDS * (words // 12 + 1)).split()[:words])
    return compare(models, text, 3, "within_word_l2r", "bos", lambda done, total, note: None)


class Tensors(TorchDispatchMode):
    """Counts the bytes of all tensors that are made while it is on, and the most that lived at once."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0
        self._seen: set[int] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        old = {leaf.untyped_storage().data_ptr() for leaf in tree_leaves((args, kwargs)) if torch.is_tensor(leaf)}
        for leaf in tree_leaves(made):
            if torch.is_tensor(leaf) and leaf.untyped_storage().data_ptr() not in old:
                size = leaf.untyped_storage().nbytes()
                self.now += size
                self.most = max(self.most, self.now)
                weakref.finalize(leaf, self._gone, size)
        return made

    def _gone(self, size: int) -> None:
        self.now -= size


@pytest.mark.parametrize(("family", "short", "long"), [("bert", 100, 140), ("gpt2", 400, 1000), ("lstm", 400, 1000)])
def test_the_networks_take_no_more_for_a_longer_text(
    own_folder: Path, tmp_path: Path, family: str, short: int, long: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BUDGET", 512)
    model = load(folders.entry(folders.model(tmp_path / family, family, own_folder)), torch.device("cpu"))
    most = []
    for words in (short, long):
        with Tensors() as tensors:
            run({family: model}, words)
        most.append(tensors.most)
    assert most[0] > 1e5 and most[1] < 1.1 * most[0]


def test_beside_the_results_a_text_needs_less_than_they_do() -> None:
    models = {"masked": toy("masked", uneven()), "causal": toy("causal", uneven())}
    run(models, 12)  # what is made once is not counted
    beside = {}
    for words in (500, 2000):
        for model in models.values():
            net: Any = model.net
            net.asked = []
        tracemalloc.start()
        found = run(models, words)
        for model in models.values():
            net = model.net
            net.asked = []  # what the toy itself remembers
        after, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(found.words) == words and most < 2.5 * after
        beside[words] = (most - after) / words
    assert beside[2000] < 1.2 * beside[500]
