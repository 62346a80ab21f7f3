"""The run's state: the fold of its records over its plan, and nothing else.

The live screen, a second viewer, resume, replay and the reports all fold the same records here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .plan import Plan, Turn

Record = dict[str, Any]


class HostState(StrEnum):
    """Where one host stands in one turn."""

    PENDING = "pending"
    RUNNING = "running"
    OK = "ok"
    WARN = "warn"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    LOST = "lost"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    TO_ROLL_BACK = "to-roll-back"
    ROLLED_BACK = "rolled-back"
    BY_HAND = "by-hand"
    LEFT_OUT = "left-out"


BAD = frozenset(
    {HostState.FAILED, HostState.UNREACHABLE, HostState.LOST, HostState.UNKNOWN, HostState.CANCELLED}
)
"""States that a person has to decide about."""
UNTOUCHED = frozenset({HostState.PENDING, HostState.UNREACHABLE, HostState.LEFT_OUT})
"""States in which nothing ran on the host in this turn."""


class Phase(StrEnum):
    """Which of a step's scripts runs."""

    RUN = "run"
    CHECK = "check"
    ROLLBACK = "rollback"


class At(StrEnum):
    """What a gate is about."""

    GO = "go"
    BATCH = "batch"
    CONFIRM = "confirm"
    TYPED = "typed"
    WAIT = "wait"
    FAILURE = "failure"
    ROLLED_BACK = "rolled-back"


class Answer(StrEnum):
    """What an operator can say at a gate."""

    GO = "go"
    NO_GO = "no-go"
    SKIP = "skip"
    RETRY_FAILED = "retry-failed"
    RETRY_ALL = "retry-all"
    LEAVE_OUT = "leave-out"
    BY_HAND = "by-hand"
    ROLLBACK = "rollback"
    ABORT = "abort"


@dataclass(slots=True)
class HostRun:
    """One host in one turn: its state and its latest exit."""

    state: HostState = HostState.PENDING
    phase: Phase = Phase.RUN
    attempt: int = 0
    started: int | None = None
    """Nanoseconds since the run began."""
    ended: int | None = None
    how: str = ""
    code: int | None = None
    why: str = ""
    """Why it is not ok, for a person."""
    output: str = ""
    """Digest of stdout and stderr together: equal outputs have equal digests."""
    out_bytes: int = 0
    err_bytes: int = 0
    excerpt: str = ""
    """The first lines of what it printed, cleaned."""
    touched: bool = False
    """Something was started on it in this turn."""


@dataclass(slots=True)
class TurnState:
    """One step on one batch."""

    hosts: dict[str, HostRun]
    go: bool = False
    attempt: int = 0
    phase: Phase = Phase.RUN
    running: bool = False
    """A script is out on its hosts."""
    result: str | None = None
    """`ok`, `warn`, `skipped`, `rolled-back`, `by-hand`, `no-go`, `aborted`; None while it is not over."""
    started: int | None = None
    ended: int | None = None
    waited: bool = False
    not_run: set[int] = field(default_factory=set)
    """Attempts that were a check or a rollback: their output is no capture."""
    retries: int = 0
    """Retries that the document asked for and that were made."""

    def in_state(self, *states: HostState) -> list[str]:
        """Return the hosts that are in one of the states, in the turn's order."""
        return [name for name, host in self.hosts.items() if host.state in states]

    def bad(self) -> list[str]:
        """Return the hosts that a person has to decide about."""
        return [name for name, host in self.hosts.items() if host.state in BAD]

    def counts(self) -> dict[HostState, int]:
        """Return how many hosts are in each state that occurs."""
        found: dict[HostState, int] = {}
        for host in self.hosts.values():
            found[host.state] = found.get(host.state, 0) + 1
        return found


