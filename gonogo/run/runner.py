"""The runner: state in, next move out. Pure; no clock, no network, no terminal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gonogo.format.model import Kind, Options

from .plan import Plan, Turn
from .state import Answer, At, Gate, HostState, Phase, RunState, TurnState


@dataclass(frozen=True, slots=True)
class Ask:
    """Put a gate to the operator."""

    turn: Turn
    at: At
    question: str
    choices: tuple[Answer, ...]
    evidence: dict[str, Any] = field(default_factory=dict)
    seconds: float | None = None
    """A wait's length: at its end the gate answers itself with go."""


@dataclass(frozen=True, slots=True)
class Execute:
    """Run one of the step's scripts on these hosts."""

    turn: Turn
    phase: Phase
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settle:
    """Decide about failed hosts as the document says, without a question."""

    turn: Turn
    answer: Answer
    reason: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The turn is over."""

    turn: Turn
    result: str


@dataclass(frozen=True, slots=True)
class End:
    """The run is over."""

    result: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Only an answer moves the run."""

    gate: Gate


Move = Ask | Execute | Settle | Finish | End | Wait

_START = (Answer.GO, Answer.NO_GO, Answer.SKIP)
NEEDS_REASON = frozenset({Answer.NO_GO, Answer.SKIP, Answer.LEAVE_OUT, Answer.BY_HAND, Answer.ABORT})
"""Answers that depart from the document or end the run: they want a reason."""


def decide(plan: Plan, state: RunState) -> Move:
    """Return the next move. Called when nothing is out on hosts."""
    if state.result is not None:
        return End(state.result)
    if state.verdict is not None:
        return End(state.verdict)
    if state.gate is not None:
        return Wait(state.gate)
    turn = state.current
    if turn is None:
        return End("go")
    turn_state = state.turns[turn.index]
    gate = _gate_before(plan, state, turn, turn_state)
    if gate is not None:
        return gate
    if plan.step_of(turn).step.kind is not Kind.RUN:
        return Finish(turn, "ok")
    return _go_on(plan, state, turn, turn_state)


def _gate_before(plan: Plan, state: RunState, turn: Turn, turn_state: TurnState) -> Ask | None:
    """Return the gate that stands before a turn's first command, if one is left to ask."""
    planned = plan.step_of(turn)
    options = planned.step.options
    if turn_state.go or turn_state.started is not None:
        return None
    if planned.step.kind is Kind.CONFIRM:
        return Ask(turn, At.CONFIRM, planned.step.title, _START)
    if planned.step.kind is Kind.WAIT:
        if turn_state.waited:
            return None
        return Ask(turn, At.WAIT, planned.step.title, (Answer.GO, Answer.NO_GO), seconds=options.wait or 0)
    live = [name for name, host in turn_state.hosts.items() if host.state is not HostState.LEFT_OUT]
    if not live:
        return None
    where = f"on {len(live)} host{'s' if len(live) != 1 else ''}"
    if options.gate == "typed":
        return Ask(turn, At.TYPED, f"{planned.step.title} {where}", _START)
    if turn.batch > 0:
        return _gate_between(state, turn, turn_state, f"{planned.step.title} {where}", planned.between)
    if _flows(plan, options):
        return None
    return Ask(turn, At.GO, f"{planned.step.title} {where}", _START)


def _flows(plan: Plan, options: Options) -> bool:
    if not plan.ours or options.gate == "go":
        return False
    return options.gate == "auto" or options.read_only or plan.pace == "flow"


def _gate_between(
    state: RunState, turn: Turn, turn_state: TurnState, question: str, between: str
) -> Ask | None:
    """One gate a batch, at its first turn: `ask`, `go`, or a pause in seconds."""
    if not turn.opens_batch or between == "go":
        return None
    if between.isdigit():
        if turn_state.waited:
            return None
        return Ask(turn, At.WAIT, question, (Answer.GO, Answer.NO_GO), seconds=float(between))
    return Ask(turn, At.BATCH, question, _START, _evidence(state, turn))


def _evidence(state: RunState, turn: Turn) -> dict[str, Any]:
    """What the batch before this one came to: each of its hosts once, as its last step left it."""
    states: dict[str, str] = {}
    slowest, slowest_host = 0, ""
    for other, other_state in zip(state.plan.turns, state.turns, strict=True):
        same = state.plan.step_of(other).rolling == state.plan.step_of(turn).rolling
        if other.batch != turn.batch - 1 or not same or (other.step != turn.step and not _rolls(state, turn)):
            continue
        for name, host in other_state.hosts.items():
            states[name] = host.state.value
            taken = (host.ended or 0) - (host.started or 0)
            if host.started is not None and taken > slowest:
                slowest, slowest_host = taken, name
    counts = {one: list(states.values()).count(one) for one in dict.fromkeys(states.values())}
    return {"batch": turn.batch, "counts": counts, "slowest": slowest_host, "slowest_ns": slowest}


