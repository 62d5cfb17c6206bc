"""`lookboth check`: the claims of the notes as experiments, with the verdict measured here beside the literature's."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui.headless.output import CANCELLED, FAILED, Json, print_json

if TYPE_CHECKING:
    from core.claims.plan import Plan
    from core.messages import Finding
    from tui.engine import AnyFinal, Engine

EPILOG = (
    "A CLAIM is a number, C1 to C10, or its noun: see --list. The exit code is 0 if all experiments ran, whatever "
    "their verdicts. ctrl+c leaves: what was measured by then is kept and printed."
)


def check(
    context: typer.Context,
    claims: Annotated[
        list[str] | None, typer.Argument(help="Which claims; without one all.", metavar="CLAIM", show_default=False)
    ] = None,
    thorough: Annotated[bool, typer.Option("--thorough", help="The thorough form, minutes a claim.")] = False,
    seed: Annotated[int, typer.Option(help="What is drawn at random.", min=0)] = 1,
    changed: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change a knob of the experiments that have it.", metavar="KNOB=VALUE",
                     show_default=False),
    ] = None,
    run: Annotated[
        str, typer.Option("--run", help="Set the knobs of C10 as this run of yours has them: its id or its name.",
                          metavar="RUN", show_default=False),
    ] = "",
    listed: Annotated[
        bool, typer.Option("--list", help="List the claims; of a CLAIM its rule, its knobs and its findings.")
    ] = False,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Measure whether the claims of the notes hold.

    Each experiment has a rule that was fixed beforehand, and keeps its finding.
    """
    from core.claims import every

    named = {plan.claim: plan for plan in map(every.find, claims or every.PLANS)}
    plans = list(named.values())
    if listed:
        from tui.headless import claims as listing

        listing.show(plans, bool(claims), as_json)
        return
    knobs = _knobs(plans, thorough, changed or [])
    if run:
        for plan, found in _of_run(plans, run):
            knobs[plan.claim] = {**found, **knobs[plan.claim]}
    asked = Asked(thorough, seed, knobs)
    work = _Work(asked, len(plans) > 1, as_json)
    raise typer.Exit(work.do(context.obj, plans))


@dataclass(frozen=True)
class Asked:
    """How the claims are to be checked."""

    thorough: bool
    seed: int
    knobs: Mapping[str, Mapping[str, float | str]]
    """By claim those that are not as the form has them."""


def _knobs(plans: Sequence[Plan], thorough: bool, changed: Sequence[str]) -> dict[str, dict[str, float | str]]:
    """What `--set` changes of each plan. Raises UserError for what none of them has, or one does not take."""
    given: dict[str, float | str] = {}
    for one in changed:
        name, sign, value = one.partition("=")
        if not sign:
            raise typer.BadParameter(f"{one!r} is not KNOB=VALUE.", param_hint="--set")
        given[name.strip()] = value.strip()
    own = {plan.claim: {knob.name for knob in plan.knobs} for plan in plans}
    for name in given:
        if not any(name in names for names in own.values()):
            plans[0].settle(thorough, {name: given[name]})  # says which there are
    found = {}
    for plan in plans:
        mine = {name: value for name, value in given.items() if name in own[plan.claim]}
        settled = plan.settle(thorough, mine)
        found[plan.claim] = {name: settled[name] for name in mine}
    return found


def _of_run(plans: Sequence[Plan], reference: str) -> Iterator[tuple[Plan, Mapping[str, float | str]]]:
    """The knobs that a run gives the plans that take some. Raises UserError where none of them does."""
    from core import runs
    from tui.clean import clean

    taking = [(plan, plan.of_run) for plan in plans if plan.of_run]
    if not taking:
        raise typer.BadParameter("only C10 takes its knobs from a run.", param_hint="--run")
    run = runs.find(reference)
    for plan, of_run in taking:
        found = of_run(run.file(), run.progress())
        sys.stderr.write(clean(f"{plan.claim} has the knobs of {run.id}: {found.told}.") + "\n")
        settled = plan.settle(False, found.knobs)
        yield plan, {name: settled[name] for name in found.knobs}


@dataclass
class _Work:
    """The experiments of one command, one after another on one engine."""

    asked: Asked
    several: bool
    as_json: bool
    found: list[Finding] = field(default_factory=list)
    failed: bool = False

    def do(self, remote: str, plans: Sequence[Plan]) -> int:
        """Run them, keep and print what they find; the exit code."""
        from tui.findings import archive
        from tui.headless import asking
        from tui.headless.meter import Meter
        from tui.words import duration

        seconds = sum(plan.thorough_seconds if self.asked.thorough else plan.seconds for plan in plans)
        names = ", ".join(plan.claim for plan in plans)
        sys.stderr.write(f"{names}: about {duration(seconds)} on two quiet cores.\n")
        meter = Meter(sys.stderr)

        async def each(engine: Engine) -> None:
            for plan in plans:
                answer = await self._one(engine, plan, meter)
                meter.close()
                self._take(plan, answer)

        whole = asking.session(remote, each, meter)
        self._print()
        if self.found:
            sys.stderr.write(f"Kept in {archive.home()}.\n")
        if not whole:
            asking.complain("Cancelled.")
            return CANCELLED
        return FAILED if self.failed else 0

    async def _one(self, engine: Engine, plan: Plan, meter: Any) -> AnyFinal:
        from msgspec.structs import replace

        from core.messages import Experiment, Progress

        def progress(event: Progress) -> None:
            meter.progress(replace(event, note=f"{plan.claim} {plan.name}: {event.note}"))

        request = Experiment(
            id=engine.fresh(), claim=plan.claim, thorough=self.asked.thorough, seed=self.asked.seed,
            knobs=dict(self.asked.knobs[plan.claim]),
        )  # fmt: skip
        return await engine.request(request, progress)

    def _take(self, plan: Plan, answer: AnyFinal) -> None:
        """Keep a finding, and where lines are wanted print it at once; say why there is none."""
        from core.errors import UserError
        from core.messages import Experimented, Failed
        from tui.findings import archive
        from tui.headless import asking

        if isinstance(answer, Experimented):
            self.found.append(answer.finding)
            try:
                archive.save(answer.finding)
            except UserError as error:
                asking.complain(str(error))
                self.failed = True
            if not self.as_json:
                _show(answer.finding, apart=len(self.found) > 1)
        elif isinstance(answer, Failed):
            asking.complain(f"{plan.claim} ({plan.name}) failed.")
            asking.failed(answer)
            self.failed = True

    def _print(self) -> None:
        """All of it as JSON; or of several findings the verdicts once more, together."""
        from tui.headless import tables

        if self.as_json and (self.several or self.found):
            print_json(self.found if self.several else self.found[0])
        elif not self.as_json and len(self.found) > 1:
            rows = [(one.claim, one.verdict, one.literature, one.why) for one in self.found]
            tables.show(["", *tables.table(["claim", "measured here", "in the literature", "why"], rows)])


def _show(found: Finding, apart: bool) -> None:
    import shutil

    from tui.findings import text
    from tui.headless import tables

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 80
    tables.show(["", "─" * width, ""] if apart else [])
    tables.show(text.lines(found, max(40, width)))
    sys.stdout.flush()
