"""The first line of an engine: is it there, and does it speak our language?"""

from __future__ import annotations

import asyncio
from typing import Literal

import msgspec

from core import __version__
from core.errors import UserError
from core.messages import PROTOCOL, Hello
from tui.engine.child import Child

NOISE = 64 * 1024
"""Bytes of login banners and the like that may come before the greeting."""
PATIENCE = 20.0
"""Seconds to wait for it."""


class _Greeting(msgspec.Struct):
    """As much of `Hello` as every protocol has."""

    say: Literal["hello"]
    protocol: list[int]
    build: str = "?"


async def greet(child: Child) -> Hello:
    """Wait for the greeting. Raises UserError for silence, for noise, and for another protocol."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await _read(child)
    except TimeoutError:
        raise UserError(
            "The engine does not answer.",
            why=f"It said nothing for {PATIENCE:.0f} seconds.",
            hint="Try the command of --engine by itself, if you gave one.",
        ) from None


async def _read(child: Child) -> Hello:
    noise = 0
    while line := await child.line():
        try:
            greeting = msgspec.json.decode(line, type=_Greeting)
        except (msgspec.MsgspecError, RecursionError):
            noise += len(line)
            if noise > NOISE:
                break
            continue
        if greeting.protocol[:1] != [PROTOCOL[0]]:
            theirs = ".".join(map(str, greeting.protocol))
            raise UserError(
                "The engine speaks another protocol.",
                why=f"It is Lookboth {greeting.build} with protocol {theirs}; here is {__version__} with "
                f"{'.'.join(map(str, PROTOCOL))}.",
                hint="Install the same version on both sides: pipx upgrade lookboth.",
            )
        return msgspec.json.decode(line, type=Hello)
    if noise > NOISE:
        raise UserError("The engine does not answer.", why=f"More than {NOISE:,} bytes came that are no greeting.")
    raise EOFError
