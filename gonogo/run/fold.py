"""The fold: what each kind of record changes."""

from __future__ import annotations

from collections.abc import Iterable

from .carry import carry_over
from .rundata import Approved, Decision, Gate, Past, Record, RunData, TurnState
from .words import BAD, IDLE, Answer, At, HostState, Phase


def _run_start(state: RunData, record: Record) -> None:
    state.run = record["run"]
    state.operator = record["by"]
    state.started_at = record["t"]


def _gate_ask(state: RunData, record: Record) -> None:
    state.approvals = []
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


def _gate_approve(state: RunData, record: Record) -> None:
    given = Approved(record["by"], record["key"], record["sig"], record["m"])
    state.approvals.append(given)


def _gate_expired(state: RunData, _: Record) -> None:
    state.gate = None


def _gate_answer(state: RunData, record: Record) -> None:
    gate = state.gate
    if gate is None or gate.number != record["gate"]:
        return
    answer, reason, at = Answer(record["answer"]), record.get("reason", ""), record["m"]
    state.gate, state.paused = None, ""
    decision = Decision(gate, answer, record["by"], reason, at, record.get("value") or "")
    state.decisions.append(decision)
    turn = state.turns[gate.turn]
    turn.since = turn.check_since = None
    if answer is Answer.GO:
        _go(state, gate, turn, record)
    elif answer is Answer.SKIP:
        _skip(gate, turn, at)
    _settle(state, gate, turn, answer, reason, record.get("hosts"))


def _go(state: RunData, gate: Gate, turn: TurnState, record: Record) -> None:
    match gate.at:
        case At.WAIT:
            turn.waited = True
        case At.INPUT:
            state.inputs[gate.evidence["input"]] = record.get("value")
        case At.AGAIN:
            turn.guarded = True
        case At.END:
            state.end_agreed = True
        case At.APPROVE:
            state.approved.add(gate.evidence["plan"])
            turn.go = True
        case _:
            turn.go = True


def _skip(gate: Gate, turn: TurnState, at: int) -> None:
    match gate.at:
        case At.ROLLED_BACK:
            turn.result = "rolled-back"
        case At.AGAIN:
            turn.result = turn.past[-1].result
        case _:
            turn.result = "skipped"
    turn.ended = at


def _step_settle(state: RunData, record: Record) -> None:
    """What the document itself says about a failure."""
    turn, answer = state.turns[record["turn"]], Answer(record["answer"])
    turn.retries += answer is Answer.RETRY_FAILED
    _settle(state, None, turn, answer, record["reason"], None)


def _settle(
    state: RunData,
    gate: Gate | None,
    turn: TurnState,
    answer: Answer,
    reason: str,
    hosts: list[str] | None,
) -> None:
    meant = gate.meant(turn, hosts) if gate else turn.bad()
    match answer:
        case Answer.NO_GO:
            state.verdict = "no-go"
        case Answer.ABORT:
            state.verdict = "aborted"
        case Answer.RETRY_FAILED:
            _reset(turn, meant)
        case Answer.RETRY_ALL:
            kept = {*IDLE, HostState.BY_HAND}
            _reset(turn, [name for name, host in turn.hosts.items() if host.state not in kept])
        case Answer.CHECK_AGAIN:
            for name in meant:
                _uncheck(turn, name)
        case Answer.LEAVE_OUT:
            _leave_out(state, turn, meant, reason)
        case Answer.BY_HAND:
            for name in meant:
                turn.hosts[name].state = HostState.BY_HAND
        case Answer.ROLLBACK:
            _roll_back(turn)


def _reset(turn: TurnState, names: Iterable[str]) -> None:
    for name in names:
        turn.hosts[name].state = HostState.PENDING


def _uncheck(turn: TurnState, name: str) -> None:
    host = turn.hosts[name]
    if host.phase is Phase.CHECK:
        host.state, host.phase = HostState.OK, Phase.RUN


def _roll_back(turn: TurnState) -> None:
    for host in turn.hosts.values():
        if host.touched and host.state is not HostState.LEFT_OUT:
            host.state = HostState.TO_ROLL_BACK
        elif host.state in BAD:
            host.state = HostState.ROLLED_BACK


def _leave_out(state: RunData, turn: TurnState, names: Iterable[str], reason: str) -> None:
    for name in names:
        turn.hosts[name].state = HostState.LEFT_OUT
        state.left_out[name] = reason
    for other in state.turns:
        if other.result is not None:
            continue
        for name in state.left_out:
            host = other.hosts.get(name)
            if host is not None and host.state is HostState.PENDING:
                host.state = HostState.LEFT_OUT


def _step_when(state: RunData, record: Record) -> None:
    turn = state.turns[record["turn"]]
    turn.weighed = True
    for name in record["hosts"]:
        if turn.hosts[name].state is HostState.PENDING:
            turn.hosts[name].state = HostState.NOT_NEEDED


def _step_plan(state: RunData, record: Record) -> None:
    turn, at = state.turns[record["turn"]], record["m"]
    turn.phase = Phase(record["phase"])
    turn.attempt = record["attempt"]
    turn.running = True
    if turn.phase is not Phase.RUN:
        turn.not_run.add(turn.attempt)
    if turn.started is None:
        turn.started = at
    if turn.phase is Phase.RUN:
        turn.since = at if turn.since is None else turn.since
        turn.check_since = None
    elif turn.phase is Phase.CHECK:
        turn.check_since = at if turn.check_since is None else turn.check_since


def _host_start(state: RunData, record: Record) -> None:
    turn = state.turns[record["turn"]]
    for name in record["hosts"]:
        host = turn.hosts[name]
        host.state = HostState.RUNNING
        host.phase, host.attempt = turn.phase, turn.attempt
        host.started, host.ended = record["m"], None
        host.touched = True


