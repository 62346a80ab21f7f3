"""The run's process at work: makes the runner's moves happen and writes each of them down."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from gonogo.errors import ExecutorError, GonogoError, RunError, TrailError
from gonogo.format.model import Script
from gonogo.trail.writer import TrailWriter

from .captures import Captures
from .plan import LOCALHOST, Plan, PlannedStep, Turn
from .ports import Ended, Executor, Exit, Job, Target
from .round import Round
from .runner import Ask, End, Execute, Finish, Settle, Wait, decide, refusal
from .state import Answer, Phase, RunState

FLUSH = 0.1
"""Seconds between two hand-overs of buffered output to readers."""
CLOCK_CHECK = 1.0


class Conductor:
    """Drives one run. Executors are made on first use by `executor_for(name)`."""

    def __init__(
        self,
        run: Path,
        state: RunState,
        trail: TrailWriter,
        executor_for: Callable[[str], Executor],
        secrets: Mapping[str, str],
        become_password: str | None = None,
    ) -> None:
        self.state = state
        self._plan: Plan = state.plan
        self._run, self._trail = run, trail
        self._executor_for = executor_for
        self._executors: dict[str, Executor] = {}
        self._secrets = dict(secrets)
        self._become_password = become_password
        self._captures = Captures(run, state)
        self._answered = asyncio.Event()
        self._stopping = asyncio.Event()
        self._work: asyncio.Task[None] | None = None
        self._gates = sum(1 for _ in state.decisions) + (state.gate is not None)

    async def drive(self) -> None:
        """Make moves until the run is over or told to stop; raise TrailError when it can't record."""
        clock = asyncio.create_task(self._watch_clock())
        try:
            while not self.state.result and await self._move():
                pass
        finally:
            clock.cancel()
            for executor in self._executors.values():
                with contextlib.suppress(Exception):
                    await executor.close()

    def record(self, kind: str, **fields: Any) -> None:
        """Add a record to the trail and fold it in."""
        self.state.apply(self._trail.add(kind, **fields))

    async def answer(self, gate: int, answer: str, by: str, reason: str = "", typed: str = "") -> None:
        """Take an answer; raise RunError with why not. It is on disk when this returns."""
        try:
            given = Answer(answer)
        except ValueError:
            raise RunError(f"{answer!r} is no answer") from None
        if why := refusal(self._plan, self.state, gate, given, typed, reason):
            raise RunError(why)
        self._write_answer(gate, given, by, reason)
        await self._trail.commit()
        self._answered.set()

    async def note(self, text: str, by: str, tag: str = "") -> None:
        """Write a note."""
        turn = self.state.current
        step = self._plan.step_of(turn).step.id if turn else ""
        self.record("note", text=text[:10_000], by=by, step=step, **({"tag": tag} if tag else {}))
        await self._trail.commit()

    def cancel(self) -> None:
        """End what is out on hosts."""
        if self._work is not None:
            self._work.cancel()

    def stop(self) -> None:
        """Leave after what is running now, at the next gate."""
        self._stopping.set()
        self._answered.set()

    async def _move(self) -> bool:
        """Make one move; return whether to go on."""
        move = decide(self._plan, self.state)
        match move:
            case End(result):
                self.record("run.end", result=result)
                await self._trail.commit()
                return False
            case Finish(turn, result):
                self._finish(turn, result)
            case Settle(turn, answer, reason):
                self._deviate(turn, answer, reason, "runbook")
                self.record("step.settle", turn=turn.index, answer=answer.value, reason=reason)
                if answer is Answer.RETRY_FAILED:
                    await asyncio.sleep(self._plan.step_of(turn).step.options.retry_delay)
            case Ask():
                self._ask(move)
                await self._trail.commit()
            case Wait():
                return await self._wait()
            case Execute(turn, phase, hosts):
                await self._execute(turn, phase, hosts)
        return True

    def _ask(self, ask: Ask) -> None:
        self._gates += 1
        fields: dict[str, Any] = {"gate": self._gates, "at": ask.at.value, "turn": ask.turn.index}
        fields |= {"step": self._plan.step_of(ask.turn).step.id, "question": ask.question}
        fields["choices"] = [choice.value for choice in ask.choices]
        if ask.evidence:
            fields["evidence"] = ask.evidence
        if ask.seconds is not None:
            fields["until"] = self._trail.clock.now() + int(ask.seconds * 1e9)
        self.record("gate.ask", **fields)

    async def _wait(self) -> bool:
        """Wait for an answer, or for a wait's end; return False when told to stop."""
        gate = self.state.gate
        if gate is None:
            return True
        if self._stopping.is_set():
            self.record("run.pause", why="nobody is there to answer")
            await self._trail.commit()
            return False
        timeout = None if gate.until is None else max(gate.until - self._trail.clock.now(), 0) / 1e9
        self._answered.clear()
        try:
            await asyncio.wait_for(self._answered.wait(), timeout)
        except TimeoutError:
            self._write_answer(gate.number, Answer.GO, "clock", "the wait is over")
            await self._trail.commit()
        return True

    def _write_answer(self, gate: int, answer: Answer, by: str, reason: str) -> None:
        asked = self.state.gate
        if asked is None:
            return
        turn = self._plan.turns[asked.turn]
        self._deviate(turn, answer, reason, by)
        fields = {"gate": gate, "answer": answer.value, "by": by}
        self.record("gate.answer", **fields, **({"reason": reason} if reason else {}))

    def _deviate(self, turn: Turn, answer: Answer, reason: str, by: str) -> None:
        """Record an answer that departs from the document, with the hosts it is about."""
        if answer not in (Answer.SKIP, Answer.LEAVE_OUT, Answer.BY_HAND):
            return
        turn_state = self.state.turns[turn.index]
        hosts = list(turn_state.hosts) if answer is Answer.SKIP else turn_state.bad()
        step = self._plan.step_of(turn).step.id
        fields = {"turn": turn.index, "step": step, "what": answer.value, "hosts": hosts}
        self.record("deviation", **fields, reason=reason, by=by)

    def _finish(self, turn: Turn, result: str) -> None:
        planned = self._plan.step_of(turn)
        turn_state = self.state.turns[turn.index]
        counts = {state.value: number for state, number in turn_state.counts().items()}
        self.record("step.end", turn=turn.index, step=planned.step.id, result=result, counts=counts)
        last = turn.batch == turn.batches - 1
        service = planned.step.options.outage_end
        if service and last and self.state.outages.get(service, (0, 0))[1] is None:
            self.record("outage.end", service=service, step=planned.step.id)

    async def _execute(self, turn: Turn, phase: Phase, hosts: tuple[str, ...]) -> None:
        planned = self._plan.step_of(turn)
        script = {
            Phase.RUN: planned.step.script,
            Phase.CHECK: planned.step.check,
            Phase.ROLLBACK: planned.step.rollback,
        }[phase]
        if script is None:
            raise RunError(f"step {planned.step.id} has no {phase.value} script")
        job = self._job(planned, script, hosts)
        self._plan_step(turn, planned, phase, job)
        await self._trail.commit()
        baselines = self._captures.values(planned.step.options.same_as, hosts)
        turn_round = Round(
            self._run,
            self._trail,
            self.state,
            turn.index,
            phase,
            planned.step.options,
            self._masked(),
            baselines,
        )
        try:
            await self._out(planned, job, turn_round)
        finally:
            turn_round.close()
        if self._trail.poison:
            raise self._trail.poison
        self.record("round.end", turn=turn.index, phase=phase.value)
        await self._trail.commit()

    def _plan_step(self, turn: Turn, planned: PlannedStep, phase: Phase, job: Job) -> None:
        options = planned.step.options
        if options.outage_begin and options.outage_begin not in self.state.outages:
            self.record("outage.begin", service=options.outage_begin, step=planned.step.id)
        names = [target.name for target in job.targets]
        digest = hashlib.sha256(msgspec.json.encode([job.script, job.language, job.run_as, names]))
        attempt = self.state.turns[turn.index].attempt + 1
        fields = {"turn": turn.index, "step": planned.step.id, "phase": phase.value, "attempt": attempt}
        self.record("step.plan", **fields, hosts=len(names), plan=digest.hexdigest())

    def _job(self, planned: PlannedStep, script: Script, hosts: tuple[str, ...]) -> Job:
        options = planned.step.options
        given = {one.name: one.value or "" for one in self._plan.inputs if not one.secret} | self._secrets
        shared = dict(options.env)
        captured = self._captures.environments(hosts)
        targets = []
        for name in hosts:
            host = self._plan.hosts.get(name)
            own = dict(host.values) if host else {}
            values = {**own, **given, **captured[name], **shared}
            targets.append(Target(name, host.connection if host else {}, values))
        return Job(
            targets=tuple(targets),
            script=script.text,
            language=options.interpreter or script.language,
            run_as=options.run_as,
            cwd=options.cwd,
            timeout=options.timeout,
            connect_timeout=options.connect_timeout,
            parallel=options.parallel,
            become_password=self._become_password,
        )

    async def _out(self, planned: PlannedStep, job: Job, turn_round: Round) -> None:
        """Run the job, handing output to readers as it comes; a cancel ends it early."""
        default = "local" if planned.hosts == (LOCALHOST,) and not planned.step.options.hosts else "ssh"
        try:
            executor = self._executor(planned.step.options.via or default)
        except GonogoError as error:
            for target in job.targets:
                turn_round.exited(target.name, Exit(Ended.UNREACHABLE, reason=error.what))
            return
        self._work = asyncio.create_task(executor.run(job, turn_round))
        try:
            while not self._work.done():
                await asyncio.wait([self._work], timeout=FLUSH)
                turn_round.flush()
            await self._work
        except asyncio.CancelledError:
            if not self._work.cancelled():
                raise
        except (TrailError, ExecutorError) as error:
            if self._trail.poison is None:
                for target in job.targets:
                    turn_round.exited(target.name, Exit(Ended.UNREACHABLE, reason=error.what))
        finally:
            self._work = None

    def _executor(self, name: str) -> Executor:
        if name not in self._executors:
            self._executors[name] = self._executor_for(name)
        return self._executors[name]

    def _masked(self) -> list[str]:
        return [*self._secrets.values(), *([self._become_password] if self._become_password else [])]

    async def _watch_clock(self) -> None:
        while True:
            await asyncio.sleep(CLOCK_CHECK)
            if (jump := self._trail.clock.jump()) and not self._trail.poison:
                self.record("clock.jump", wall_ms=jump // 1_000_000)