@dataclass(frozen=True, slots=True)
class Gate:
    """A question that waits for a person."""

    number: int
    at: At
    turn: int
    choices: tuple[Answer, ...]
    question: str
    evidence: dict[str, Any]
    asked: int
    """Nanoseconds since the run began."""
    until: int | None = None
    """A wait's end, on the same clock."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A gate and how it was answered, kept for the screen and the reports."""

    gate: Gate
    answer: Answer
    by: str
    reason: str
    answered: int


@dataclass(slots=True)
class RunState:
    """The whole run. Build it with `RunState.of(plan)`, then `apply` every record in order."""

    plan: Plan
    turns: list[TurnState]
    run: str = ""
    operator: str = ""
    started_at: str = ""
    """Wall clock of the start, RFC 3339 UTC."""
    now: int = 0
    """The latest record's time: nanoseconds since the run began."""
    count: int = 0
    gate: Gate | None = None
    decisions: list[Decision] = field(default_factory=list)
    notes: list[Record] = field(default_factory=list)
    deviations: list[Record] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    """Host -> the reason why later turns go without it."""
    outages: dict[str, tuple[int, int | None]] = field(default_factory=dict)
    """Service -> begin and end."""
    verdict: str | None = None
    """What is to become of the run once something ended it: `no-go` or `aborted`."""
    result: str | None = None
    """`go`, `no-go` or `aborted` when the run is over."""
    paused: bool = False
    trouble: str = ""
    """Why the trail cannot be written, if so. Not a record: the run's process says it."""
    _cursor: int = field(default=0, repr=False, compare=False)

    @staticmethod
    def of(plan: Plan) -> RunState:
        """Return the state before the first record."""
        turns = [TurnState({host: HostRun() for host in turn.hosts}) for turn in plan.turns]
        return RunState(plan, turns)

    @property
    def current(self) -> Turn | None:
        """The first turn that is not over; None when all are."""
        # A turn that is over stays over, so the search goes on from where it last ended.
        while self._cursor < len(self.turns) and self.turns[self._cursor].result is not None:
            self._cursor += 1
        return self.plan.turns[self._cursor] if self._cursor < len(self.turns) else None

    def apply(self, record: Record) -> None:
        """Fold one record in. Kinds from later versions change nothing."""
        self.now = max(self.now, int(record["m"]))
        self.count += 1
        handler = _HANDLERS.get(record["k"])
        if handler is not None:
            handler(self, record)


def _run_start(state: RunState, record: Record) -> None:
    state.run = record["run"]
    state.operator = record["by"]
    state.started_at = record["t"]


def _gate_ask(state: RunState, record: Record) -> None:
    state.gate = Gate(
        number=record["gate"],
        at=At(record["at"]),
        turn=record["turn"],
        choices=tuple(Answer(choice) for choice in record["choices"]),
        question=record["question"],
        evidence=record.get("evidence", {}),
        asked=record["m"],
        until=record.get("until"),
    )


def _gate_answer(state: RunState, record: Record) -> None:
    gate = state.gate
    if gate is None or gate.number != record["gate"]:
        return
    answer = Answer(record["answer"])
    reason = record.get("reason", "")
    state.gate = None
    state.decisions.append(Decision(gate, answer, record["by"], reason, record["m"]))
    turn = state.turns[gate.turn]
    if gate.at is At.WAIT:
        turn.waited = True
    elif answer is Answer.GO:
        turn.go = True
    elif answer is Answer.SKIP:
        turn.result = "rolled-back" if gate.at is At.ROLLED_BACK else "skipped"
        turn.ended = record["m"]
    _settle(state, turn, answer, reason)


def _step_settle(state: RunState, record: Record) -> None:
    """What the document itself says about a failure."""
    turn, answer = state.turns[record["turn"]], Answer(record["answer"])
    turn.retries += answer is Answer.RETRY_FAILED
    _settle(state, turn, answer, record["reason"])


