"""Plans made by hand for tests of the runner and the fold."""

from __future__ import annotations

from gonogo.format.model import Kind, Options, Place, Script, Step
from gonogo.run.batches import cut
from gonogo.run.plan import Plan, PlannedHost, PlannedStep, Turn


def step(
    name: str, *, kind: Kind = Kind.RUN, check: bool = False, rollback: bool = False, **options: object
) -> Step:
    """Return a step whose script is its own name."""
    return Step(
        id=name,
        title=name.capitalize(),
        kind=kind,
        place=Place("test.md"),
        options=Options(**options),  # type: ignore[arg-type]
        script=Script(f"run {name}") if kind is Kind.RUN else None,
        check=Script(f"check {name}") if check else None,
        rollback=Script(f"rollback {name}") if rollback else None,
    )


def plan_of(*steps: Step, hosts: int = 4, pace: str = "step") -> Plan:
    """Return a plan in which every run step goes to all hosts, cut by its own batch."""
    names = tuple(f"h{number}" for number in range(hosts))
    planned: list[PlannedStep] = []
    turns: list[Turn] = []
    for index, one in enumerate(steps):
        on = names if one.kind is Kind.RUN else ()
        batches = cut(on, one.options.batch) if on else ((),)
        planned.append(PlannedStep(one, (), on, batches, between=one.options.between))
        for batch, members in enumerate(batches):
            turns.append(Turn(len(turns), index, batch, len(batches), members, opens_batch=True))
    everyone = {name: PlannedHost() for name in names}
    return Plan("Test", "test.md", True, pace, tuple(planned), tuple(turns), everyone)
