"""Scripts made real: a step's script goes out to hosts, and comes back or is ended."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from gonogo.errors import GonogoError, RunError
from gonogo.hosts.here import LOCALHOST
from gonogo.text import clean_line

from .attempt import Attempt
from .hands import Hands
from .jobs import Jobs
from .moves import Execute
from .plan import PlannedStep, Turn
from .ports import Ended, Executor, Exit, Job, Lender, Sink, Target, Terminal
from .reach import Door
from .round import Round
from .scribe import Scribe
from .signals import Signals
from .split import Split
from .words import HostState, Phase

FLUSH = 0.1
"""Seconds between two hand-overs of buffered output to readers."""


def in_terminal(planned: PlannedStep, phase: Phase) -> bool:
    """Return whether a script runs in the operator's own terminal."""
    return planned.step.options.interactive and phase is Phase.RUN


def _why(error: Exception) -> str:
    return error.what if isinstance(error, GonogoError) else clean_line(f"the executor failed: {error!r}")


def _end(terminal: Terminal, code: int) -> Exit:
    if code == terminal.lost:
        return Exit(Ended.LOST, reason=f"exit code {code}: the connection was lost, or never came about")
    if code >= 0:
        return Exit(Ended.EXIT, code)
    return Exit(Ended.SIGNAL, signal=f"signal {-code}", reason=f"ended by signal {-code}")


