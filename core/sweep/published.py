"""The published curves that the protocol `salamone2021` repeats: 10,240 windows a model, about 102 a position."""

from __future__ import annotations

from core.messages import Published

SOURCE = (
    "Luke Salamone, BERT vs GPT-2 Performance, 20 June 2021, and github.com/lukesalamone/gpt2-vs-bert, "
    "data/prediction_accuracies.json"
)
ENDS = (0, 1, 2, 3, 4, 95, 96, 97, 98, 99)
FIVES = (0, 5, 20, 50, 90, 95)

_GPT2 = None, 0.067, 0.101, 0.185, 0.154, 0.369, 0.330, 0.344, 0.448, 0.382
_GPT2_MEDIUM = None, 0.056, 0.198, 0.196, 0.183, 0.423, 0.355, 0.438, 0.343, 0.337
_BERT_BASE_UNCASED = 0.022, 0.263, 0.477, 0.603, 0.588, 0.589, 0.596, 0.505, 0.472, 0.316
_BERT_BASE_CASED = 0.051, 0.223, 0.520, 0.615, 0.626, 0.724, 0.632, 0.684, 0.524, 0.313
_BERT_LARGE_UNCASED = 0.020, 0.283, 0.507, 0.720, 0.725, 0.602, 0.586, 0.626, 0.460, 0.297
_BERT_LARGE_CASED = 0.011, 0.224, 0.558, 0.645, 0.732, 0.760, 0.620, 0.555, 0.565, 0.216

_CURVES = {
    "gpt2": (0.318, _GPT2, (0.101, 0.201, 0.301, 0.350, 0.397, 0.374)),
    "gpt2-medium": (0.360, _GPT2_MEDIUM, (0.127, 0.226, 0.323, 0.388, 0.462, 0.379)),
    "bert-base-uncased": (0.637, _BERT_BASE_UNCASED, (0.391, 0.603, 0.688, 0.694, 0.676, 0.496)),
    "bert-base-cased": (0.672, _BERT_BASE_CASED, (0.407, 0.628, 0.699, 0.711, 0.657, 0.575)),
    "bert-large-uncased": (0.660, _BERT_LARGE_UNCASED, (0.451, 0.651, 0.690, 0.682, 0.699, 0.514)),
    "bert-large-cased": (0.706, _BERT_LARGE_CASED, (0.434, 0.718, 0.714, 0.740, 0.728, 0.543)),
}
"""Model -> mean over all positions, accuracy at `ENDS`, mean of five positions from each of `FIVES` on."""


def curves() -> list[Published]:
    """What was published, model by model."""
    return [
        Published(
            model=model,
            accuracy={place: value for place, value in zip(ENDS, ends, strict=True) if value is not None},
            fives=dict(zip(FIVES, fives, strict=True)),
            mean=mean,
            source=SOURCE,
        )
        for model, (mean, ends, fives) in _CURVES.items()
    ]
