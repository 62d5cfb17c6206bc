"""The real engine with work that needs no torch: what a `Predict` asks for is done by the first word of its text."""

from __future__ import annotations

import argparse
import ctypes
import faulthandler
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from msgspec import Raw
from msgspec.structs import replace

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from core import messages as m
from core.engine import serve
from core.engine.pipes import claim
from core.engine.serve import ProgressCall
from core.errors import UserError
from tests.scans import pairing, scanned
from tests.sweeps import swept

ITSELF = Path(__file__).resolve()


def identity(name: str) -> m.Identity:
    """A model that does not exist."""
    return m.Identity(
        name=name, source="bundled", kind="causal" if name == "gpt2" else "masked", architecture="Fake",
        revision="0123456789ab", parameters=1234, context=128, vocabulary=10, device="cpu", dtype="float32",
    )  # fmt: skip


def predicted(request: m.Predict, text: str) -> m.Predicted:
    """An answer whose one candidate is `text`."""
    top = [m.Candidate(text=text, token_id=7, prob=0.5, logprob=-0.6931471805599453)] * min(request.top, 3)
    slot = m.Slot(start=0, end=len(request.text), kind="mask", top=top)
    prediction = m.Prediction(
        text=request.text, model=identity(request.model), slots=[slot], saw="both", notes=["noted"]
    )
    return m.Predicted(id=request.id, prediction=prediction)


def compared(request: m.Compare, progress: ProgressCall) -> m.Compared:
    """Three bits a word, and none for the first under a causal model; in pages where that was asked for."""
    words, start = [], 0
    for number, text in enumerate(request.text.split()):
        start = request.text.index(text, start)
        scores = {}
        for name in request.models:
            none = number == 0 and name == "gpt2"
            scores[name] = m.WordScore(
                surprisal_bits=None if none else 3.0, rank=None if none else 2, pieces=[text],
                saw="left" if name == "gpt2" else "both", mark="first" if none else "",
                top=[m.Candidate(text=" " + text, token_id=1, prob=0.25, logprob=-1.3862943611198906)],
            )  # fmt: skip
        words.append(m.Word(text=text, start=start, end=start + len(text), joined=False, scores=scores))
        start += len(text)
    methods = {
        name: m.Method(identity=identity(name), kind=identity(name).kind, method="surprisal", first_token="skip")
        for name in request.models
    }
    if request.paged:
        for first in range(0, len(words), m.PAGE):
            progress.show(m.Page(id=request.id, words=Raw(m.raw(words[first : first + m.PAGE]))))
        words = []
    return m.Compared(id=request.id, comparison=m.Comparison(text=request.text, models=methods, words=words))


FOREVER, REFUSED = 600, 13
"""Seeds of evaluations and experiments that do not end after their first part, and of those that cannot be."""


def evaluated(request: m.Evaluate, progress: ProgressCall) -> m.Evaluated:
    """Made-up numbers, part by part, kept in the folder that was named."""
    from tests.tui.evaluations import evaluation
    from tui.evaluations.archive import save

    if request.seed == REFUSED:
        raise UserError("This cannot be evaluated.", hint="Take another seed.")
    whole = evaluation(everything=request.everything, seed=request.seed)
    for done, outcome in enumerate(whole.outcomes, 1):
        progress(done, len(whole.outcomes), f"{outcome.set}, {outcome.model}, 3 min left")
        if request.folder:
            save(Path(request.folder), replace(whole, outcomes=whole.outcomes[:done], complete=False))
        while request.seed == FOREVER:
            progress(done, len(whole.outcomes), f"{outcome.set}, {outcome.model}, 3 min left")
            time.sleep(0.005)
    if request.folder:
        save(Path(request.folder), whole)
    return m.Evaluated(id=request.id, evaluation=whole)


def experimented(request: m.Experiment, progress: ProgressCall) -> m.Experimented:
    """A made-up finding; of C2 none comes where the seed says so."""
    from tests.tui.findings import finding

    progress(1, 2, "measuring, 3 min left")
    while request.claim == "C2" and request.seed == FOREVER:
        progress(1, 2, "measuring, 3 min left")
        time.sleep(0.005)
    if request.claim == "C2" and request.seed == REFUSED:
        raise UserError("This cannot be measured.", hint="Take another seed.")
    found = finding(request.claim, seed=request.seed, thorough=request.thorough, knobs=request.knobs)
    return m.Experimented(id=request.id, finding=found)


class Panic(BaseException):
    """Like the panics of tokenizers: no Exception."""


