"""What was done carries over when the runbook was edited while its run waited.

Steps are matched by id. A step whose commands and settings are unchanged keeps, for each host, what was
done; a changed one begins anew and asks before it runs where it ran before.
"""

from __future__ import annotations

from dataclasses import replace

from .plan import Plan, Turn
from .rundata import HostRun, Past, RunData, TurnState
from .words import DONE, IDLE, HostState

_SETTLED = frozenset({HostState.OK, HostState.WARN, HostState.BY_HAND, *IDLE})


def carry_over(state: RunData, plan: Plan, at: int) -> None:
    """Take the turns of a plan that goes on from the state's own (`revise.revised`). `at` is the time."""
    old = len(state.turns)
    for turn_state in state.turns:
        if turn_state.result is None:
            turn_state.result, turn_state.ended = "replaced", at
    before = list(zip(state.plan.turns, state.turns, strict=True))
    state.plan = plan
    for turn in plan.turns[old:]:
        planned = plan.step_of(turn)
        earlier = [found for found in before if found[0].step == planned.before]
        state.turns.append(_carried(state, turn, earlier, planned.unchanged))
        for name, host in state.turns[-1].hosts.items():
            if name in state.left_out and host.state is HostState.PENDING:
                host.state = HostState.LEFT_OUT


def _carried(state: RunData, turn: Turn, earlier: list[tuple[Turn, TurnState]], unchanged: bool) -> TurnState:
    found = TurnState({host: HostRun() for host in turn.hosts})
    over = [old for _, old in earlier if old.result not in (None, "replaced")]
    if not unchanged:
        found.past = tuple(
            Past(old.result, old.started, old.ended or 0, state.decided(before.index))
            for before, old in earlier[-1:]
            if old.result in DONE
        )
        return found
    for _, old in earlier:
        for name, host in old.hosts.items():
            if name in found.hosts and host.state in _SETTLED:
                # Its output lies with the turn that it ran in, not here.
                found.hosts[name] = replace(host, ran=0)
    settled = all(host.state in _SETTLED for host in found.hosts.values())
    if over and settled and len(over) == len(earlier):
        found.result, found.go = over[-1].result, True
        found.started = min((old.started for old in over if old.started is not None), default=None)
        found.ended = max((old.ended for old in over if old.ended is not None), default=None)
    return found
