"""What must hold in every run, said apart from the runner: it watches records, and is asked before moves."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from gonogo.run.moves import Execute
from gonogo.run.plan import Turn
from gonogo.run.state import BAD, IDLE, Answer, At, HostState, Phase, Record, RunState

PERSON = ("gate.answer", "jump")
OPENING = ("jump", "pick-up")
MAY_RUN = {
    Phase.RUN: {HostState.PENDING, HostState.AGAIN},
    Phase.CHECK: {HostState.OK, HostState.WARN},
    Phase.ROLLBACK: {HostState.TO_ROLL_BACK},
}
ENDS = {
    "ok": {HostState.OK, *IDLE},
    "warn": {HostState.OK, HostState.WARN, *IDLE},
    "by-hand": {HostState.OK, HostState.WARN, HostState.BY_HAND, *IDLE},
    "left-out": set(IDLE),
    "rolled-back": {*HostState} - BAD - {HostState.RUNNING, HostState.TO_ROLL_BACK},
    "not-needed": {HostState.NOT_NEEDED},
}
BEFORE = {At.GO, At.BATCH, At.TYPED, At.APPROVE, At.WAIT, At.INPUT}
"""Questions that stand before a step's script."""
GOES = {At.GO, At.CONFIRM, At.BATCH, At.TYPED, At.APPROVE, At.AGAIN}


@dataclass(frozen=True, slots=True)
class Look:
    """What was known before a record."""

    now: int
    hosts: dict[tuple[int, str], HostState]
    results: list[str | None]
    said: tuple[int, int, int]
    result: str | None
    of_gate: set[tuple[int, str]]
    """The hosts that an answer to the open gate is about."""


