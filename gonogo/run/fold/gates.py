"""The fold of gates: what a question, its answer and a decision of the document change."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from operator import index

from msgspec.structs import replace

from gonogo.hosts.here import LOCALHOST

from ..rundata import Approved, Decision, Gate, Reached, Record, RunData, TurnState
from ..words import BAD, IDLE, TO_RUN, Answer, At, HostState, Phase

_ONCE_MORE = frozenset({Answer.RETRY_FAILED, Answer.RETRY_ALL, Answer.CHECK_AGAIN})


def gate_ask(state: RunData, record: Record) -> None:
    """A question stands open."""
    state.rest()
    state.approvals = []
    state.gates = max(state.gates, record["gate"])
    state.gate = Gate(
        number=record["gate"],
        at=At(record["at"]),
        turn=record["turn"],
        choices=tuple(Answer(choice) for choice in record["choices"]),
        question=record["question"],
        evidence=record.get("evidence", {}),
        asked=record["m"],
        until=record.get("until"),
        of=tuple(HostState(one) for one in record.get("of", ())),
    )


def gate_approve(state: RunData, record: Record) -> None:
    """Somebody signed the open gate's plan."""
    state.approvals.append(Approved(record["by"], record["key"], record["sig"], record["m"]))


def gate_expired(state: RunData, _: Record) -> None:
    """The question is withdrawn, and will be asked anew."""
    state.gate = None


def gate_until(state: RunData, record: Record) -> None:
    """The wall clock was set, and with it the run's time of a moment that the runbook names."""
    if state.gate is not None and state.gate.number == record["gate"]:
        state.gate = replace(state.gate, until=record["until"])


def gate_answer(state: RunData, record: Record) -> None:
    """Somebody answered."""
    gate = state.gate
    if gate is None or gate.number != record["gate"]:
        return
    answer, reason, at = Answer(record["answer"]), record.get("reason", ""), record["m"]
    state.gate, state.paused = None, ""
    decision = Decision(
        gate, answer, record["by"], reason, at, record.get("value") or "", index(record.get("tests", 0))
    )
    state.decisions.append(decision)
    if gate.at is At.START and answer is not Answer.NO_GO:
        _start(state, answer, reason)
        return
    turn = state.turns[gate.turn]
    turn.since = turn.check_since = None
    turn.retries = 0
    if answer is Answer.GO:
        _go(state, gate, turn, record)
    elif answer is Answer.SKIP:
        _skip(gate, turn, at)
    _settle(state, gate, turn, answer, reason, record.get("hosts"))


def step_settle(state: RunData, record: Record) -> None:
    """What the document itself says about a failure."""
    turn, answer = state.turns[record["turn"]], Answer(record["answer"])
    turn.retries += answer is Answer.RETRY_FAILED
    _settle(state, None, turn, answer, record["reason"], None)


def _start(state: RunData, answer: Answer, reason: str) -> None:
    """Before anything runs: begin, find out who can be reached, or go without those who cannot."""
    match answer:
        case Answer.GO:
            state.begun = True
        case Answer.REACH:
            state.reached = Reached()
        case Answer.LEAVE_OUT:
            state.left_out |= dict.fromkeys(state.unreached(), reason)
            keep_out(state)


def _go(state: RunData, gate: Gate, turn: TurnState, record: Record) -> None:
    match gate.at:
        case At.WAIT:
            turn.waited = True
        case At.INPUT:
            state.inputs[gate.evidence["input"]] = record.get("value")
        case At.AGAIN:
            open_again(turn, _taken_along(state, turn, IDLE))
            turn.guarded = True
        case At.END:
            state.end_agreed = True
        case _:
            turn.go = True
            state.unasked.discard(state.plan.turns[gate.turn].step)
            if gate.at is At.APPROVE:
                state.approved.add(gate.evidence["plan"])


