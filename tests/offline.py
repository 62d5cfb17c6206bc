"""Connections off this machine, forbidden: loopback and unix sockets stay."""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import Any

LOCAL_NAMES = {"localhost", "", None, socket.gethostname()}


class Blocked(RuntimeError):
    """Something tried to leave the machine."""


def _local(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("utf-8", "replace")
    if host in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        _, address = arguments
        if isinstance(address, tuple) and not _local(address[0]):
            raise Blocked(f"{event} {address}")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname") and not _local(arguments[0]):
        raise Blocked(f"{event} {arguments[0]}")


def block() -> None:
    """From now on, in this process, whatever reaches for another machine raises `Blocked`. It cannot be undone."""
    sys.addaudithook(_watch)
