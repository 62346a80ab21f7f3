"""What was done carries over when the runbook was edited while its run waited.

Steps are matched by id. A step whose commands and settings are unchanged keeps, for each host, what became
of it, so that a failed or unknown host is still asked about; a changed step begins anew, and asks before it
runs where it ran before.
"""

from __future__ import annotations

from msgspec.structs import replace

from .plan import Plan, Turn
from .rundata import HostRun, Past, RunData, TurnState
from .words import BAD, DONE, IDLE, HostState

Earlier = list[tuple[Turn, TurnState]]
_SETTLED = frozenset({HostState.OK, HostState.WARN, HostState.BY_HAND, *IDLE})


def carry_over(state: RunData, plan: Plan, at: int) -> None:
    """Take the turns of a plan that goes on from the state's own (`revise.revised`). `at` is the time."""
    old = len(state.turns)
    for turn_state in state.turns:
        if turn_state.result is None:
            turn_state.result, turn_state.ended = "replaced", at
    before = list(zip(state.plan.turns, state.turns, strict=True))
    ids = [planned.step.id for planned in plan.steps]
    state.plan = plan
    for turn in plan.turns[old:]:
        earlier = [found for found in before if ids[found[0].step] == ids[turn.step]]
        state.turns.append(_carried(state, turn, earlier))


def _carried(state: RunData, turn: Turn, earlier: Earlier) -> TurnState:
    """Return a turn as it begins; `earlier` are the turns of its step in all texts before this one."""
    found = TurnState({host: HostRun() for host in turn.hosts})
    planned = state.plan.step_of(turn)
    if planned.unchanged and _kept(found, [old for before, old in earlier if before.step == planned.before]):
        return found
    fresh = {name for name, host in found.hosts.items() if host.state is HostState.PENDING}
    found.past = _past(state, fresh, earlier)
    return found


def _kept(found: TurnState, earlier: list[TurnState]) -> bool:
    """Take over what became of each host; return whether that leaves nothing to do."""
    if found.hosts:
        earlier = [old for old in earlier if found.hosts.keys() & old.hosts.keys()]
    for old in earlier:
        # Tries that were made count, so that an edit does not begin the step's own retries anew.
        found.phase, found.retries = old.phase, old.retries
        found.since, found.check_since = old.since, old.check_since
        found.undo |= old.undo and old.result == "replaced"
        for name in found.hosts.keys() & old.hosts.keys():
            found.hosts[name] = replace(old.hosts[name], ran=0, carried=True)
    over = [old for old in earlier if old.result != "replaced"]
    if not over or len(over) < len(earlier) or not _nothing_left(found, over):
        return False
    found.result, found.go, found.worked = over[-1].result, True, sum(old.worked for old in over)
    found.tries = max(old.tries for old in over)
    found.started = min((old.started for old in over if old.started is not None), default=None)
    found.ended = max((old.ended for old in over if old.ended is not None), default=None)
    return True


def _past(state: RunData, fresh: set[str], earlier: Earlier) -> tuple[Past, ...]:
    """Return how the latest turn ended that reached any of these hosts, or that a person agreed to."""
    for before, old in reversed(earlier):
        reached = any(host.touched for name, host in old.hosts.items() if name in fresh)
        if reached or (old.result in DONE and (not old.hosts or fresh & old.hosts.keys())):
            result = "begun" if old.result in (None, "replaced") else old.result
            bad = ", ".join(f"{number} {one.value}" for one, number in old.counts().items() if one in BAD)
            return (Past(result, old.started, old.ended or 0, state.decided(before.index), bad),)
    return ()


def _nothing_left(found: TurnState, over: list[TurnState]) -> bool:
    known = set().union(*(old.hosts for old in over))
    alike = len({old.result for old in over}) == 1 and known >= found.hosts.keys()
    return alike or all(host.state in _SETTLED for host in found.hosts.values())
