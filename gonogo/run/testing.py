"""Rounds of the test plan made real: each test goes out, and its results are compared with the baseline."""

from __future__ import annotations

import asyncio
from pathlib import Path

from gonogo.errors import GonogoError
from gonogo.text import clean_line

from .comparing import TOLD, Baseline, compare, outputs, read_baseline, told
from .executing import Executing
from .jobs import Jobs
from .plan import PlannedStep
from .scribe import Scribe
from .signals import Signals
from .trial import Trial

ENDED = "the operator ended it"


class Testing:
    """The rounds of one run. Whatever they come to, the run stays where it is."""

    def __init__(self, run: Path, scribe: Scribe, signals: Signals, jobs: Jobs, executing: Executing) -> None:
        self._run, self._scribe, self._signals = run, scribe, signals
        self._jobs, self._executing, self._state = jobs, executing, scribe.state
        self._baseline: Baseline | None = None
        self._chosen: tuple[Path, int] | None = None
        """The run and round that the baseline at hand is."""

    async def round(self, number: int) -> None:
        """Run the round that was asked for, and write down what it came to."""
        baseline = await self._choose()
        broken = ""
        for test, planned in enumerate(self._state.plan.tests):
            if self._signals.cancelled:
                self._signals.cancelled, broken = False, ENDED
                break
            try:
                trial = await self._test(number, test, planned)
            except GonogoError as error:
                if self._scribe.poison:
                    raise
                broken = clean_line(f"{planned.step.title}: {error.what}")
                break
            await self._result(number, test, planned, trial, baseline)
            if trial.cancelled:
                broken = ENDED
                break
        said = (("against", baseline.name if baseline else ""), ("why", broken))
        self._scribe.record("test.end", round=number, **{key: value for key, value in said if value})
        await self._scribe.commit()

    async def _choose(self) -> Baseline | None:
        """Return what to compare with: the chosen round, another run's, or the first complete one."""
        state, other = self._state, self._state.start.get("baseline")
        own = state.baseline or next((one.number for one in state.rounds if one.complete), 0)
        if other and not state.baseline:
            run = Path(str(other))
            if found := await self._read(run, 0, run.name):
                return found
        return await self._read(self._run, own) if own else None

    async def _read(self, run: Path, number: int, name: str = "") -> Baseline | None:
        if self._chosen != (run, number):
            try:
                found = await asyncio.to_thread(read_baseline, run, number or None, name)
            except (GonogoError, OSError):
                found = None
            self._chosen, self._baseline = (run, number), found
        return self._baseline

    async def _test(self, number: int, test: int, planned: PlannedStep) -> Trial:
        """Send one test to its hosts, but for those that the run goes without or that need it not."""
        step, state = planned.step, self._state
        hosts = tuple(name for name in planned.hosts if name not in state.left_out)
        if step.options.when is not None and hosts:
            without, _ = self._jobs.unneeded(planned, hosts)
            hosts = tuple(name for name in hosts if name not in without)
        baselines = self._jobs.captures.values(step.options.same_as, hosts)
        self._scribe.record("test.start", round=number, test=test, step=step.id, hosts=[])
        trial = Trial(self._run, self._scribe, (number, test), step.id, step.options, hosts, baselines)
        try:
            if hosts:
                await self._executing.send(planned, self._jobs.look(planned, hosts), trial)
        finally:
            trial.close()
        if self._scribe.poison:
            raise self._scribe.poison
        return trial

    async def _result(
        self, number: int, test: int, planned: PlannedStep, trial: Trial, baseline: Baseline | None
    ) -> None:
        """Write down how a test stands to the baseline."""
        name = planned.step.id
        was, then = baseline.tests.get(name, (0, None)) if baseline else (0, None)
        results = {host: trial.results[host] for host in planned.hosts if host in trial.results}
        found = compare(results, then)
        before = after = {}
        if baseline and found.differing:
            hosts = [group[0] for group in found.differing[:TOLD]]
            before = await asyncio.to_thread(outputs, baseline.run, baseline.number, was, hosts)
            after = await asyncio.to_thread(outputs, self._run, number, test, hosts)
        passed = all(one.passed for one in trial.results.values())
        diff = {"diff": line} if (line := told(found, before, after)) else {}
        fields = {"round": number, "test": test, "step": name, "passed": passed}
        self._scribe.record("test.result", **fields, compared=found.compared.value, **diff)
        await self._scribe.commit()
