"""The runner: state in, next move out. Pure; no clock, no network, no terminal."""

from __future__ import annotations

import math

from gonogo.format.model import Kind, Options, Step
from gonogo.text import many

from .gates import at_start, gate_again, gate_at_end, gate_before, input_before, refusal
from .moves import Ask, End, Execute, Finish, Move, Reach, Settle, Test, Wait, Weigh
from .plan import Plan, Turn
from .rundata import RunData, TurnState
from .words import IDLE, Answer, At, HostState, Phase

__all__ = [
    "Ask",
    "End",
    "Execute",
    "Finish",
    "Move",
    "Reach",
    "Settle",
    "Test",
    "Wait",
    "Weigh",
    "allowed_failures",
    "decide",
    "refusal",
    "seconds_left",
]

EVERY = 5.0
"""Seconds between two tries of `until` that does not say."""
_KINDS = ((HostState.UNKNOWN,), (HostState.LOST,))
"""Host states that are asked about apart: whether their command ran is not known."""
_KNOWN = frozenset({HostState.FAILED, HostState.UNREACHABLE})
_UNFINISHED = frozenset({*_KNOWN, HostState.LOST})


def decide(plan: Plan, state: RunData) -> Move:
    """Return the next move. Called when nothing is out on hosts."""
    if state.result is not None:
        return End(state.result)
    if state.verdict is not None:
        return End(state.verdict)
    if state.testing is not None:
        return Test(state.testing.number)
    if state.gate is not None:
        return Wait(state.gate)
    if (start := at_start(plan, state)) is not None:
        return start
    turn = state.current
    if turn is None:
        return gate_at_end(plan, state) or End("go")
    return _of_turn(plan, state, turn, state.turns[turn.index])


def _of_turn(plan: Plan, state: RunData, turn: Turn, turn_state: TurnState) -> Move:
    """Return what a turn needs next.

    Hosts that are not well come first: only what is decided about them tells whether its script runs, and
    a go, with all else that stands before the script, is asked for only where it does.
    """
    step = plan.step_of(turn).step
    if (again := gate_again(plan, turn, turn_state)) is not None:
        return again
    if (trouble := _about_trouble(plan, state, turn, turn_state)) is not None:
        return trouble
    pending = turn_state.in_state(HostState.PENDING)
    if pending or not turn.hosts:
        if (wanted := input_before(plan, state, turn)) is not None:
            return wanted
        if step.options.when is not None and not turn_state.weighed:
            return Weigh(turn, tuple(pending))
    move = _go_on(step, turn, turn_state)
    goes = isinstance(move, Execute) and move.phase is Phase.RUN
    gate = gate_before(plan, state, turn, turn_state) if goes or step.kind is not Kind.RUN else None
    return gate or move


def _about_trouble(plan: Plan, state: RunData, turn: Turn, turn_state: TurnState) -> Move | None:
    """Return what is to become of hosts that are not well, or were rolled back; None where all are well."""
    step = plan.step_of(turn).step
    to_roll_back = turn_state.in_state(HostState.TO_ROLL_BACK)
    if to_roll_back and step.rollback is not None:
        return Execute(turn, Phase.ROLLBACK, tuple(to_roll_back))
    if turn_state.bad():
        return _about_failure(plan, state, turn, turn_state)
    rolled = turn_state.in_state(HostState.ROLLED_BACK)
    if not rolled or turn_state.undo:
        return Finish(turn, "rolled-back") if rolled else None
    question = f"{step.title}: rolled back on {many(len(rolled))}"
    return Ask(turn, At.ROLLED_BACK, question, (Answer.RETRY_ALL, Answer.SKIP, Answer.ABORT))


def _go_on(step: Step, turn: Turn, turn_state: TurnState) -> Execute | Finish:
    """Return what a turn whose hosts are all well needs next: a script, or its end."""
    if pending := turn_state.in_state(HostState.PENDING):
        return Execute(turn, Phase.RUN, tuple(pending))
    if again := turn_state.in_state(HostState.AGAIN):
        return Execute(turn, Phase.RUN, tuple(again), delay=step.options.every or 0.0)
    unchecked = tuple(name for name, host in turn_state.hosts.items() if host.unchecked)
    if step.check is not None and unchecked:
        return Execute(turn, Phase.CHECK, unchecked)
    return Finish(turn, _result(turn_state))


def _result(turn_state: TurnState) -> str:
    states = set(turn_state.counts())
    if states and states <= IDLE:
        return "left-out" if HostState.LEFT_OUT in states else "not-needed"
    if HostState.BY_HAND in states:
        return "by-hand"
    return "warn" if HostState.WARN in states else "ok"


def _about_failure(plan: Plan, state: RunData, turn: Turn, turn_state: TurnState) -> Move:
    """Return what the document says about the hosts that are not well, else the question."""
    step = plan.step_of(turn).step
    bad = {turn_state.hosts[name].state for name in turn_state.bad()}
    if turn_state.phase is Phase.ROLLBACK:
        return _ask(turn, turn_state, step, bad)
    return (
        _stop(turn, turn_state, bad)
        or _once_more(step, state.now, turn, turn_state, bad)
        or _as_written(step, turn, turn_state, bad)
        or _ask(turn, turn_state, step, bad)
    )


