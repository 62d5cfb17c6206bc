"""Every plan there is, by its claim."""

from __future__ import annotations

from core.claims import budget, context, ends, influence, markers, meaning, size, speed, transfer, translation
from core.claims.plan import Plan
from core.errors import UserError

_ALL: tuple[Plan, ...] = (
    speed.PLAN,
    size.PLAN,
    transfer.PLAN,
    translation.PLAN,
    meaning.PLAN,
    context.PLAN,
    ends.PLAN,
    influence.PLAN,
    markers.PLAN,
    budget.PLAN,
)
PLANS: dict[str, Plan] = {plan.claim: plan for plan in _ALL}


def find(claim: str) -> Plan:
    """The plan for a claim by its number, "C7" or "c7", or by its noun. Raises UserError when there is none."""
    for plan in PLANS.values():
        if claim.upper() == plan.claim or claim.lower() == plan.name:
            return plan
    known = ", ".join(f"{plan.claim} ({plan.name})" for plan in PLANS.values())
    raise UserError(f"There is no claim {claim} that can be checked.", hint=f"Choose from {known}.")