def _host_exit(state: RunData, record: Record) -> None:
    turn = state.turns[record["turn"]]
    host = turn.hosts[record["host"]]
    host.state = HostState(record["state"])
    host.phase, host.attempt = Phase(record["phase"]), record["attempt"]
    host.ended = record["m"]
    host.how = record["how"]
    host.code = record.get("code")
    host.why = record.get("why", "")
    host.output = record.get("digest", "")
    host.out_bytes = record.get("out", 0)
    host.err_bytes = record.get("err", 0)
    host.excerpt = record.get("excerpt", "")


def _host_unknown(state: RunData, record: Record) -> None:
    """The run's process died while these were out; nothing is guessed about them."""
    turn = state.turns[record["turn"]]
    turn.running = False
    for name in record["hosts"]:
        host = turn.hosts[name]
        host.state = HostState.UNKNOWN
        host.why = record["why"]
        host.ended = record["m"]


def _host_cancelled(state: RunData, record: Record) -> None:
    """The operator ended a repetition between two tries: nothing was out."""
    turn = state.turns[record["turn"]]
    for name in record["hosts"]:
        host = turn.hosts[name]
        host.state = HostState.CANCELLED
        host.why = record["why"]


def _round_end(state: RunData, record: Record) -> None:
    state.turns[record["turn"]].running = False


def _step_end(state: RunData, record: Record) -> None:
    turn = state.turns[record["turn"]]
    turn.running = False
    turn.result = record["result"]
    turn.ended = record["m"]


def _jump(state: RunData, record: Record) -> None:
    """The operator leaves the document's order: forward past turns, or back to done ones."""
    state.gate, state.paused, state.cursor = None, "", 0
    for index in record["turns"]:
        turn = state.turns[index]
        if record["how"] == "forward":
            turn.result, turn.ended = "skipped", record["m"]
            continue
        turn.past = (*turn.past, Past(turn.result or "", turn.ended or record["m"], _who(state, index)))
        if record["how"] == "rollback":
            turn.result, turn.go = None, True
            _roll_back(turn)
        else:
            _open_again(turn, [name for name, host in turn.hosts.items() if host.state not in IDLE])
            turn.started = None


def _who(state: RunData, turn: int) -> str:
    """Return who last answered for a turn."""
    said = (one.by for one in reversed(state.decisions) if one.gate.turn == turn)
    return next(said, state.operator)


def _open_again(turn: TurnState, names: Iterable[str]) -> None:
    """Have a turn run again for these hosts, from its gate on."""
    _reset(turn, names)
    turn.result = turn.ended = turn.since = turn.check_since = None
    turn.go = turn.waited = turn.guarded = turn.weighed = False
    turn.phase, turn.retries = Phase.RUN, 0


def _pick_up(state: RunData, record: Record) -> None:
    """Hosts that were left out come back: every turn that went without them opens for them alone."""
    state.gate, state.paused, state.cursor, state.end_agreed = None, "", 0, False
    names = set(record["hosts"])
    for name in names:
        state.left_out.pop(name, None)
    for turn in state.turns:
        if turn.result == "replaced":
            continue
        missed = [
            name for name in turn.hosts if name in names and turn.hosts[name].state is HostState.LEFT_OUT
        ]
        if not missed:
            continue
        if turn.result is None:
            _reset(turn, missed)
            continue
        _open_again(turn, missed)
        turn.started, turn.picked = None, True


def _edit(state: RunData, record: Record) -> None:
    state.gate = None
    state.edited[record["number"]] = record["script"]


def _plan_change(state: RunData, record: Record) -> None:
    """The runbook was edited while the run waited: later turns are those of its new text."""
    if state.load is None:
        return
    state.gate, state.cursor = None, 0
    carry_over(state, state.load(record["file"]), record["m"])


def _note(state: RunData, record: Record) -> None:
    state.notes.append(record)


def _deviation(state: RunData, record: Record) -> None:
    state.deviations.append(record)


def _operator(state: RunData, record: Record) -> None:
    state.operator = record["by"]


def _outage_begin(state: RunData, record: Record) -> None:
    state.outages[record["service"]] = (record["m"], None)


def _outage_end(state: RunData, record: Record) -> None:
    begin, _ = state.outages.get(record["service"], (record["m"], None))
    state.outages[record["service"]] = (begin, record["m"])


def _pause(state: RunData, record: Record) -> None:
    state.paused = record["why"]


def _resume(state: RunData, _: Record) -> None:
    state.paused = ""


def _seal(state: RunData, record: Record) -> None:
    state.sealed = record["through"]


def _run_end(state: RunData, record: Record) -> None:
    state.gate = None
    state.result = record["result"]


HANDLERS = {
    "run.start": _run_start,
    "run.pause": _pause,
    "run.resume": _resume,
    "run.end": _run_end,
    "gate.ask": _gate_ask,
    "gate.answer": _gate_answer,
    "gate.approve": _gate_approve,
    "gate.expired": _gate_expired,
    "step.when": _step_when,
    "step.plan": _step_plan,
    "step.end": _step_end,
    "step.settle": _step_settle,
    "round.end": _round_end,
    "host.start": _host_start,
    "host.exit": _host_exit,
    "host.unknown": _host_unknown,
    "host.cancelled": _host_cancelled,
    "jump": _jump,
    "pick-up": _pick_up,
    "edit": _edit,
    "plan.change": _plan_change,
    "note": _note,
    "deviation": _deviation,
    "operator": _operator,
    "outage.begin": _outage_begin,
    "outage.end": _outage_end,
    "seal": _seal,
}
