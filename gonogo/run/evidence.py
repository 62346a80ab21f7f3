"""What the gate between two batches shows of the batch before: failed, slow, odd, and how long is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Any

from .plan import Plan, Turn
from .rundata import RunData, TurnState
from .words import HostState

NAMED = 20
"""Host names in one list; the counts say how many there are."""
_GOOD = frozenset({HostState.OK, HostState.WARN})


def of_batch(plan: Plan, state: RunData, turn: Turn) -> dict[str, Any]:
    """Return the evidence of the batch before `turn`, each of its hosts once, as its last step left it."""
    states: dict[str, HostState] = {}
    differs: list[dict[str, Any]] = []
    slowest, slowest_host = 0, ""
    for other in sorted(together(plan, turn), key=lambda other: other.index):
        if other.batch != turn.batch - 1:
            continue
        turn_state = state.turns[other.index]
        differs += _odd(plan.step_of(other).step.id, turn_state)
        for name, host in turn_state.hosts.items():
            states[name] = host.state
            taken = (host.ended or 0) - (host.started or 0)
            if host.started is not None and taken > slowest:
                slowest, slowest_host = taken, name
    counts: dict[str, int] = {}
    for one in states.values():
        counts[one.value] = counts.get(one.value, 0) + 1
    bad = [name for name, one in states.items() if one not in _GOOD | {HostState.NOT_NEEDED}]
    return {
        "batch": turn.batch,
        "counts": counts,
        "bad": bad[:NAMED],
        "slowest": slowest_host,
        "slowest_ns": slowest,
        "differs": differs[:NAMED],
        "left_ns": _left(plan, state, turn),
    }


def together(plan: Plan, turn: Turn) -> Iterator[Turn]:
    """Yield the turns before this one that roll with it: its step's, or its section's."""
    for index in range(turn.index - 1, -1, -1):
        if not _rolls(plan, turn, plan.turns[index]):
            return
        yield plan.turns[index]


def _rolls(plan: Plan, turn: Turn, other: Turn) -> bool:
    rolling = plan.step_of(turn).rolling
    return other.step == turn.step or (rolling is not None and plan.step_of(other).rolling == rolling)


def _odd(step: str, turn_state: TurnState) -> list[dict[str, Any]]:
    odd = odd_hosts([turn_state])
    return [{"step": step, "hosts": odd[:NAMED], "number": len(odd)}] if odd else []


def odd_hosts(turns: Iterable[TurnState]) -> list[str]:
    """Return the hosts of a step whose output is not the most common one, when most agree."""
    groups: dict[str, list[str]] = {}
    for turn in turns:
        for name, host in turn.hosts.items():
            if host.state in _GOOD and host.output:
                groups.setdefault(host.output, []).append(name)
    most = max(map(len, groups.values()), default=0)
    if most * 2 <= sum(map(len, groups.values())):
        return []
    return [name for names in groups.values() if len(names) < most for name in names]


def _left(plan: Plan, state: RunData, turn: Turn) -> int:
    """Return the nanoseconds that the batches to come will take as those before did; 0: not known.

    Hosts that are out at the same time take the time of one. What people take to answer is not in it.
    """
    taken, waves = Counter[int](), Counter[int]()
    for other in together(plan, turn):
        if worked := state.turns[other.index].worked:
            taken[other.step] += worked
            waves[other.step] += _waves(plan, other)
    ahead = takewhile(lambda other: _rolls(plan, turn, other), plan.turns[turn.index :])
    return sum(
        taken[other.step] * _waves(plan, other) // waves[other.step] for other in ahead if waves[other.step]
    )


def _waves(plan: Plan, turn: Turn) -> int:
    """Return how often as many hosts as may be out at the same time go out for a turn."""
    return -(-len(turn.hosts) // (plan.step_of(turn).step.options.parallel or len(turn.hosts) or 1))
