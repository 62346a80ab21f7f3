"""The fold of turns: what happens on hosts while one step runs on one batch."""

from __future__ import annotations

from ..rundata import HostRun, Record, RunData
from ..words import HostState, Phase

# An enum's own look-up costs 0.3 µs, and exits are nearly all that a wide run's fold has to do.
_STATES = {one.value: one for one in HostState}
_PHASES = {one.value: one for one in Phase}


def step_when(state: RunData, record: Record) -> None:
    """The step's condition was looked at."""
    turn = state.turns[record["turn"]]
    turn.weighed = True
    for name in record["hosts"]:
        if turn.hosts[name].state is HostState.PENDING:
            turn.hosts[name].state = HostState.NOT_NEEDED


def step_plan(state: RunData, record: Record) -> None:
    """One of the step's scripts is about to go out."""
    turn, at = state.turns[record["turn"]], record["m"]
    turn.phase = Phase(record["phase"])
    turn.attempt = record["attempt"]
    if turn.back is not None:
        turn.worked += at - turn.back
    turn.running, turn.out, turn.back = True, at, None
    turn.tries += turn.phase is Phase.RUN
    if turn.started is None:
        turn.started = at
    if turn.phase is Phase.RUN:
        turn.go = True
        turn.since = at if turn.since is None else turn.since
        turn.check_since = None
    elif turn.phase is Phase.CHECK:
        turn.check_since = at if turn.check_since is None else turn.check_since


def host_start(state: RunData, record: Record) -> None:
    """The script goes to these hosts as soon as this is on disk."""
    turn = state.turns[record["turn"]]
    for name in record["hosts"]:
        host = turn.hosts[name]
        host.state = HostState.RUNNING
        host.phase, host.attempt, host.carried = turn.phase, turn.attempt, False
        host.started, host.ended = record["m"], None
        if turn.phase is Phase.RUN:
            host.touched += 1
            host.ran, host.warned = turn.attempt, ""


def host_exit(state: RunData, record: Record) -> None:
    """One host is heard of."""
    host = state.turns[record["turn"]].hosts[record["host"]]
    came_to = _STATES[record["state"]]
    _count(host, came_to)
    host.state = came_to
    host.phase, host.attempt, host.carried = _PHASES[record["phase"]], record["attempt"], False
    host.ended = record["m"]
    host.how = record["how"]
    host.code = record.get("code")
    host.why = record.get("why", "")
    host.output = record.get("digest", "")
    host.out_bytes = record.get("out", 0)
    host.err_bytes = record.get("err", 0)
    host.excerpt = record.get("excerpt", "")
    host.lines = record.get("lines", 0)
    host.stops = record.get("stops", False)
    if host.phase is Phase.RUN and host.state is HostState.WARN:
        host.warned = host.why


def _count(host: HostRun, state: HostState) -> None:
    """Count what the host was touched: a start that came to nothing, or was undone, is none."""
    if state is HostState.ROLLED_BACK:
        host.touched = 0
    elif state is HostState.UNREACHABLE and host.state is HostState.RUNNING and host.phase is Phase.RUN:
        host.touched -= 1


def host_unknown(state: RunData, record: Record) -> None:
    """The run's process, or the operator's terminal, died while these were out; nothing is guessed."""
    turn = state.turns[record["turn"]]
    turn.running = False
    _end(state, record, HostState.UNKNOWN)


def host_cancelled(state: RunData, record: Record) -> None:
    """The operator ended the step before its script went out, or between two tries."""
    _end(state, record, HostState.CANCELLED)


def _end(state: RunData, record: Record, to: HostState) -> None:
    turn = state.turns[record["turn"]]
    for name in record["hosts"]:
        host = turn.hosts[name]
        host.state, host.why, host.ended = to, record["why"], record["m"]
        host.how, host.code = to.value, None


def round_end(state: RunData, record: Record) -> None:
    """Nothing is out on the turn's hosts any more."""
    turn = state.turns[record["turn"]]
    if turn.running:
        turn.worked += record["m"] - turn.out
        turn.back = record["m"]
    turn.running = False


def step_end(state: RunData, record: Record) -> None:
    """The turn is over."""
    turn = state.turns[record["turn"]]
    turn.running, turn.back = False, None
    turn.result = record["result"]
    turn.ended = record["m"]
