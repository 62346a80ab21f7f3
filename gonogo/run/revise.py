"""An edited runbook's plan is joined to the one that runs: the old turns stay, the new ones follow.

So the numbers of turns, and with them output files and the trail, mean the same before and after.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from .plan import Plan, PlannedStep


def revised(old: Plan, new: Plan) -> Plan:
    """Return a plan whose current steps are `new`'s, each knowing the step it was before."""
    # Of all texts that the run went through: a step may have been taken out for a while.
    index = {planned.step.id: at for at, planned in enumerate(old.steps)}
    steps = [_placed(planned, index.get(planned.step.id), old) for planned in new.steps]
    turns = [
        replace(turn, index=turn.index + len(old.turns), step=turn.step + len(old.steps))
        for turn in new.turns
    ]
    return replace(
        new,
        steps=(*old.steps, *steps),
        turns=(*old.turns, *turns),
        hosts={**old.hosts, **new.hosts},
        first=len(old.steps),
    )


def _placed(planned: PlannedStep, before: int | None, old: Plan) -> PlannedStep:
    same = before is not None and _essence(old.steps[before]) == _essence(planned)
    return replace(planned, before=before, unchanged=same)


def _essence(planned: PlannedStep) -> bytes:
    """Return what makes a step do what it does: not where it stands, how it reads, or how it is cut."""
    step = planned.step
    options = replace(step.options, batch=(), between="ask", parallel=None, tags=(), order="inventory")
    texts = [one and (one.text, one.language) for one in (step.script, step.check, step.rollback)]
    return msgspec.json.encode([step.kind, step.title if not step.script else "", texts, options])
