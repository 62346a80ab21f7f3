"""The run's process at work: makes the runner's moves happen, each on disk before it has an effect."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gonogo.errors import RunError
from gonogo.trail.seal import Sealer
from gonogo.trail.signers import Signers
from gonogo.trail.writer import TrailWriter

from .acts import ACTS, Records, shell_begun
from .approving import Approving
from .asking import Asking
from .executing import Executing, in_terminal
from .jobs import Jobs
from .masking import Secrets
from .monitoring import Monitoring
from .moves import Ask, End, Execute, Finish, Reach, Settle, Test, Wait, Weigh
from .plan import Turn
from .ports import Executor, Lender
from .runner import decide
from .scribe import Scribe
from .sealing import Sealing
from .signals import Signals
from .state import Answer, RunState
from .testing import Testing
from .words import DONE

CLOCK_CHECK = 1.0
"""Seconds between two looks at whether the wall clock was set."""


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
        self._trail = trail
        self._scribe = Scribe(trail, state, Secrets(secrets, become_password))
        self.record, self.record_hosts = self._scribe.record, self._scribe.record_hosts
        self.now = self._scribe.now
        self._signals = Signals()
        self._jobs = Jobs(run, state, self._scribe.secrets)
        self._executing = Executing(run, self._scribe, self._signals, self._jobs, executor_for)
        self._approving = Approving(run.name, state, signers, sealer.key if sealer else None)
        self._asking = Asking(self._scribe, self._signals, self._approving)
        self._testing = Testing(run, self._scribe, self._signals, self._jobs, self._executing)
        self._monitoring = Monitoring(self._scribe, self._jobs, executor_for)
        self._sealing = Sealing(trail, sealer, self._scribe)

    async def drive(self) -> None:
        """Make moves until the run is over or told to stop; raise TrailError when it can't record."""
        clock = asyncio.create_task(self._watch_clock())
        self._sealing.start()
        try:
            while not self.state.result and await self._move():
                pass
            await self._monitoring.stop()
            await self._sealing.close()
        finally:
            clock.cancel()
            await self._monitoring.stop()
            await self._executing.close()

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
        if answer == Answer.GO and (why := self._approving.lacking(gate)):
            raise RunError(why)
        await self._asking.take(gate, answer, by, reason, typed, hosts)
        self._sealing.wanted()
        self._signals.wake()

    async def approve(self, gate: int, signature: str) -> None:
        """Take somebody's signature under the open gate's plan; raise with why it does not count."""
        self.record("gate.approve", gate=gate, **self._approving.take(gate, signature))
        await self._scribe.commit()

    async def act(self, name: str, by: str, **fields: Any) -> None:
        """Do what is no answer (`acts.ACTS`), on disk when this returns; raise RunError with why not."""
        if name not in ACTS:
            raise RunError(f"{name!r} cannot be done")
        script = str(fields.get("script", ""))
        if self._scribe.secrets.hide(script) != script:
            raise RunError("the command holds a secret, and it would be recorded", "Write its $name.")
        await self.write(ACTS[name](self.state, by, **fields))

    async def revise(self, file: str, digest: str, diff: str, sources: list[list[str]], by: str) -> None:
        """Go on with the plan in `file` of the run directory, made from the edited runbook.

        `sources` are the documents it was made of: name in the run directory, path, digest.
        """
        out = self.state.testing is not None or any(turn.running for turn in self.state.turns)
        if out or self.state.result is not None:
            raise RunError("a step or a test is running, or the run is over", "Wait for its end.")
        plan = self.state.load(file) if self.state.load else self.state.plan
        known = len(self.state.turns)
        if hashlib.sha256(plan.dump()).hexdigest() != digest or plan.turns[:known] != self.state.plan.turns:
            raise RunError(f"{file} is not the plan that goes on from this run's")
        fields = {"file": file, "plan": digest, "diff": diff, "sources": sources, "by": by}
        await self.write([("plan.change", fields)])

    async def note(self, text: str, by: str, tag: str = "", link: str = "") -> None:
        """Write a note."""
        turn = self.state.current
        step = self.state.plan.step_of(turn).step.id if turn else ""
        more = {name: value for name, value in (("tag", tag), ("link", link)) if value}
        self.record("note", text=text[:10_000], by=by, step=step, **more)
        await self._scribe.commit()

    def cancel(self, hosts: Sequence[str] = ()) -> None:
        """End what is out on these hosts (none named: on all), or what would go out next."""
        self._executing.cancel(hosts)

    def lent_by(self, lender: Lender) -> None:
        """Borrow the terminal for interactive steps here; called whenever somebody comes to drive."""
        self._executing.lender = lender
        self._signals.wake()

    async def shell(self, host: str, by: str, reason: str) -> tuple[str, ...]:
        """Return the argument vector of a shell on a host; that one opens it is on disk when this returns."""
        terminal = self._executing.shell(host)
        await self.write(shell_begun(self.state, by, host=host, reason=reason))
        return terminal.argv

    async def shell_ended(self, host: str, by: str, code: int | None) -> None:
        """Say that somebody left a shell on a host; None: their connection broke before."""
        await self.write([("shell.end", {"host": host, "by": by, "code": code})])

    def stop(self) -> None:
        """Leave after what is running now, where the run next waits."""
        self._signals.stop()

    async def write(self, records: Records) -> None:
        """Write what an act came to; it is on disk when this returns."""
        for kind, fields in records:
            if kind == "deviation":
                self.record_hosts(kind, **fields)
            else:
                self.record(kind, **fields)
        await self._scribe.commit()
        self._sealing.wanted()
        self._signals.wake()

    async def _move(self) -> bool:
        """Make one move; return whether to go on."""
        self._monitoring.follow()
        move = decide(self.state.plan, self.state)
        match move:
            case End(result):
                await self._monitoring.stop()
                self.record("run.end", result=result)
                await self._scribe.commit()
                return False
            case Finish(turn, result):
                self._finish(turn, result)
            case Reach(hosts):
                await self._executing.reach(hosts)
            case Test(number):
                await self._testing.round(number)
            case Weigh(turn, hosts):
                self._weigh(turn, hosts)
            case Ask():
                self._asking.put(move)
                await self._scribe.commit()
            case Wait(gate):
                self._signals.cancelled = False
                if self._signals.stopping:
                    return await self._leave("nobody is there to answer")
                await self._asking.wait(gate)
            case Settle():
                return await self._settle(move)
            case Execute():
                return await self._execute(move)
        return True

    async def _leave(self, why: str) -> bool:
        self.record("run.pause", why=why)
        await self._scribe.commit()
        return False

    async def _settle(self, settle: Settle) -> bool:
        """Do what the document says about a failure, after its delay."""
        turn, answer, bad = settle.turn, settle.answer, self.state.turns[settle.turn.index].bad()
        if await self._executing.pause(turn, bad, settle.delay):
            self._asking.deviate(turn, answer, settle.reason, "runbook", bad)
            self.record("step.settle", turn=turn.index, answer=answer.value, reason=settle.reason)
        elif self._signals.stopping:
            return await self._leave("stopped between two tries")
        return True

    async def _execute(self, move: Execute) -> bool:
        if in_terminal(self.state.plan.step_of(move.turn), move.phase) and not self._signals.cancelled:
            lender = self._executing.lender.lends() if self._executing.lender else ""
            if not lender:
                return await self._await_terminal()
            if self.state.paused:
                self.record("run.resume", by=lender)
        if await self._executing.pause(move.turn, move.hosts, move.delay):
            await self._executing.execute(move)
        elif self._signals.stopping:
            return await self._leave("stopped between two tries")
        return True

    async def _await_terminal(self) -> bool:
        """Rest until somebody who drives has a terminal to lend."""
        why = "the next step runs in the operator's own terminal: attach from one"
        if self._signals.stopping:
            return await self._leave(why)
        if not self.state.paused:
            # Somebody may come while this is written: look again before waiting.
            self.record("run.pause", why=why)
            await self._scribe.commit()
            return True
        await self._signals.wait()
        return True

    def _weigh(self, turn: Turn, hosts: tuple[str, ...]) -> None:
        """Look at a step's condition, and write down for which hosts it does not hold."""
        false, holds = self._jobs.not_needed(turn, hosts)
        step = self.state.plan.step_of(turn).step
        fields = {"turn": turn.index, "step": step.id, "when": step.options.when, "holds": holds}
        self._scribe.record_hosts("step.when", false, **fields)
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
        if service and last and result in DONE and self.state.outages.get(service, (0, 0))[1] is None:
            self.record("outage.end", service=service, step=planned.step.id)

    async def _watch_clock(self) -> None:
        while not self._trail.poison:
            if jump := self._trail.clock.jump():
                self.record("clock.jump", wall_ms=jump // 1_000_000)
            self._asking.clock_was_set()
            await asyncio.sleep(CLOCK_CHECK)
