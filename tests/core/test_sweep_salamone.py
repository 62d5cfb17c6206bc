"""The protocol of the notebook: own tokens, a random position a window, the causal text cut, and what was published."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from core.errors import UserError
from core.messages import Kind
from core.sweep.published import curves
from tests.core.cycles import SIZE, cycle, model, swept

PLAIN = {"m": "masks", "c": "start"}


class Watched(nn.Module):
    """Keeps what it was asked."""

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self.kind, self.context = kind, 128
        self.weight = nn.Parameter(torch.zeros(1), requires_grad=False)
        self.asked: list[tuple[list[int], int]] = []

    def read(self, ids: Tensor, lengths: Tensor | None, rows: Tensor, columns: Tensor) -> Tensor:
        ends = [ids.shape[1]] * len(ids) if lengths is None else lengths.tolist()
        self.asked += [(ids[r, : ends[r]].tolist(), c) for r, c in zip(rows.tolist(), columns.tolist(), strict=True)]
        return torch.zeros(len(rows), SIZE)


def test_a_masked_model_reads_bare_windows_and_a_causal_one_the_left_alone() -> None:
    nets: Any = {"m": Watched("masked"), "c": Watched("causal")}
    models = {name: model(net.kind, net) for name, net in nets.items()}
    found = swept(models, PLAIN, cycle(60), protocol="salamone2021", windows=300)
    assert found.formats == {"m": "bare", "c": "no-start"} and list(found.series) == ["m", "c"]
    for ids, column in nets["m"].asked:
        assert len(ids) == 20 and ids[column] == 4 and ids.count(4) == 1
    assert len(nets["m"].asked) == 300 and {column for _, column in nets["m"].asked} == set(range(20))
    # [CLS] and [SEP] stand at the ends of the line, so [CLS] is in the few windows that begin there, and [SEP] in none
    assert 0 < sum(2 in ids for ids, _ in nets["m"].asked) < 40 and not any(3 in ids for ids, _ in nets["m"].asked)
    for ids, column in nets["c"].asked:
        assert column == len(ids) - 1 and 4 not in ids and 2 not in ids  # nothing but the ids on the left
    asked = found.series["c"].n
    assert asked[0] == 0 and sum(asked) == len(nets["c"].asked) < 300


def test_a_line_of_exactly_the_length_is_one_window() -> None:
    net: Any = Watched("masked")
    swept({"m": model("masked", net)}, PLAIN, cycle(18), protocol="salamone2021", windows=20)
    assert all((ids[0], ids[-1]) in ((2, 3), (4, 3), (2, 4)) for ids, _ in net.asked)


def test_the_readers_are_right_where_the_notebook_would_find_them_right() -> None:
    models = {"m": model("masked"), "c": model("causal")}
    found = swept(models, PLAIN, cycle(60), protocol="salamone2021", windows=600)
    masked, causal = found.series["m"].accuracy, found.series["c"].accuracy
    assert masked[1:19] == [1.0] * 18 and masked[19] == 0.0
    assert causal[0] is None and causal[1:] == [1.0] * 19
    assert found.published and any("heights" in said for said in found.sentences)
    assert not found.waterfalls


def test_lines_are_paragraphs_and_short_ones_are_left_out() -> None:
    net: Any = Watched("causal")
    swept({"c": model("causal", net)}, PLAIN, f"{cycle(12)}\n{cycle(40)}\nhen", protocol="salamone2021")
    assert net.asked
    with pytest.raises(UserError, match="no paragraph"):
        swept({"c": model("causal")}, PLAIN, f"{cycle(12)}\n{cycle(12)}", protocol="salamone2021")


def test_it_has_no_choice_of_unit_or_conditions() -> None:
    for changes in ({"unit": "words"}, {"conditions": ["bare"]}):
        with pytest.raises(UserError, match="no choice"):
            swept({"c": model("causal")}, PLAIN, cycle(60), protocol="salamone2021", **changes)
    with pytest.raises(UserError, match="cannot read windows"):
        swept({"c": model("causal", context=16)}, PLAIN, cycle(60), protocol="salamone2021")


def test_the_published_curves_are_those_of_the_source() -> None:
    found = {one.model: one for one in curves()}
    assert found["bert-base-uncased"].mean == 0.637 and found["bert-base-uncased"].accuracy[99] == 0.316
    assert found["gpt2"].mean == 0.318 and 0 not in found["gpt2"].accuracy and found["gpt2"].accuracy[99] == 0.382
    assert found["bert-large-cased"].fives[50] == 0.74 and len(found) == 6
    assert all("Salamone" in one.source for one in found.values())