def _rolls(state: RunState, turn: Turn) -> bool:
    return state.plan.step_of(turn).rolling is not None


def _go_on(plan: Plan, state: RunState, turn: Turn, turn_state: TurnState) -> Move:
    """Return what a turn that has its go needs next: a script, a decision, or its end."""
    step = plan.step_of(turn).step
    to_roll_back = turn_state.in_state(HostState.TO_ROLL_BACK)
    if to_roll_back and step.rollback is not None:
        return Execute(turn, Phase.ROLLBACK, tuple(to_roll_back))
    bad = turn_state.bad()
    if not bad and (pending := turn_state.in_state(HostState.PENDING)):
        return Execute(turn, Phase.RUN, tuple(pending))
    if bad:
        return _about_failure(plan, turn, turn_state, bad)
    if turn_state.in_state(HostState.ROLLED_BACK):
        names = turn_state.in_state(HostState.ROLLED_BACK)
        question = f"{step.title}: rolled back on {len(names)} host{'s' if len(names) != 1 else ''}"
        return Ask(turn, At.ROLLED_BACK, question, (Answer.RETRY_ALL, Answer.SKIP, Answer.ABORT))
    if step.check is not None and (unchecked := _unchecked(turn_state)):
        return Execute(turn, Phase.CHECK, tuple(unchecked))
    return Finish(turn, _result(turn_state))


def _unchecked(turn_state: TurnState) -> list[str]:
    return [
        name
        for name, host in turn_state.hosts.items()
        if host.state in (HostState.OK, HostState.WARN) and host.phase is Phase.RUN
    ]


def _result(turn_state: TurnState) -> str:
    states = set(turn_state.counts())
    if states and states <= {HostState.LEFT_OUT}:
        return "skipped"
    if HostState.BY_HAND in states:
        return "by-hand"
    return "warn" if HostState.WARN in states else "ok"


def _about_failure(plan: Plan, turn: Turn, turn_state: TurnState, bad: list[str]) -> Move:
    step = plan.step_of(turn).step
    can_roll_back = step.rollback is not None and any(host.touched for host in turn_state.hosts.values())
    known = all(turn_state.hosts[name].state is HostState.FAILED for name in bad)
    within = len(bad) <= allowed_failures(step.options.max_failures, len(turn.hosts))
    if known and turn_state.phase is not Phase.ROLLBACK and turn_state.retries < step.options.retries:
        return Settle(turn, Answer.RETRY_FAILED, f"retry {turn_state.retries + 1} of {step.options.retries}")
    if known and step.options.on_failure == "stop":
        return Settle(turn, Answer.ABORT, "on-failure=stop")
    if known and step.options.on_failure == "rollback" and can_roll_back and not _rolling(turn_state):
        return Settle(turn, Answer.ROLLBACK, "on-failure=rollback")
    if known and (within or step.options.on_failure == "continue"):
        reason = "within max-failures" if within else "on-failure=continue"
        return Settle(turn, Answer.LEAVE_OUT, reason)
    counts: dict[str, int] = {}
    for name in bad:
        state = turn_state.hosts[name].state
        counts[state.value] = counts.get(state.value, 0) + 1
    words = ", ".join(f"{number} {state}" for state, number in counts.items())
    choices = [Answer.RETRY_FAILED, Answer.RETRY_ALL, Answer.LEAVE_OUT, Answer.BY_HAND]
    if _rolling(turn_state):
        choices = [Answer.BY_HAND, Answer.LEAVE_OUT]
    if can_roll_back:
        choices.append(Answer.ROLLBACK)
    return Ask(turn, At.FAILURE, f"{step.title}: {words}", (*choices, Answer.ABORT), {"counts": counts})


def _rolling(turn_state: TurnState) -> bool:
    return turn_state.phase is Phase.ROLLBACK and any(
        turn_state.hosts[name].phase is Phase.ROLLBACK for name in turn_state.bad()
    )


def allowed_failures(limit: str | None, hosts: int) -> int:
    """Return how many of a batch's hosts may fail: a count, or a share of it rounded down."""
    if limit is None:
        return 0
    if limit.endswith("%"):
        return int(hosts * float(limit[:-1]) / 100)
    return int(limit)


def refusal(plan: Plan, state: RunState, number: int, answer: Answer, typed: str, reason: str) -> str:
    """Return why an answer cannot be taken, or an empty string."""
    gate = state.gate
    if gate is None or gate.number != number:
        return "that question is not open any more"
    if answer not in gate.choices:
        return f"{answer.value} is no choice here; choices: {', '.join(gate.choices)}"
    if answer in NEEDS_REASON and not reason.strip():
        return f"{answer.value} needs a reason"
    if gate.at is At.TYPED and answer is Answer.GO:
        hosts = state.turns[gate.turn].hosts.values()
        live = sum(host.state is not HostState.LEFT_OUT for host in hosts)
        if typed.strip() != str(live):
            return f"type the number of hosts, {live}, to go"
    return ""