def _skip(gate: Gate, turn: TurnState, at: int) -> None:
    if gate.at is At.AGAIN:
        last = turn.past[-1]
        turn.result, turn.started, turn.ended = last.result, last.started, last.ended
        return
    turn.result = "rolled-back" if gate.at is At.ROLLED_BACK else "skipped"
    turn.ended = at


def _settle(
    state: RunData,
    gate: Gate | None,
    turn: TurnState,
    answer: Answer,
    reason: str,
    hosts: list[str] | None,
) -> None:
    meant = gate.meant(turn, hosts) if gate else turn.bad()
    if answer in _ONCE_MORE:
        # A host that another step was told to leave out stays out, until it is picked up.
        for name in state.left_out.keys() & meant:
            turn.hosts[name].state = HostState.LEFT_OUT
        meant = [name for name in meant if name not in state.left_out]
    match answer:
        case Answer.NO_GO:
            state.verdict = "no-go"
        case Answer.ABORT:
            state.verdict = "aborted"
        case Answer.RETRY_FAILED:
            reset(turn, meant)
        case Answer.RETRY_ALL:
            reset(turn, _taken_along(state, turn, IDLE | {HostState.BY_HAND}))
        case Answer.CHECK_AGAIN:
            for name in meant:
                _uncheck(turn, name)
        case Answer.LEAVE_OUT:
            _leave_out(state, turn, meant, reason)
        case Answer.BY_HAND:
            for name in meant:
                undone = turn.hosts[name].phase is Phase.ROLLBACK
                turn.hosts[name].state = HostState.ROLLED_BACK if undone else HostState.BY_HAND
        case Answer.ROLLBACK:
            roll_back(turn)


def reset(turn: TurnState, names: Iterable[str]) -> None:
    """Have these hosts run the step's script from its beginning."""
    for name in names:
        turn.hosts[name].state = HostState.PENDING


def _taken_along(state: RunData, turn: TurnState, kept: Collection[HostState]) -> list[str]:
    """Return the hosts that run once more: in none of these states, and not left out in another step."""
    return [
        name for name, host in turn.hosts.items() if host.state not in kept and name not in state.left_out
    ]


def open_again(turn: TurnState, names: Iterable[str]) -> None:
    """Have a turn run again for these hosts, from its gate on."""
    reset(turn, names)
    turn.result = turn.started = turn.ended = turn.since = turn.check_since = None
    turn.go = turn.waited = turn.guarded = turn.weighed = turn.undo = False
    turn.phase, turn.retries = Phase.RUN, 0


def roll_back(turn: TurnState) -> None:
    """Have the rollback run wherever the step's script was started; elsewhere there is nothing to undo."""
    for host in turn.hosts.values():
        if host.state in (HostState.LEFT_OUT, HostState.ROLLED_BACK):
            continue
        if host.touched:
            host.state = HostState.TO_ROLL_BACK
        elif host.state in BAD:
            host.state = HostState.ROLLED_BACK


def _uncheck(turn: TurnState, name: str) -> None:
    host = turn.hosts[name]
    if host.phase is Phase.CHECK:
        host.state = HostState.WARN if host.warned else HostState.OK
        host.phase = Phase.RUN


def _leave_out(state: RunData, turn: TurnState, names: Iterable[str], reason: str) -> None:
    for name in names:
        turn.hosts[name].state = HostState.LEFT_OUT
        if name != LOCALHOST:
            # What cannot be done here says nothing of the other steps that run here.
            state.left_out[name] = reason
    keep_out(state)


def keep_out(state: RunData) -> None:
    """Have no turn that is still to end run anything, a check neither, on a host that was left out."""
    for planned, turn in zip(state.plan.turns, state.turns, strict=True):
        if turn.result is not None:
            continue
        checks = state.plan.step_of(planned).step.check is not None
        for name in state.left_out:
            host = turn.hosts.get(name)
            if host is not None and (host.state in TO_RUN or (checks and host.unchecked)):
                host.state = HostState.LEFT_OUT
