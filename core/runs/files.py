"""What the JSON files of a run folder hold."""

from __future__ import annotations

from typing import Literal

import msgspec

from core.settings import TrainSettings

SCHEMA = 1
State = Literal["waiting", "starting", "running", "paused", "stopped", "finished", "failed", "died", "elsewhere"]
"""`waiting`: a member of a trio that is worked on, whose turn has not come; `stopped` once nobody is at the trio.
`elsewhere`: the owner is on another machine."""
Doing = Literal["reading", "measuring", "training", "evaluating", "saving", "paused"]


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """The process that writes a run, exactly enough to tell it from a later one with the same number."""

    host: str
    pid: int
    started: float
    """When the process started, in seconds since the epoch, as the operating system says."""


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """What a run spends: the figures that a fair comparison holds equal, or shows."""

    parameters: int
    tokens: int
    """Input tokens."""
    targets: int
    """Places that were asked about: every next token, or the masked ones."""
    flops: float
    """Multiplications and additions of the matrix products, forward and backward."""


class RunFile(msgspec.Struct, frozen=True, kw_only=True):
    """`run.json`: written by the front end that makes the run, then by the trainer alone."""

    id: str
    settings: TrainSettings
    created: float
    versions: dict[str, str] = {}
    owner: Owner | None = None
    steps: int = 0
    """Steps in the whole run, once the trainer knows them."""
    switch: int = 0
    """The first step with masks, for a masked model with a causal start."""
    parameters: int = 0
    device: str = ""
    unigram_nats: float = 0.0
    """Cross-entropy of the training text's unigram on the held-out text: what a model that reads nothing gets."""
    text: str = ""
    """First 12 hex digits of the SHA-256 of the token ids that are trained on: equal when the text and its cut are."""
    held_out_text: str = ""
    """The same of the held-out ids."""
    budget: Budget | None = None
    tokens_per_second: float = 0.0
    """What the probe at the start measured."""
    memory: int = 0
    """Bytes that the probe expects a step to need."""
    trio: str = ""
    """The id of the trio that the run belongs to."""
    schema: int = SCHEMA


class Best(msgspec.Struct, frozen=True, kw_only=True):
    """The checkpoint with the lowest held-out cross-entropy so far."""

    step: int
    nats: float


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """`state.json` of a checkpoint: how far the run was, and everything that happened to its schedule."""

    step: int = 0
    tokens: int = 0
    targets: int = 0
    seconds: float = 0.0
    """Of work, however long the run paused."""
    steps: int = 0
    """Steps in the whole run; `extend` raises them."""
    switch: int = 0
    """The first step with masks; a causal model has `switch == steps`."""
    last_mask: int = 0
    """The step at which the share of masks reaches its end."""
    turns: tuple[int, ...] = ()
    """Steps at which the rate warms up anew: the switch to masks, a canary's restart, an extension."""
    restarts: int = 0
    """How often the canary started the weights again; each halves the rate."""
    fresh: int = 0
    """The step at which the weights were last fresh: 0, or that of the canary's last restart."""
    extended: tuple[str, ...] = ()
    """Requests to extend that were obeyed, by name: none is obeyed twice, whenever the trainer is killed."""
    micro: int = 0
    """Windows that go through the network at once; 0 is the whole batch."""
    skips: tuple[int, ...] = ()
    """Steps whose batch gave a loss that is no number, and is passed over."""
    best: Best | None = None
    schema: int = SCHEMA


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """`result.json`: how a run ended."""

    status: Literal["finished", "stopped", "failed"]
    step: int
    tokens: int
    seconds: float
    held_out: dict[str, float] = {}
    error: str = ""
    cause: Literal["", "nan", "disk", "memory", "error"] = ""
    bad_step: int = -1
    """The step whose batch gave a loss that is no number; going on passes over it."""


class Beat(msgspec.Struct, frozen=True, kw_only=True):
    """`beat.json`: what the trainer does now. It is replaced every few seconds and at every change."""

    doing: Doing
    time: float
    detail: str = ""
    cpu: float = 0.0
    """Processor cores in use by the trainer and its children."""
    memory: int = 0
    """Resident bytes of the trainer and its children."""
    gpu: float | None = None
    """Share of the GPU's time in use, 0 to 1."""
    gpu_memory: int | None = None
    """Bytes of the GPU's memory that the trainer holds."""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """`about.json`: what a person says of a run. Front ends write it, the trainer never does."""

    name: str = ""
    """What the run is called instead of its id."""
    note: str = ""
