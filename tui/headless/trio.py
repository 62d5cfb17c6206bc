"""A trio on the command line: waited for, gone on with, and its report as plain tables with the sentences."""

from __future__ import annotations

import sys
import time
from typing import Any

from core.errors import UserError
from core.messages import FORMAT
from core.runs import Run
from core.trio import folder as trios
from core.trio.files import Cloze, Report
from core.trio.folder import TrioFolder
from tui.clean import clean
from tui.engine.death import Death
from tui.headless.asking import complain
from tui.headless.output import CANCELLED, FAILED, print_json
from tui.headless.progress import Display, display
from tui.headless.tables import show as write
from tui.headless.tables import table
from tui.headless.waiting import EVERY, Stop
from tui.runs.detached import Started
from tui.runs.now import latest
from tui.runs.trios import BUSY, resume_trio
from tui.words import duration, short


def lines(report: Report) -> list[str]:
    """The report: what was spent, what came out, and what that allows to say."""
    spent = [
        (one.run, one.state, f"{one.parameters:,}", short(one.tokens), short(one.targets), f"{one.flops:.2e}",
         duration(one.seconds))
        for one in report.members
    ]  # fmt: skip
    found = [
        (one.run, _number(one.nats), _number(one.unigram_nats), "masked" if one.family == "bert" else "causal",
         _number(one.bits_per_character), _cloze(one.cloze))
        for one in report.members
    ]  # fmt: skip
    return [
        f"{clean(report.id)}: a budget of {report.budget:,} tokens each",
        "",
        *table(["run", "state", ">parameters", ">tokens", ">targets", ">FLOPs", ">time"], spent),
        "",
        *table(
            ["run", ">held-out nats", ">unigram", "objective", ">bits/char", f"cloze of {report.candidates}"], found
        ),
        "",
        *map(clean, report.sentences),
    ]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _cloze(found: Cloze | None) -> str:
    return "-" if found is None else f"{found.accuracy:.1%} ({found.low:.1%} to {found.high:.1%})"


def standing(trio: TrioFolder) -> list[str]:
    """How far a trio without a report is."""
    file, ended = trio.file(), trio.ended()
    rows = []
    for member in file.members:
        now = latest(_of(trio, member.run))
        step = f"{now.step or 0:,}/{now.file.steps:,}" if now.file and now.file.steps else ""
        rows.append((member.run, now.state, step, _number(now.held_out)))
    what = f"{trio.id} is {trio.state()}" + (f": {ended.error}" if ended and ended.error else "")
    return [clean(what), "", *table(["run", "state", ">step", ">held-out nats"], rows)]


def as_text(reference: str) -> str:
    """The report of a trio, or how far it is. Raises UserError when there is none of that name."""
    trio = trios.find(reference)
    report = trio.report()
    return "\n".join(lines(report) if report else standing(trio))


def facts(trio: TrioFolder) -> dict[str, Any]:
    """Everything that is known about a trio."""
    file, ended = trio.file(), trio.ended()
    return {
        "id": trio.id,
        "path": str(trio.folder.resolve()),
        "state": trio.state(),
        "pid": file.owner.pid if file.owner and trio.alive() else None,
        "tokens": file.tokens or None,
        "error": (ended.error if ended else "") or None,
        "members": [
            {"run": one.run, "family": one.family, "seed": one.seed, "state": latest(_of(trio, one.run)).state}
            for one in file.members
        ],
        "report": trio.report(),
    }


def _of(trio: TrioFolder, run: str) -> Run:
    return Run(trio.folder.parent / run)


def show(trio: TrioFolder, as_json: bool) -> None:
    """`lookboth runs show TRIO`."""
    if as_json:
        print_json({"version": FORMAT} | facts(trio))
    else:
        report = trio.report()
        write(lines(report) if report else standing(trio))


def resume(trio: TrioFolder, wait: bool, as_json: bool) -> int:
    """`lookboth runs resume TRIO`. Returns the exit code. Raises UserError when somebody is at it."""
    if (state := trio.state()) in BUSY:
        raise UserError(f"The trio {trio.id} is {state}.", hint="Wait for it, or stop it.")
    started = resume_trio(trio)
    if as_json:
        print_json({"version": FORMAT, "id": trio.id, "path": str(trio.folder.resolve()), "pid": started.process.pid})
    else:
        write([f"The trio {trio.id} goes on."])
    sys.stdout.flush()
    return wait_for(started, batch=True) if wait else 0


def wait_for(started: Started[TrioFolder], *, batch: bool = False) -> int:
    """Stay until the trio has ended, then print its report: 0 stopped or at least one member finished, else 1.

    130 when nobody waits any longer. Signals mean what they do for `waiting.wait_for`.
    """
    stop = Stop(f"The trio {started.of.id}", started.of.stop)
    with stop.heard(batch):
        return follow(started.of, display(sys.stderr), started, stop)


def follow(
    trio: TrioFolder, shown: Display, started: Started[TrioFolder] | None = None, stop: Stop | None = None,
    as_json: bool = False,
) -> int:  # fmt: skip
    """Show the members that are trained until the trio has ended; the exit code is that of `wait_for`.

    It has ended when its process has, where we started it; else when its folder says so.
    """
    told = ""
    try:
        while (started.death() is None) if started else (trio.state() in BUSY):
            for member in trio.file().members:
                now = latest(_of(trio, member.run))
                if now.state in ("running", "paused"):
                    if told != member.run:
                        told = member.run
                        shown.tell(f"{told} is trained.")
                    shown.show(now)
            if stop:
                stop.tell(trio.state() in BUSY)
            time.sleep(EVERY)
    except KeyboardInterrupt:
        shown.close()
        complain(f"The trio {trio.id} goes on by itself. See `lookboth runs`.")
        return CANCELLED
    finally:
        shown.close()
    return _farewell(trio, started.death() if started else None, as_json)


def _farewell(trio: TrioFolder, death: Death | None, as_json: bool) -> int:
    """Say how the trio ended, and its report; the exit code for it."""
    ended, report = trio.ended(), trio.report()
    if ended is None or ended.status == "failed" or (death and death.code):
        last = f"{death.cause}. {death.last}" if death else "its process is gone"
        why = ended.error if ended and ended.error else last
        complain(f"The trio {trio.id} {'failed' if ended else 'died'}: {why}")
        return FAILED
    complain(f"The trio {trio.id} {ended.status}.")
    if as_json:
        print_json({"version": FORMAT} | facts(trio))
    elif ended.status == "finished" and report:
        write(lines(report))
    if ended.status == "finished" and not (report and any(one.state == "finished" for one in report.members)):
        complain(f"No member of {trio.id} finished.")
        return FAILED
    return 0