class Bench:
    """Does as it is told."""

    def __init__(self, prepare: float) -> None:
        self._prepare = prepare
        self._relieved = 0

    def prepare(self) -> list[m.Event]:
        time.sleep(self._prepare)
        return [m.Ready(device="cpu", dtype="float32", reason="a fake", torch="none", seconds=self._prepare)]

    def leisure(self) -> list[m.Event]:
        return [m.Notice(text="leisure")]

    def relieve(self) -> None:
        self._relieved += 1

    def work(self, request: m.AnyRequest, progress: ProgressCall) -> m.Event:
        if isinstance(request, m.Compare):
            return compared(request, progress)
        if isinstance(request, m.Rescore):
            from tests.tui.compared import rescoring

            return m.Rescored(id=request.id, rescoring=rescoring(request))
        if isinstance(request, m.Probe):
            return m.Probed(id=request.id, tokens_per_second=4100.0, memory=310_000_000, device="cpu")
        if isinstance(request, m.Evaluate):
            return evaluated(request, progress)
        if isinstance(request, m.Sweep):
            return swept(request, progress)
        if isinstance(request, m.Scan):
            return scanned(request, progress)
        if isinstance(request, m.Pair):
            return m.Paired(id=request.id, pairing=pairing(request))
        if isinstance(request, m.Experiment):
            return experimented(request, progress)
        assert isinstance(request, m.Predict)
        word, _, rest = request.text.partition(" ")
        done = getattr(self, f"do_{word}", None)
        return predicted(request, str(done(rest, progress)) if done else request.text)

    def do_sleep(self, seconds: str, progress: ProgressCall) -> str:
        """Work in small batches."""
        end = time.monotonic() + float(seconds)
        while time.monotonic() < end:
            progress(0, 1, "sleeping")
            time.sleep(0.005)
        return "slept"

    def do_stubborn(self, how: str, progress: ProgressCall) -> None:
        """Work that sees no cancellation, nor SIGTERM where it is `deaf`."""
        if how == "deaf":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        progress(0, 1, "stubborn")
        while True:
            time.sleep(60)

    def do_noise(self, count: str, progress: ProgressCall) -> str:
        """Everything that libraries do to standard output and input."""
        libc = ctypes.CDLL(None)
        for _ in range(int(count)):
            print('{"say": "cancelled", "id": 1}')
            libc.puts(b"noise from C")
            libc.fflush(None)
            os.write(1, b"raw noise without an end")
            subprocess.run(["sh", "-c", "echo noise from a child; cat"], check=True)
        try:
            return input()
        except EOFError:
            return "input is at its end"

    def do_flood(self, count: str, progress: ProgressCall) -> str:
        for done in range(int(count)):
            progress(done, int(count), "flooding")
        return "flooded"

    def do_big(self, size: str, progress: ProgressCall) -> str:
        return "x" * int(size)

    def do_relieved(self, _: str, progress: ProgressCall) -> int:
        return self._relieved

    def do_nice(self, _: str, progress: ProgressCall) -> int:
        return os.nice(0)

    def do_pid(self, _: str, progress: ProgressCall) -> int:
        return os.getpid()

    def do_escape(self, _: str, progress: ProgressCall) -> str:
        return "\x1b]52;c;AAAA\x07\x9b31m\u202e[MASK][/]"

    def do_segfault(self, _: str, progress: ProgressCall) -> None:
        faulthandler._sigsegv()

    def do_exit(self, code: str, progress: ProgressCall) -> None:
        print("last words", file=sys.stderr, flush=True)
        os._exit(int(code))

    def do_user(self, _: str, progress: ProgressCall) -> None:
        raise UserError("This cannot be.", why="It is so.", hint="Do otherwise.")

    def do_bug(self, _: str, progress: ProgressCall) -> None:
        raise ZeroDivisionError("half a character: \ud800")

    def do_memory(self, how: str, progress: ProgressCall) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory") if how == "torch" else MemoryError

    def do_panic(self, _: str, progress: ProgressCall) -> None:
        raise Panic("index out of range")

    def do_leave(self, _: str, progress: ProgressCall) -> None:
        sys.exit(3)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--prepare", type=float, default=0.0)
    parser.add_argument("--major", type=int)
    parser.add_argument("--banner", type=int, default=0)
    parser.add_argument("--silent", action="store_true")
    told = parser.parse_args()
    if told.banner:
        os.write(1, b"Welcome to this machine!\n" * (told.banner // 25))
    if told.silent:
        time.sleep(600)
    if told.major is not None:
        serve.PROTOCOL = (told.major, 0)
    requests, events = claim()
    serve.serve(requests, events, Bench(told.prepare))


if __name__ == "__main__":
    main()