def _stop(turn: Turn, turn_state: TurnState, bad: set[HostState]) -> Settle | None:
    """Return the run's end, where an exit code means that."""
    for name in turn_state.bad() if bad <= _KNOWN else ():
        host = turn_state.hosts[name]
        if host.stops:
            return Settle(turn, Answer.ABORT, f"{name}: exit code {host.code} stops the run")
    return None


def _once_more(step: Step, now: int, turn: Turn, turn_state: TurnState, bad: set[HostState]) -> Settle | None:
    """Return another try, where the document asks for it."""
    options, check = step.options, step.check
    if turn_state.phase is Phase.CHECK and check is not None and check.every is not None:
        if bad <= _UNFINISHED and seconds_left(turn_state.check_since, check.timeout, now) > 0:
            return Settle(turn, Answer.CHECK_AGAIN, "the check is tried again", check.every)
        return None
    if turn_state.phase is not Phase.RUN:
        return None
    if options.until and bad <= _UNFINISHED and seconds_left(turn_state.since, options.timeout, now) > 0:
        return Settle(turn, Answer.RETRY_FAILED, "until it succeeds", options.every or EVERY)
    if bad <= _KNOWN and turn_state.retries < options.retries:
        reason = f"retry {turn_state.retries + 1} of {options.retries}"
        return Settle(turn, Answer.RETRY_FAILED, reason, options.retry_delay)
    return None


def seconds_left(since: int | None, limit: float | None, now: int) -> float:
    """Return the seconds left of a limit that counts from `since`; without one there is always time."""
    return math.inf if limit is None or since is None else limit - (now - since) / 1e9


def _as_written(step: Step, turn: Turn, turn_state: TurnState, bad: set[HostState]) -> Settle | None:
    """Return what `on-failure` and `max-failures` decide."""
    options = step.options
    if not bad <= _KNOWN:
        return None
    if options.max_failures is not None and within_limit(options, turn, turn_state):
        return Settle(turn, Answer.LEAVE_OUT, "within max-failures")
    if options.on_failure == "stop":
        return Settle(turn, Answer.ABORT, "on-failure=stop")
    if options.on_failure == "rollback" and _can_roll_back(step, turn_state):
        return Settle(turn, Answer.ROLLBACK, "on-failure=rollback")
    if options.on_failure == "continue" and options.max_failures is None:
        return Settle(turn, Answer.LEAVE_OUT, "on-failure=continue")
    return None


def within_limit(options: Options, turn: Turn, turn_state: TurnState) -> bool:
    """Tell whether no more of the batch's hosts have failed, now or before, than may."""
    failed = len(turn_state.bad()) + len(turn_state.in_state(HostState.LEFT_OUT))
    return failed <= allowed_failures(options.max_failures, len(turn.hosts))


def allowed_failures(limit: str | None, hosts: int) -> float:
    """Return how many of a batch's hosts may fail: a count, or a share of it rounded down; None: any."""
    if limit is None:
        return math.inf
    if limit.endswith("%"):
        return math.floor(hosts * float(limit[:-1]) / 100)
    return int(limit)


def _can_roll_back(step: Step, turn_state: TurnState) -> bool:
    return step.rollback is not None and any(host.touched for host in turn_state.hosts.values())


def _ask(turn: Turn, turn_state: TurnState, step: Step, bad: set[HostState]) -> Ask:
    """Ask about one kind of trouble: first about the hosts of which it is not known what ran."""
    of = next((kind for kind in _KINDS if kind[0] in bad), tuple(sorted(bad)))
    names = [name for name in turn_state.bad() if turn_state.hosts[name].state in of]
    counts: dict[str, int] = {}
    for name in names:
        one = turn_state.hosts[name].state.value
        counts[one] = counts.get(one, 0) + 1
    words = ", ".join(f"{number} {one}" for one, number in counts.items())
    checked = any(turn_state.hosts[name].phase is Phase.CHECK for name in names)
    rolled = any(turn_state.hosts[name].phase is Phase.ROLLBACK for name in names)
    choices = [Answer.BY_HAND, Answer.LEAVE_OUT]
    if not rolled:
        choices = [Answer.RETRY_FAILED, Answer.RETRY_ALL, Answer.LEAVE_OUT, Answer.BY_HAND]
    if checked:
        choices.insert(1, Answer.CHECK_AGAIN)
    if _can_roll_back(step, turn_state):
        choices.append(Answer.ROLLBACK)
    choices.append(Answer.ABORT)
    what = f"{step.title}, rollback: {words}" if rolled else f"{step.title}: {words}"
    return Ask(turn, At.FAILURE, what, tuple(choices), {"counts": counts}, of=of)