class Executing:
    """What is out on hosts. Executors are made on first use by `executor_for(name)`."""

    def __init__(
        self, run: Path, scribe: Scribe, signals: Signals, jobs: Jobs, executor_for: Callable[[str], Executor]
    ) -> None:
        self._run, self._scribe, self._signals, self._jobs = run, scribe, signals, jobs
        self._state = scribe.state
        self._hands = Hands(executor_for)
        self._work: asyncio.Task[Any] | None = None
        self._working: Executor | None = None
        self.lender: Lender | None = None

    async def close(self) -> None:
        """Close every connection."""
        await self._hands.close()

    def cancel(self, hosts: Iterable[str] = ()) -> None:
        """End what is out on these hosts; on none named: on all, or what is about to go out."""
        if self._state.testing is not None and not hosts:
            self._end()
            return
        if self._state.gate is not None or self._state.result is not None:
            raise RunError("nothing is out on hosts")
        turn = self._state.current
        running = self._state.turns[turn.index].in_state(HostState.RUNNING) if turn else []
        if other := set(hosts).difference(running):
            raise RunError(f"nothing is out on {', '.join(sorted(other)[:5])}")
        if hosts and self._working is not None:
            for host in hosts:
                self._working.cancel(host)
            return
        self._end()

    def _end(self) -> None:
        """End all that is out, or what is about to go out."""
        self._signals.cancel()
        if self._work is not None:
            self._work.cancel()

    async def pause(self, turn: Turn, hosts: Iterable[str], seconds: float) -> bool:
        """Wait so long after the hosts' last try; return False when there is to be no other.

        That is when it was cancelled, which is written down, or when the run is to leave.
        """
        hosts = list(hosts)
        known = self._state.turns[turn.index].hosts
        until = max((known[host].ended or 0 for host in hosts), default=0) + int(seconds * 1e9)
        if until > self._scribe.now():
            await self._scribe.commit()
        while not self._signals.cancelled and (left := until - self._scribe.now()) > 0:
            if self._signals.stopping:
                return False
            await self._signals.wait(left / 1e9)
        if not self._signals.cancelled:
            return True
        self._signals.cancelled = False
        why = "the operator ended it before it was sent"
        self._scribe.record_hosts("host.cancelled", hosts, turn=turn.index, why=why)
        return False

    async def execute(self, move: Execute) -> None:
        """Send a script to its hosts and return when all are heard of; its plan is on disk before."""
        turn, phase = move.turn, move.phase
        planned = self._state.plan.step_of(turn)
        script = self._jobs.script(turn, phase)
        if script is None:
            raise RunError(f"step {planned.step.id} has no {phase.value} script")
        job = self._jobs.job(turn, phase, script, move.hosts)
        self._plan(turn, planned, phase, job)
        await self._scribe.commit()
        baselines = self._jobs.captures.values(planned.step.options.same_as, move.hosts)
        out = Round(self._run, self._scribe, turn, phase, planned.step.options, move.hosts, baselines)
        try:
            if in_terminal(planned, phase):
                await self._lent(planned, job, out)
            else:
                await self.send(planned, job, out)
        finally:
            out.close()
        if self._scribe.poison:
            raise self._scribe.poison
        self._scribe.record("round.end", turn=turn.index, phase=phase.value)
        await self._scribe.commit()

    def _plan(self, turn: Turn, planned: PlannedStep, phase: Phase, job: Job) -> None:
        service = planned.step.options.outage_begin
        begin, end = self._state.outages.get(service or "", (None, None))
        if service and phase is Phase.RUN and (begin is None or end is not None):
            self._scribe.record("outage.begin", service=service, step=planned.step.id)
        attempt = self._state.turns[turn.index].attempt + 1
        fields = {"turn": turn.index, "step": planned.step.id, "phase": phase.value, "attempt": attempt}
        fields["script"] = hashlib.sha256(job.script.encode("utf-8", "surrogateescape")).hexdigest()
        plan = self._state.digest_of(turn.step)
        self._scribe.record("step.plan", **fields, hosts=len(job.targets), plan=plan)

    async def reach(self, hosts: Sequence[str]) -> None:
        """Log in to hosts and write down, as it is known, who can be reached. Connections are kept."""
        known = self._state.plan.hosts
        job = Job(tuple(Target(name, known[name].connection) for name in hosts), "")
        self._scribe.record("reach.begin", hosts=len(hosts))
        await self._scribe.commit()
        door = Door()
        failed = await self._attend(lambda: Split(self._hands.named), job, door, lambda: self._tell(door))
        if failed:
            door.abandon(hosts, failed)
        self._tell(door)
        self._scribe.record("reach.end")
        await self._scribe.commit()

    def _tell(self, door: Door) -> None:
        for why, names in door.take():
            self._scribe.record_hosts("reach.found", names, why=why)

    async def send(self, planned: PlannedStep, job: Job, out: Attempt) -> None:
        """Run the job, handing output to readers as it comes."""
        failed = await self._attend(lambda: self._hands.of(planned, job), job, out, out.flush)
        out.abandon(failed or "the executor did not say how it ended")

    async def _attend(
        self, executor: Callable[[], Executor], job: Job, sink: Sink, flush: Callable[[], object]
    ) -> str:
        """Run a job, calling `flush` meanwhile; return why it could not be, if so. A cancel ends it early."""
        try:
            self._working = executor()
            self._work = asyncio.create_task(self._working.run(job, sink))
            while not self._work.done():
                await asyncio.wait([self._work], timeout=FLUSH)
                flush()
            await self._work
        except asyncio.CancelledError:
            if self._work is None or not self._work.cancelled():
                raise
        except Exception as error:
            return _why(error)
        finally:
            self._work = self._working = None
            self._signals.cancelled = False
        return ""

    async def _lent(self, planned: PlannedStep, job: Job, out: Round) -> None:
        """Run the job in the operator's terminal, host by host, as long as all goes well."""
        for target in job.targets:
            await out.starting(target.name)
            try:
                terminal = await self._hands.of(planned, job).terminal(replace(job, targets=(target,)))
            except Exception as error:
                out.exited(target.name, Exit(Ended.UNREACHABLE, reason=_why(error)))
                return
            try:
                code = await self._borrow(terminal.argv, f"{planned.step.title} on {target.name}")
            except RunError as error:
                out.forget(target.name, error.what)
                if terminal.drop is not None:
                    with contextlib.suppress(Exception):
                        await terminal.drop()
                return
            end = _end(terminal, code)
            out.exited(target.name, end)
            if end != Exit(Ended.EXIT, 0):
                return

    async def _borrow(self, argv: Sequence[str], title: str) -> int:
        """Run a program in the terminal of whoever drives; raise RunError when its end cannot be known."""
        if self.lender is None:
            raise RunError("nobody lends a terminal")
        self._work = work = asyncio.create_task(self.lender.borrow(argv, title))
        try:
            return await work
        except asyncio.CancelledError:
            if not work.cancelled():
                raise
            raise RunError("cancelled, but it may run still in the operator's terminal") from None
        finally:
            self._work = None
            self._signals.cancelled = False

    def shell(self, host: str) -> Terminal:
        """Return how a shell on a host of the run is opened; raise GonogoError when that can't be."""
        found = self._state.plan.hosts.get(host)
        if found is None and host != LOCALHOST:
            raise RunError(f"{clean_line(host)!r} is no host of this run")
        executor = self._hands.named("local") if host == LOCALHOST else Split(self._hands.named)
        return executor.shell(Target(host, found.connection if found else {}))