class Oracle:
    """Watches one run. Every check is an assertion."""

    def __init__(self) -> None:
        self._ran: set[tuple[str, Phase, str]] = set()
        """(step, phase, host) not asked for since. Other turns of an edited runbook have the same steps."""
        self._begun: set[int] = set()
        self._gone: defaultdict[int, set[At]] = defaultdict(set)
        self._batch_gone: set[tuple[str, int]] = set()
        self._once_more: set[int] = set()
        self._back: set[str] = set()
        """Steps that a rollback was asked for: with another text of the runbook it still is."""
        self._gates: set[int] = set()
        self._edited: set[int] = set()
        self._approvals = 0

    def look(self, state: RunState, record: Record) -> Look:
        """Keep what is known before a record."""
        gate = state.gate
        about: set[tuple[int, str]] = set()
        if record["k"] == "gate.answer" and gate is not None:
            about = {(gate.turn, host) for host in gate.meant(state.turns[gate.turn], record.get("hosts"))}
        elif record["k"] == "step.settle":
            about = {(record["turn"], host) for host in state.turns[record["turn"]].bad()}
        return Look(state.now, _hosts(state), _results(state), _said(state), state.result, about)

    def watch(self, before: Look, state: RunState, record: Record) -> None:
        """Check what a record changed, and remember what it says."""
        kind = record["k"]
        assert before.result is None, f"the run was over, and then came {kind}"
        assert state.now >= before.now
        assert all(now - then in (0, 1) for then, now in zip(before.said, _said(state), strict=True))
        opened = set(record["turns"]) if kind == "jump" else set()
        for index, (was, now) in enumerate(zip(before.results, _results(state), strict=False)):
            if was is not None and was != now:
                assert kind == "pick-up" or index in opened, (
                    f"turn {index} was over ({was}), and {kind} opened it"
                )
                opened.add(index)
        for (turn, host), was in before.hosts.items():
            now_state = state.turns[turn].hosts[host].state
            if was is not now_state:
                self._changed(record, before, turn, host, was, now_state)
        self._remember(before, state, record, opened)

    def _changed(
        self, record: Record, before: Look, turn: int, host: str, was: HostState, now: HostState
    ) -> None:
        kind, what = record["k"], f"{host} in turn {turn}: {was} -> {now} by {record['k']}"
        if before.results[turn] is not None:
            assert kind in OPENING, f"its turn was over: {what}"
        if was is HostState.UNKNOWN:
            assert kind in PERSON, f"nobody said what is to become of it: {what}"
        if (
            was in BAD
            and kind == "gate.answer"
            and record["answer"] in ("retry-failed", "leave-out", "by-hand")
        ):
            assert (turn, host) in before.of_gate or now is HostState.LEFT_OUT, (
                f"the question was of others: {what}"
            )
        if HostState.RUNNING in (was, now):
            wanted = ("host.start",) if now is HostState.RUNNING else ("host.exit", "host.unknown")
            assert kind in wanted, what
        if now is HostState.BY_HAND:
            assert (kind, record.get("answer")) == ("gate.answer", "by-hand"), what

    def _remember(self, before: Look, state: RunState, record: Record, opened: set[int]) -> None:
        match record["k"]:
            case "step.plan" if record["phase"] == Phase.RUN:
                self._begun.add(record["turn"])
            case "host.start":
                self._started(state, record)
            case "host.exit":
                if record["state"] == HostState.AGAIN:
                    self._ran.discard((_step(state, record["turn"]), Phase.RUN, record["host"]))
            case "gate.ask":
                assert record["gate"] not in self._gates, "two questions have one number"
                self._gates.add(record["gate"])
                self._approvals = 0
                self._asked(state, record)
            case "gate.approve":
                self._approvals += 1
            case "gate.answer" | "step.settle":
                self._answered(before, state, record)
            case "jump" if record["how"] == "again":
                self._once_more |= opened
            case "jump" if record["how"] == "rollback":
                self._back |= {_step(state, turn) for turn in opened}
                opened = set()
            case "edit":
                self._edited.add(record["number"])
            case "plan.change":
                self._batch_gone.clear()
                self._edited.clear()
            case "pick-up":
                self._ran = {one for one in self._ran if one[2] not in record["hosts"]}
        for turn in opened:
            self._begun.discard(turn)
            self._gone.pop(turn, None)
            self._ran = {one for one in self._ran if one[0] != _step(state, turn)}

    def _asked(self, state: RunState, record: Record) -> None:
        """Who is asked for a go knows what became of the hosts, and something will run."""
        turn, at = record["turn"], At(record["at"])
        if at in BEFORE and state.turns[turn].hosts:
            assert not state.turns[turn].bad(), f"asked for {at}, and hosts are not well"
            assert state.turns[turn].to_run(), f"asked for {at}, and nothing runs"

    def _started(self, state: RunState, record: Record) -> None:
        turn, phase = state.plan.turns[record["turn"]], Phase(record["phase"])
        step = state.plan.step_of(turn).step.id
        # A command that only looks may look again after the runbook was edited.
        harmless = state.plan.first > 0 and state.plan.step_of(turn).step.options.read_only
        for host in record["hosts"]:
            one = (step, phase, host)
            assert harmless or one not in self._ran, f"{one} ran again, and nothing asked for it"
            self._ran.add(one)
            if phase is Phase.RUN:
                self._ran.discard((step, Phase.CHECK, host))

    def _answered(self, before: Look, state: RunState, record: Record) -> None:
        answer = Answer(record["answer"])
        decided = state.decisions[-1].gate if record["k"] == "gate.answer" else None
        turn = decided.turn if decided else record["turn"]
        step = state.plan.turns[turn].step
        if decided and decided.at in GOES - {At.AGAIN}:
            self._edited.discard(step)
        if answer is Answer.GO and decided:
            self._gone[turn].add(decided.at)
            if decided.at in GOES | {At.WAIT}:
                self._batch_gone.add(_batch(state, state.plan.turns[turn]))
            if decided.at is At.APPROVE:
                assert self._approvals >= state.plan.steps[step].step.options.approvers
        self._asked_for(before, turn, _step(state, turn), answer, decided.at if decided else None)

    def _asked_for(self, before: Look, turn: int, step: str, answer: Answer, at: At | None) -> None:
        """Take note of what may run once more."""
        again: set[Phase] = set()
        if answer is Answer.RETRY_ALL or (answer is Answer.GO and at in GOES):
            again = set(Phase)
        elif answer is Answer.CHECK_AGAIN:
            again = {Phase.CHECK}
        elif answer is Answer.ROLLBACK:
            self._back.add(step)
            again = {Phase.ROLLBACK}
        self._ran = {one for one in self._ran if one[0] != step or one[1] not in again}
        if answer is Answer.RETRY_FAILED:
            hosts = {host for _, host in before.of_gate}
            self._ran = {one for one in self._ran if one[0] != step or one[2] not in hosts}

    def at_rest(self, state: RunState) -> None:
        """Nothing is out: every host is in a state that can be told; who is left out is nowhere awaited."""
        for index, turn in enumerate(state.turns):
            assert not turn.running, f"turn {index} is out, and nothing is"
            assert HostState.RUNNING not in turn.counts()
            assert sum(turn.counts().values()) == len(turn.hosts) == len(state.plan.turns[index].hosts)
            if turn.result is None:
                checks = state.plan.step_of(state.plan.turns[index]).step.check is not None
                unchecked = {name for name, host in turn.hosts.items() if checks and host.unchecked}
                waiting = {*turn.to_run(), *unchecked} & set(state.left_out)
                assert not waiting, f"left out, and awaited in turn {index}: {waiting}"

    def executing(self, state: RunState, move: Execute) -> None:
        """A script may go out now: to these hosts, in this phase, after the words that are due."""
        turn, turn_state = move.turn, state.turns[move.turn.index]
        assert (state.gate, state.verdict, state.result, turn_state.result) == (None, None, None, None)
        assert state.current == turn
        assert len(set(move.hosts)) == len(move.hosts) > 0
        # What reached a host can be taken back there, even if later steps go without it.
        if move.phase is not Phase.ROLLBACK:
            assert not set(move.hosts) & set(state.left_out), "a host that was left out"
        for host in move.hosts:
            assert turn_state.hosts[host].state in MAY_RUN[move.phase]
            assert move.phase is not Phase.ROLLBACK or turn_state.hosts[host].touched
        match move.phase:
            case Phase.ROLLBACK:
                assert _step(state, turn.index) in self._back, "nobody asked for a rollback"
            case Phase.CHECK:
                # Its script may have run under the text before.
                before = all(turn_state.hosts[host].carried for host in move.hosts)
                assert before or turn.index in self._begun
            case Phase.RUN:
                assert turn.step not in self._edited, "the command was edited, and nobody was asked since"
                if turn.index not in self._begun:
                    self._due(state, turn, len(move.hosts))

    def _due(self, state: RunState, turn: Turn, hosts: int) -> None:
        """Assert that whoever had to say go has said it."""
        plan, options = state.plan, state.plan.step_of(turn).step.options
        gone = self._gone[turn.index]
        if turn.index in self._once_more or state.turns[turn.index].past:
            assert At.AGAIN in gone, "it was done before, and nobody was told"
        wide = plan.blast_radius is not None and not options.read_only and hosts > plan.blast_radius
        if options.gate == "approve":
            assert state.digest_of(turn.step) in state.approved
        elif options.gate == "typed" or wide:
            assert At.TYPED in gone, "the number of hosts was not typed"
        if options.wait is not None and turn.batch == 0:
            assert At.WAIT in gone
        asks = options.gate == "go" or (not plan.ours and options.gate != "approve")
        asks |= options.gate is None and not options.read_only and plan.pace == "step"
        # Whoever picks hosts up has asked for what only looks.
        looks = state.turns[turn.index].picked and options.read_only and state.plan.ours
        if turn.batch == 0 and asks and not looks:
            assert gone & GOES, "no go for the step"
        if turn.batch > 0 and not looks and plan.step_of(turn).between != "go":
            assert _batch(state, turn) in self._batch_gone or gone & GOES, "no go for the batch"

    def finishing(self, state: RunState, turn: Turn, result: str) -> None:
        """A turn may be over now: every host came to what its result says."""
        turn_state, step = state.turns[turn.index], state.plan.step_of(turn).step
        assert set(turn_state.counts()) <= ENDS[result], f"{result}: {turn_state.counts()}"
        for host in turn_state.hosts.values():
            if step.check is not None and host.state in (HostState.OK, HostState.WARN):
                assert host.phase is Phase.CHECK, "a check was not run"

    def over(self, state: RunState) -> None:
        """The run is over for a reason that is in its records."""
        if state.result == "go":
            assert None not in _results(state)
            assert not state.left_out or state.end_agreed
            return
        ended = {Answer.NO_GO: "no-go", Answer.ABORT: "aborted"}
        said = [ended.get(one.answer) for one in state.decisions]
        stops = [one for one in state.plan.steps if one.step.options.on_failure == "stop"]
        assert state.result in said or stops


def same_but_unknown(died: RunState, state: RunState) -> None:
    """Assert that a crash changed nothing but hosts whose command was out: these are unknown."""
    now = _hosts(state)
    for one, was in _hosts(died).items():
        assert now[one] is (HostState.UNKNOWN if was is HostState.RUNNING else was), (one, was, now[one])
    assert _results(died) == _results(state)
    assert died.decisions == state.decisions
    assert (died.left_out, died.outages, died.inputs) == (state.left_out, state.outages, state.inputs)


def _step(state: RunState, turn: int) -> str:
    return state.plan.step_of(state.plan.turns[turn]).step.id


def _batch(state: RunState, turn: Turn) -> tuple[str, int]:
    planned = state.plan.step_of(turn)
    return planned.rolling or f"step {turn.step}", turn.batch


def _hosts(state: RunState) -> dict[tuple[int, str], HostState]:
    return {
        (index, name): host.state
        for index, turn in enumerate(state.turns)
        for name, host in turn.hosts.items()
    }


def _results(state: RunState) -> list[str | None]:
    return [turn.result for turn in state.turns]


def _said(state: RunState) -> tuple[int, int, int]:
    return len(state.decisions), len(state.notes), len(state.deviations)
