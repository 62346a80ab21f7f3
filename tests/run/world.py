"""A pretended world for the runner: a trail on a disk that may lose what is not synced, hosts that count.

It makes the runner's moves happen with the same records as the run's process, but without clock, network or
files. Everything by chance comes through `pick`, so that a search can shrink it.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from gonogo.errors import RunError
from gonogo.format.model import Script, Step
from gonogo.run.acts import ACTS
from gonogo.run.judge import judge
from gonogo.run.monitors import level_of
from gonogo.run.plan import Plan
from gonogo.run.ports import Ended, Exit
from gonogo.run.runner import (
    Ask,
    End,
    Execute,
    Finish,
    Move,
    Reach,
    Settle,
    Test,
    Wait,
    Weigh,
    decide,
    refusal,
)
from gonogo.run.state import BAD, Answer, At, HostState, Phase, Record, RunState
from tests.run.oracle import Oracle, same_but_unknown

T = TypeVar("T")
Pick = Callable[[Sequence[T]], T]
SECOND = 10**9
DEVIATIONS = (Answer.SKIP, Answer.LEAVE_OUT, Answer.BY_HAND)


class World:
    """One run: its records as bytes on a disk, their fold, the script that is out, what hosts really ran."""

    def __init__(self, plan: Plan, *, reach: bool = False) -> None:
        self.plans = {"plan.json": plan}
        self.oracle = Oracle()
        self.lines: list[str] = []
        self.synced = 0
        self.now = self.gates = 0
        self.job: Execute | None = None
        self.waiting: list[str] = []
        """Hosts of the job that nothing was sent to."""
        self.running: list[str] = []
        self.ran: Counter[tuple[int, Phase, str]] = Counter()
        """The hosts' own account of what ran on them."""
        self.looks: dict[int, RunState] = {}
        """What somebody saw after so many records."""
        self.state = RunState.of(plan, self.plans.__getitem__)
        self.add("run.start", v=1, run="r", by="me", reach=reach)
        self.sync()

    def add(self, kind: str, **fields: Any) -> None:
        """Write a record, fold it, and have the fold watched."""
        self.now += 1
        record = {"n": len(self.lines), "t": "2026-01-01T00:00:00.000000Z", "m": self.now, "k": kind}
        self.lines.append(json.dumps(record | fields))
        self._apply(json.loads(self.lines[-1]))

    def _apply(self, record: Record) -> None:
        before = self.oracle.look(self.state, record)
        self.state.apply(record)
        self.oracle.watch(before, self.state, record)

    def sync(self) -> None:
        """Have everything on the disk."""
        self.synced = len(self.lines)

    def fold(self, count: int | None = None) -> RunState:
        """Fold the first records, or all, from scratch."""
        state = RunState.of(self.plans["plan.json"], self.plans.__getitem__)
        for line in self.lines[:count]:
            state.apply(json.loads(line))
        return state

    def look(self) -> None:
        """Keep what is known now, for comparison with what is read later."""
        self.looks[len(self.lines)] = copy.deepcopy(self.state)

    def next(self) -> Move:
        """Return the runner's next move."""
        self.oracle.at_rest(self.state)
        return decide(self.state.plan, self.state)

    def move(self, pick: Pick[Any]) -> Move:
        """Make one move; a script goes out, and its hosts are then heard of by `hear`."""
        move = self.next()
        match move:
            case Ask():
                self._ask(move)
            case Execute():
                self._send(move)
            case Reach(hosts):
                self.add("reach.begin", hosts=len(hosts))
                for host in hosts:
                    self.add("reach.found", hosts=[host], why=pick(("", "", "refused")))
                self.add("reach.end")
            case Test(number):
                self._test(number, pick)
            case Finish(turn, result):
                self.oracle.finishing(self.state, turn, result)
                self.add("step.end", turn=turn.index, step="", result=result, counts={})
            case Settle(turn, answer, reason, delay):
                self._settle(
                    turn.index, answer, reason, delay, cancelled=bool(delay) and pick((False,) * 4 + (True,))
                )
            case Weigh(turn, hosts):
                false = [host for host in hosts if pick((False, True))]
                holds = len(false) < len(hosts) if hosts else pick((True, False))
                self.add("step.when", turn=turn.index, step="", when="", hosts=false, holds=holds)
                if not holds and not hosts:
                    self.add("step.end", turn=turn.index, step="", result="not-needed", counts={})
            case End(result):
                self.add("run.end", result=result)
                self.sync()
        return move

    def _test(self, number: int, pick: Pick[Any]) -> None:
        """Run the round's next test, or end the round; the run itself stays where it is."""
        state = self.state
        before = copy.deepcopy((state.turns, state.gate, state.decisions))
        testing = state.testing
        assert testing is not None
        done = len(testing.results)
        if done < len(state.plan.tests) and pick((True, True, True, False)):
            planned = state.plan.tests[done]
            fields = {"round": number, "test": done, "step": planned.step.id}
            self.add("test.start", **fields, hosts=list(planned.hosts))
            states = {host: pick(("ok", "failed", "lost")) for host in planned.hosts}
            for host, came_to in states.items():
                self.add("test.exit", **fields, host=host, state=came_to, how="exit", stdout="")
            passed = set(states.values()) == {"ok"}
            compared = pick(("same", "differs", "mended"))
            self.add("test.result", **fields, passed=passed, compared=compared)
        else:
            broken = {"why": "cancelled"} if done < len(state.plan.tests) else {}
            self.add("test.end", round=number, **broken)
        self.sync()
        assert before == (state.turns, state.gate, state.decisions), "a test moved the run"

    def sample(self, value: int | None) -> None:
        """Have a monitor look once, whatever else is going on."""
        for one in self.state.plan.monitors:
            level = "failing" if value is None else level_of(value, one.monitor.limits).value
            said = {} if value is None else {"value": str(value)}
            self.add("monitor.sample", monitor=one.name, level=level, **said)
            series = self.state.monitors[one.name]
            if (crossed := series.crossing()) is not None:
                self.add("monitor.change", monitor=one.name, level=crossed.value, was=series.level.value)

    def _ask(self, ask: Ask) -> None:
        self.gates += 1
        fields: dict[str, Any] = {"gate": self.gates, "at": ask.at.value, "turn": ask.turn.index}
        fields |= {"question": ask.question, "choices": [one.value for one in ask.choices]}
        fields |= {"evidence": ask.evidence, "of": [one.value for one in ask.of]}
        if ask.seconds is not None:
            fields["until"] = self.now + int(ask.seconds * SECOND)
        self.add("gate.ask", **fields)
        self.sync()

    def _settle(self, turn: int, answer: Answer, reason: str, delay: float, *, cancelled: bool) -> None:
        self.now += int(delay * SECOND)
        bad = self.state.turns[turn].bad()
        if cancelled:
            self.add("host.cancelled", turn=turn, hosts=bad, why="ended")
            return
        self._deviate(turn, answer, bad, reason)
        self.add("step.settle", turn=turn, answer=answer.value, reason=reason)

    def _deviate(self, turn: int, answer: Answer, hosts: list[str], reason: str) -> None:
        if answer in DEVIATIONS:
            self.add("deviation", turn=turn, step="", what=answer.value, hosts=hosts, reason=reason, by="me")

    def _send(self, move: Execute) -> None:
        self.now += int(move.delay * SECOND)
        turn = move.turn.index
        self.oracle.executing(self.state, move)
        attempt = self.state.turns[turn].attempt + 1
        self.add("step.plan", turn=turn, phase=move.phase.value, attempt=attempt, hosts=len(move.hosts))
        self.sync()
        self.job, self.waiting, self.running = move, list(move.hosts), []

    def hear(self, pick: Pick[Any]) -> None:
        """Have one thing happen on the hosts of the script that is out."""
        assert self.job is not None
        if self.waiting and (not self.running or pick((True, False))):
            self._begin(pick)
        elif self.running:
            host = pick(self.running)
            self._exited(host, pick(self._ends()))
        if not self.waiting and not self.running:
            self.add("round.end", turn=self.job.turn.index, phase=self.job.phase.value)
            self.sync()
            self.job = None

    def cancel(self) -> None:
        """Have the operator end what is out."""
        for host in [*self.waiting, *self.running]:
            self._exited(host, Exit(Ended.CANCELLED))
        self.hear(lambda options: options[0])

    def _begin(self, pick: Pick[Any]) -> None:
        assert self.job is not None
        host = pick(self.waiting)
        if self._held():
            self._exited(host, Exit(Ended.HELD))
            return
        if pick((False,) * 9 + (True,)):
            self._exited(host, Exit(Ended.UNREACHABLE))
            return
        group = self.waiting[: pick(range(1, len(self.waiting) + 1))]
        self._about("host.start", hosts=group)
        self.sync()
        for name in group:
            self.waiting.remove(name)
            self.running.append(name)
            self.ran[self.job.turn.index, self.job.phase, name] += 1

    def _held(self) -> bool:
        """Tell whether more hosts of the batch have failed than may, so that no other one begins."""
        assert self.job is not None
        turn, limit = self.state.turns[self.job.turn.index], self._step().options.max_failures
        if self.job.phase is not Phase.RUN or limit is None:
            return False
        share = limit.endswith("%")
        allowed = len(turn.hosts) * int(limit[:-1]) // 100 if share else int(limit)
        failed = len([name for name in self.job.hosts if turn.hosts[name].state in BAD])
        return failed + min(len(turn.in_state(HostState.LEFT_OUT)), allowed) > allowed

    def _ends(self) -> list[Exit]:
        codes = [0, 0, 0, 1, *(code for code, _ in self._step().options.exit_map)]
        return [*(Exit(Ended.EXIT, code) for code in codes), Exit(Ended.LOST), Exit(Ended.TIMEOUT)]

    def _exited(self, host: str, end: Exit) -> None:
        assert self.job is not None
        state, why = judge(self._step().options, self.job.phase, end, b"", None)
        self._about("host.exit", host=host, state=state.value, how=end.how.value, why=why)
        (self.running if host in self.running else self.waiting).remove(host)

    def _about(self, kind: str, **fields: Any) -> None:
        assert self.job is not None
        turn = self.job.turn.index
        attempt = self.state.turns[turn].attempt
        self.add(kind, turn=turn, phase=self.job.phase.value, attempt=attempt, **fields)

    def _step(self) -> Step:
        assert self.job is not None
        return self.state.plan.step_of(self.job.turn).step

    def answer(self, answer: Answer, hosts: list[str] | None = None) -> str:
        """Answer the open gate; return why it cannot be taken, or an empty string."""
        gate = self.state.gate
        assert gate is not None
        turn = self.state.turns[gate.turn]
        typed = str(gate.evidence["number"]) if gate.at is At.TYPED else "value"
        if why := refusal(self.state.plan, self.state, gate.number, answer, typed, "why", hosts):
            return why
        about = list(turn.hosts) if answer is Answer.SKIP else gate.meant(turn, hosts)
        about = self.state.unreached() if gate.at is At.START else about
        self._deviate(gate.turn, answer, about, "why")
        fields: dict[str, Any] = {} if hosts is None else {"hosts": hosts}
        if gate.at is At.INPUT and answer is Answer.GO:
            fields["value"] = typed
        self.add("gate.answer", gate=gate.number, answer=answer.value, by="me", reason="why", **fields)
        self.sync()
        return ""

    def approve(self) -> None:
        """Have another person sign the open gate's plan."""
        assert self.state.gate is not None
        by = f"person{len(self.state.approvals)}"
        self.add("gate.approve", gate=self.state.gate.number, by=by, key="", sig="")
        self.sync()

    def pass_time(self) -> None:
        """Let a gate's time run out."""
        gate = self.state.gate
        assert gate is not None
        self.now = max(self.now, gate.until or 0)
        if gate.at is At.WAIT:
            self.add("gate.answer", gate=gate.number, answer="go", by="clock", reason="the wait is over")
        else:
            self.add("gate.expired", gate=gate.number)
        self.sync()

    def act(self, name: str, **fields: Any) -> bool:
        """Do what is no answer; return whether it could be done."""
        try:
            records = ACTS[name](self.state, "me", **fields)
        except RunError:
            return False
        for kind, said in records:
            self.add(kind, **said)
        self.sync()
        return True

    def revise(self, plan: Plan) -> None:
        """Go on with the plan of an edited runbook."""
        file = f"plan-{len(self.plans)}.json"
        self.plans[file] = Plan.parse(plan.dump())
        self.add("plan.change", file=file, plan="", diff="", by="me")
        self.sync()

    def crash(self, kept: int) -> None:
        """Lose the process and what the disk did not have; go on with the first `kept` records."""
        lost = len(self.lines) - kept
        at_rest, died = self.job is None, self.state
        self.lines = self.lines[:kept]
        self.looks = {count: seen for count, seen in self.looks.items() if count <= kept}
        self.state, self.oracle = self.fold(0), Oracle()
        for line in self.lines:
            self._apply(json.loads(line))
        if at_rest and not lost:
            assert self.state == died, "what is read is not what was known"
            assert decide(self.state.plan, self.state) == decide(died.plan, died)
        self.job, self.waiting, self.running = None, [], []
        self._resume()
        if lost == 0 and not at_rest:
            same_but_unknown(died, self.state)
        self.gates = sum('"k": "gate.ask"' in line for line in self.lines)

    def _resume(self) -> None:
        self.add("run.resume", by="me")
        if self.state.testing is not None:
            self.add("test.end", round=self.state.testing.number, why="the process died")
        for index, turn in enumerate(self.state.turns):
            if turn.running:
                hosts = turn.in_state(HostState.RUNNING)
                self.add("host.unknown", turn=index, hosts=hosts, why="the process died")
        self.sync()

    def waits(self) -> bool:
        """Whether only an answer moves the run."""
        return self.job is None and isinstance(decide(self.state.plan, self.state), Wait)


def edited(step: Step) -> Script:
    """Return a script that differs from a step's own."""
    return Script(f"{step.script.text} again" if step.script else "again")
