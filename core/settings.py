"""What a training run is made of, as it is saved with the run."""

from __future__ import annotations

from typing import Literal

import msgspec

Family = Literal["bert", "gpt2", "lstm"]
Compiled = Literal["", "no", "yes", "graphs"]
FAMILIES: tuple[Family, ...] = ("bert", "gpt2", "lstm")
Frame = Literal["crops", "sentences", "bare"]
FRAMES: tuple[Frame, ...] = ("crops", "sentences", "bare")


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """The sizes of a network. `inner` is a Transformer's feed-forward width or an LSTM's hidden width."""

    vocabulary: int
    layers: int
    width: int
    heads: int
    """Attention heads; 0 for an LSTM."""
    inner: int
    positions: int
    """The longest window in tokens, special tokens counted."""


class TrainSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decides what a run computes. Two runs with equal settings on one machine are equal."""

    family: Family
    shape: Shape
    texts: list[str]
    """Files that were read, as absolute paths."""
    held_out: list[str] = []
    """Files that are only evaluated on; without any, every 50th document of the texts is held out."""
    field: str = "text"
    """The field that holds the text in files of JSON lines."""
    tokenizer: str
    """Folder with the `tokenizer.json` that cuts the text; `new` trains one on it, of `shape.vocabulary` entries."""
    start: str = ""
    """Folder of the model that is trained further; empty for fresh weights."""
    tokens: int
    """Input tokens to train on in all: the budget that a fair comparison holds equal. 0 while only `minutes` is
    known: the trainer measures, and writes down what they come to."""
    steps: int = 0
    """Steps in all, where that is what the person asked for: `tokens` is then what they come to, about."""
    minutes: float = 0.0
    """What the person asked for, where it was time: a budget that depends on the machine becomes tokens once."""
    rows: int
    """Windows in a batch."""
    length: int
    """Tokens in a full window."""
    short: float = 0.25
    """Share of batches with shorter windows, so that every length is familiar."""
    frame: Frame = "crops"
    """What a masked model's windows are: [CLS], a crop of the text, [SEP]; or whole sentences between the two, each
    window beginning with one and ending with one where one fits; or the bare crop, no special token anywhere, documents
    joined by a line end. Causal models know crops only. A model's folder tells it: `lookboth_frame` in config.json
    (folders without it are older, and crops), and the tokenizer of a bare one has neither start nor end."""
    lr: float
    warmup: int
    """Steps of linear warm-up; then the rate falls along a cosine to zero."""
    weight_decay: float = 0.1
    clip: float = 1.0
    dropout: float = 0.0
    mask_from: float = 0.3
    """Share of masked tokens at the start of masked training, falling linearly to `mask_to`."""
    mask_to: float = 0.15
    replace: Literal["mask", "80/10/10"] = "mask"
    """What stands at a hidden place: always [MASK], or as Devlin et al. 2019 did: 80 % [MASK], 10 % another token,
    10 % the token itself."""
    causal_start: float = 0.0
    """Share of a masked model's steps that are trained causally first (arXiv 2507.00994)."""
    seed: int = 1
    compiled: Compiled = ""
    """How a GPU reads full windows: `no`, the network as it is; `yes`, compiled; `graphs`, with CUDA graphs as well.
    Empty where nobody has tried yet what pays: the trainer does, and writes it down before the first step."""
    threads: int = 0
    """Torch threads of each process; 0 leaves the choice to torch. The trainer writes down what that was."""
    processes: int = 1
    """Processes that share every batch (torchrun, DDP)."""
    canary: bool = True
    """Whether a masked model that never leaves its plateau is started again at half the rate."""
    checkpoint_seconds: int = 120
    evaluate_every: int = 500
    """Steps between two looks at the held-out text."""
