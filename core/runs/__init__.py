"""The run folder: the only truth about a training run. One process writes it, any number read and ask."""

from core.runs.files import SCHEMA, About, Beat, Best, Budget, Outcome, Owner, Progress, RunFile, State
from core.runs.folder import create, every, find, fresh, me, write_atomically
from core.runs.run import Run, leave, living, read, whole

__all__ = [
    "SCHEMA", "About", "Beat", "Best", "Budget", "Outcome", "Owner", "Progress", "Run", "RunFile", "State", "create",
    "every", "find", "fresh", "leave", "living", "me", "read", "whole", "write_atomically",
]  # fmt: skip
