"""The run's process at work: makes the runner's moves happen and writes each of them down."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from gonogo.errors import ExecutorError, GonogoError, RunError, TrailError
from gonogo.format.moment import moment
from gonogo.trail.seal import Sealer
from gonogo.trail.signers import Signers
from gonogo.trail.writer import TrailWriter

from .acts import ACTS, Records
from .approving import Approving
from .jobs import Jobs
from .plan import LOCALHOST, PlannedStep, Turn
from .ports import Ended, Executor, Exit, Job
from .round import Round
from .runner import Ask, End, Execute, Finish, Settle, Wait, Weigh, decide, refusal
from .sealing import Sealing
from .state import Answer, At, HostState, Phase, RunState

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
        sealer: Sealer | None = None,
        signers: Signers | None = None,
    ) -> None:
        self.state = state
        self._run, self._trail = run, trail
        self._executor_for = executor_for
        self._executors: dict[str, Executor] = {}
        self._jobs = Jobs(run, state, secrets, become_password)
        self._sealing = Sealing(trail, sealer, self.record)
        self._approving = Approving(run.name, state, signers, sealer.key if sealer else None)
        self._answered = asyncio.Event()
        self._cancelled = asyncio.Event()
        self._stopping = asyncio.Event()
        self._work: asyncio.Task[None] | None = None
        self._gates = sum(1 for _ in state.decisions) + (state.gate is not None)

    async def drive(self) -> None:
        """Make moves until the run is over or told to stop; raise TrailError when it can't record."""
        clock = asyncio.create_task(self._watch_clock())
        self._sealing.start()
        try:
            while not self.state.result and await self._move():
                pass
            await self._sealing.close()
        finally:
            clock.cancel()
            for executor in self._executors.values():
                with contextlib.suppress(Exception):
                    await executor.close()

    def record(self, kind: str, **fields: Any) -> None:
        """Add a record to the trail and fold it in."""
        self.state.apply(self._trail.add(kind, **fields))

    async def answer(
        self,
        gate: int,
        answer: str,
        by: str,
        reason: str = "",
        typed: str = "",
        hosts: list[str] | None = None,
    ) -> None:
        """Take an answer; raise RunError with why not. It is on disk when this returns.

        `hosts` narrows an answer at a failure to some of its hosts; `typed` is a count or an input's value.
        """
        try:
            given = Answer(answer)
        except ValueError:
            raise RunError(f"{answer!r} is no answer") from None
        if why := refusal(self.state.plan, self.state, gate, given, typed, reason, hosts):
            raise RunError(why)
        self._write_answer(gate, given, by, reason, typed, hosts)
        await self._trail.commit()
        self._sealing.wanted()
        self._answered.set()

    async def approve(self, gate: int, signature: str) -> None:
        """Take somebody's signature under the open gate's plan; raise with why it does not count."""
        self.record("gate.approve", gate=gate, **self._approving.take(gate, signature))
        await self._trail.commit()

    async def act(self, name: str, by: str, **fields: Any) -> None:
        """Do what is no answer (`acts.ACTS`); raise RunError with why not. It is on disk when this returns."""
        if name not in ACTS:
            raise RunError(f"{name!r} cannot be done")
        if name == "edit" and any(secret in str(fields.get("script")) for secret in self._jobs.masked()):
            raise RunError("the command holds a secret, and it would be recorded", "Write its $name.")
        await self.write(ACTS[name](self.state, by, **fields))

    async def revise(self, file: str, digest: str, diff: str, sources: list[list[str]], by: str) -> None:
        """Go on with the plan in `file` of the run directory, made from the edited runbook.

        `sources` are the documents it was made of: name in the run directory, path, digest.
        """
        if any(turn.running for turn in self.state.turns) or self.state.result is not None:
            raise RunError("a step is running", "Wait for its end.")
        fields = {"file": file, "plan": digest, "diff": diff, "sources": sources, "by": by}
        await self.write([("plan.change", fields)])

    async def note(self, text: str, by: str, tag: str = "", link: str = "") -> None:
        """Write a note."""
        turn = self.state.current
        step = self.state.plan.step_of(turn).step.id if turn else ""
        more = {name: value for name, value in (("tag", tag), ("link", link)) if value}
        self.record("note", text=text[:10_000], by=by, step=step, **more)
        await self._trail.commit()

    def cancel(self) -> None:
        """End what is out on hosts, or what is about to be tried once more."""
        self._cancelled.set()
        if self._work is not None:
            self._work.cancel()

    def stop(self) -> None:
        """Leave after what is running now, at the next gate."""
        self._stopping.set()
        self._answered.set()

    async def write(self, records: Records) -> None:
        """Write what an act came to; it is on disk when this returns."""
        for kind, fields in records:
            self.record(kind, **fields)
        await self._trail.commit()
        self._sealing.wanted()
        self._answered.set()

    async def _move(self) -> bool:
        """Make one move; return whether to go on."""
        move = decide(self.state.plan, self.state)
        match move:
            case End(result):
                self.record("run.end", result=result)
                await self._trail.commit()
                return False
            case Finish(turn, result):
                self._finish(turn, result)
            case Settle(turn):
                await self._settle(move)
            case Weigh(turn, hosts):
                self._weigh(turn, hosts)
            case Ask():
                self._ask(move)
                await self._trail.commit()
            case Wait():
                return await self._wait()
            case Execute(turn, phase, hosts):
                if await self._pause(turn, hosts, move.delay):
                    await self._execute(turn, phase, hosts)
        return True

    def _ask(self, ask: Ask) -> None:
        self._gates += 1
        fields: dict[str, Any] = {"gate": self._gates, "at": ask.at.value, "turn": ask.turn.index}
        fields |= {"step": self.state.plan.step_of(ask.turn).step.id, "question": ask.question}
        fields["choices"] = [choice.value for choice in ask.choices]
        evidence, seconds = ask.evidence, ask.seconds
        if ask.until is not None:
            now = datetime.now().astimezone()
            seconds = max(seconds or 0.0, (moment(ask.until, now) - now).total_seconds())
        if ask.at is At.APPROVE:
            seconds = self._approving.HOLDS
            evidence = {**evidence, **self._approving.evidence()}
        if evidence:
            fields["evidence"] = evidence
        if seconds is not None:
            fields["until"] = self._trail.clock.now() + int(max(seconds, 0.0) * 1e9)
        if ask.of:
            fields["of"] = [one.value for one in ask.of]
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
            if gate.at is At.WAIT:
                self._write_answer(gate.number, Answer.GO, "clock", "the wait is over")
            else:
                # Signatures hold until their expiry: what is signed from now on is a new question.
                self.record("gate.expired", gate=gate.number)
            await self._trail.commit()
        return True

    def _write_answer(
        self,
        gate: int,
        answer: Answer,
        by: str,
        reason: str,
        typed: str = "",
        hosts: list[str] | None = None,
    ) -> None:
        asked = self.state.gate
        if asked is None:
            return
        turn = self.state.plan.turns[asked.turn]
        meant = asked.meant(self.state.turns[asked.turn], hosts)
        self._deviate(turn, answer, reason, by, meant)
        fields: dict[str, Any] = {"gate": gate, "answer": answer.value, "by": by}
        if reason:
            fields["reason"] = reason
        if hosts is not None:
            fields["hosts"] = hosts
        if asked.at is At.INPUT and answer is Answer.GO:
            if asked.evidence["secret"]:
                self._jobs.secrets[asked.evidence["input"]] = typed
            fields["value"] = None if asked.evidence["secret"] else typed
        self.record("gate.answer", **fields)

    def _deviate(self, turn: Turn, answer: Answer, reason: str, by: str, meant: list[str]) -> None:
        """Record an answer that departs from the document, with the hosts it is about."""
        if answer not in (Answer.SKIP, Answer.LEAVE_OUT, Answer.BY_HAND):
            return
        turn_state = self.state.turns[turn.index]
        hosts = list(turn_state.hosts) if answer is Answer.SKIP else meant
        step = self.state.plan.step_of(turn).step.id
        fields = {"turn": turn.index, "step": step, "what": answer.value, "hosts": hosts}
        self.record("deviation", **fields, reason=reason, by=by)

    async def _settle(self, settle: Settle) -> None:
        """Do what the document says about a failure, after its delay."""
        turn, answer = settle.turn, settle.answer
        turn_state = self.state.turns[turn.index]
        if not await self._pause(turn, tuple(turn_state.bad()), settle.delay):
            return
        self._deviate(turn, answer, settle.reason, "runbook", turn_state.bad())
        self.record("step.settle", turn=turn.index, answer=answer.value, reason=settle.reason)

    async def _pause(self, turn: Turn, hosts: tuple[str, ...], seconds: float) -> bool:
        """Wait before another try; return False when the operator ended the trying."""
        self._cancelled.clear()
        if seconds <= 0:
            return True
        await self._trail.commit()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._cancelled.wait(), seconds)
        if not self._cancelled.is_set():
            return True
        why = "the operator ended the repetition"
        self.record("host.cancelled", turn=turn.index, hosts=list(hosts), why=why)
        return False

    def _weigh(self, turn: Turn, hosts: tuple[str, ...]) -> None:
        false, holds = self._jobs.not_needed(turn, hosts)
        step = self.state.plan.step_of(turn).step
        self.record(
            "step.when", turn=turn.index, step=step.id, when=step.options.when, hosts=false, holds=holds
        )
        if not holds and not hosts:
            self._finish(turn, "not-needed")

    def _finish(self, turn: Turn, result: str) -> None:
        planned = self.state.plan.step_of(turn)
        turn_state = self.state.turns[turn.index]
        counts = {state.value: number for state, number in turn_state.counts().items()}
        self.record("step.end", turn=turn.index, step=planned.step.id, result=result, counts=counts)
        self._sealing.wanted()
        last = turn.batch == turn.batches - 1
        service = planned.step.options.outage_end
        if service and last and self.state.outages.get(service, (0, 0))[1] is None:
            self.record("outage.end", service=service, step=planned.step.id)

    async def _execute(self, turn: Turn, phase: Phase, hosts: tuple[str, ...]) -> None:
        planned = self.state.plan.step_of(turn)
        script = self._jobs.script(turn, phase)
        if script is None:
            raise RunError(f"step {planned.step.id} has no {phase.value} script")
        job = self._jobs.job(turn, phase, script, hosts)
        self._plan_step(turn, planned, phase, job)
        await self._trail.commit()
        baselines = self._jobs.captures.values(planned.step.options.same_as, hosts)
        turn_round = Round(
            self._run,
            self._trail,
            self.state,
            turn,
            phase,
            planned.step.options,
            self._jobs.masked(),
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
        attempt = self.state.turns[turn.index].attempt + 1
        fields = {"turn": turn.index, "step": planned.step.id, "phase": phase.value, "attempt": attempt}
        fields["script"] = hashlib.sha256(job.script.encode()).hexdigest()
        plan = self.state.plan.digest_of(turn.step, self.state.script_of(turn.step))
        self.record("step.plan", **fields, hosts=len(job.targets), plan=plan)

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

    async def _watch_clock(self) -> None:
        while True:
            await asyncio.sleep(CLOCK_CHECK)
            if (jump := self._trail.clock.jump()) and not self._trail.poison:
                self.record("clock.jump", wall_ms=jump // 1_000_000)
