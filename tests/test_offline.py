"""Nothing needs the network, and the suite itself cannot reach it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core import catalogue
from tests.offline import Blocked

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 80)])
def test_no_connection_leaves_this_machine(address: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as outside, pytest.raises(Blocked):
        outside.settimeout(0.1)
        outside.connect(address)


def test_no_name_is_looked_up() -> None:
    with pytest.raises(Blocked):
        socket.getaddrinfo("example.org", 443)


def test_loopback_stays() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        accepted = threading.Thread(target=server.accept)
        accepted.start()
        with socket.create_connection(server.getsockname(), timeout=5):
            accepted.join()


ENGINE = """
import sys
sys.path.insert(0, {root!r})
from tests import offline
offline.block()
from core.engine.bench import Bench
from core.messages import Compare, Predict
bench = Bench()
bench.prepare()
for name in ("bert", "gpt2", "lstm"):
    bench.work(Predict(id=1, model=name, text="The capital of Italy is [MASK]."), lambda *a: None)
bench.work(Compare(id=2, models=["bert", "gpt2"], text="The keys were here."), lambda *a: None)
print("done")
"""


def test_an_engine_works_without_any_network() -> None:
    if not list(catalogue.bundled()):
        pytest.skip("no bundled models yet")
    code = ENGINE.format(root=str(ROOT))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ.copy())
    assert done.stdout.strip() == "done", done.stderr
