"""Fewer hosts than the runbook names: by pattern, or by how they fared in an earlier run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from gonogo.errors import UsageError
from gonogo.format.model import Kind
from gonogo.hosts import resolve
from gonogo.hosts.model import Inventory
from gonogo.run.evidence import odd_hosts
from gonogo.run.plan import Plan
from gonogo.run.state import BAD, HostState, RunState, TurnState
from gonogo.trail.rundir import find_run


class Narrowing(Struct, frozen=True):
    """What the command line says: patterns, and names of runs."""

    limit: Sequence[str] = ()
    exclude: Sequence[str] = ()
    failed_in: str | None = None
    odd_in: str | None = None

    def hosts(self, inventory: Inventory | None) -> frozenset[str] | None:
        """Return the hosts that may be worked on; None for all. Raise for patterns that mean none."""
        if not (self.limit or self.exclude or self.failed_in or self.odd_in):
            return None
        if inventory is None:
            raise UsageError("there are no hosts to choose from", "Give the inventory with -i FILE.")
        found = set(inventory.hosts)
        for pattern in self.limit:
            found &= set(resolve(pattern, inventory))
        for pattern in self.exclude:
            found -= set(resolve(pattern, inventory))
        for run, named, word in ((self.failed_in, failed, "failed"), (self.odd_in, odd, "stood out")):
            if run is not None:
                from ..past import read_past

                found &= set(named(read_past(find_run(run)).state))
                if not found:
                    raise UsageError(f"no host of this inventory {word} in {run}")
        return frozenset(found)


def without_hosts(plan: Plan) -> tuple[str, ...]:
    """Return the ids of steps that run on hosts, of which none is left."""
    steps = (one for one in plan.steps if one.step.kind is Kind.RUN and one.step.options.hosts)
    return tuple(one.step.id for one in steps if not one.hosts)


def failed(state: RunState) -> Iterator[str]:
    """Yield the hosts that a person had to decide about at last, or that were left out."""
    for turn in state.turns:
        yield from (name for name, host in turn.hosts.items() if host.state in BAD | {HostState.LEFT_OUT})


def odd(state: RunState) -> Iterator[str]:
    """Yield the hosts whose output was not what most others of their step printed."""
    steps: dict[int, list[TurnState]] = {}
    for turn, turn_state in zip(state.plan.turns, state.turns, strict=True):
        steps.setdefault(turn.step, []).append(turn_state)
    for turns in steps.values():
        yield from odd_hosts(turns)
