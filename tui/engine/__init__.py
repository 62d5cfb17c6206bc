"""The front end's side of the engine: the only room that knows about processes."""

from tui.engine.client import AnyFinal, Engine, News

__all__ = ["AnyFinal", "Engine", "News"]