def _settle(state: RunState, turn: TurnState, answer: Answer, reason: str) -> None:
    match answer:
        case Answer.NO_GO:
            state.verdict = "no-go"
        case Answer.ABORT:
            state.verdict = "aborted"
        case Answer.RETRY_FAILED:
            _reset(turn, turn.bad())
        case Answer.RETRY_ALL:
            kept = {HostState.LEFT_OUT, HostState.BY_HAND}
            _reset(turn, [name for name, host in turn.hosts.items() if host.state not in kept])
        case Answer.LEAVE_OUT:
            _leave_out(state, turn, reason)
        case Answer.BY_HAND:
            for name in turn.bad():
                turn.hosts[name].state = HostState.BY_HAND
        case Answer.ROLLBACK:
            for host in turn.hosts.values():
                if host.touched and host.state is not HostState.LEFT_OUT:
                    host.state = HostState.TO_ROLL_BACK
                elif host.state in BAD:
                    host.state = HostState.ROLLED_BACK


def _reset(turn: TurnState, names: list[str]) -> None:
    for name in names:
        turn.hosts[name].state = HostState.PENDING


def _leave_out(state: RunState, turn: TurnState, reason: str) -> None:
    for name in turn.bad():
        turn.hosts[name].state = HostState.LEFT_OUT
        state.left_out[name] = reason
    for other in state.turns:
        for name in state.left_out:
            host = other.hosts.get(name)
            if host is not None and other.result is None and host.state is HostState.PENDING:
                host.state = HostState.LEFT_OUT


def _step_plan(state: RunState, record: Record) -> None:
    turn = state.turns[record["turn"]]
    turn.phase = Phase(record["phase"])
    turn.attempt = record["attempt"]
    turn.running = True
    if turn.phase is not Phase.RUN:
        turn.not_run.add(turn.attempt)
    if turn.started is None:
        turn.started = record["m"]


def _host_start(state: RunState, record: Record) -> None:
    turn = state.turns[record["turn"]]
    for name in record["hosts"]:
        host = turn.hosts[name]
        host.state = HostState.RUNNING
        host.phase, host.attempt = turn.phase, turn.attempt
        host.started, host.ended = record["m"], None
        host.touched = True


def _host_exit(state: RunState, record: Record) -> None:
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


def _host_unknown(state: RunState, record: Record) -> None:
    turn = state.turns[record["turn"]]
    turn.running = False
    for name in record["hosts"]:
        host = turn.hosts[name]
        host.state = HostState.UNKNOWN
        host.why = record["why"]
        host.ended = record["m"]


def _round_end(state: RunState, record: Record) -> None:
    state.turns[record["turn"]].running = False


def _step_end(state: RunState, record: Record) -> None:
    turn = state.turns[record["turn"]]
    turn.running = False
    turn.result = record["result"]
    turn.ended = record["m"]


def _note(state: RunState, record: Record) -> None:
    state.notes.append(record)


def _deviation(state: RunState, record: Record) -> None:
    state.deviations.append(record)


def _operator(state: RunState, record: Record) -> None:
    state.operator = record["by"]


def _outage_begin(state: RunState, record: Record) -> None:
    state.outages[record["service"]] = (record["m"], None)


def _outage_end(state: RunState, record: Record) -> None:
    begin, _ = state.outages.get(record["service"], (record["m"], None))
    state.outages[record["service"]] = (begin, record["m"])


def _paused(state: RunState, record: Record) -> None:
    state.paused = record["k"] == "run.pause"


def _run_end(state: RunState, record: Record) -> None:
    state.gate = None
    state.result = record["result"]


_HANDLERS = {
    "run.start": _run_start,
    "run.pause": _paused,
    "run.resume": _paused,
    "run.end": _run_end,
    "gate.ask": _gate_ask,
    "gate.answer": _gate_answer,
    "step.plan": _step_plan,
    "step.end": _step_end,
    "step.settle": _step_settle,
    "round.end": _round_end,
    "host.start": _host_start,
    "host.exit": _host_exit,
    "host.unknown": _host_unknown,
    "note": _note,
    "deviation": _deviation,
    "operator": _operator,
    "outage.begin": _outage_begin,
    "outage.end": _outage_end,
}
