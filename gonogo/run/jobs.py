"""A step's script, hosts and values become a job for an executor."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import replace

from gonogo.format.condition import parse
from gonogo.format.model import Script
from gonogo.hosts.here import LOCALHOST

from .captures import Captures
from .masking import Secrets
from .plan import PlannedHost, PlannedStep, Turn
from .ports import Job, Target
from .rundata import RunData
from .runner import seconds_left
from .words import Phase


class Jobs:
    """Makes the jobs of one run."""

    def __init__(self, run: Path, state: RunData, secrets: Secrets) -> None:
        self._state, self._secrets = state, secrets
        self.captures = Captures(run, state)

    def script(self, turn: Turn, phase: Phase) -> Script | None:
        """Return the script of a phase as it will run."""
        step = self._state.plan.step_of(turn).step
        match phase:
            case Phase.CHECK:
                return step.check
            case Phase.ROLLBACK:
                return step.rollback
        return step.script and replace(step.script, text=self._state.script_of(turn.step))

    def job(self, turn: Turn, phase: Phase, script: Script, hosts: tuple[str, ...]) -> Job:
        """Return the job of running a script on hosts now."""
        planned = self._state.plan.step_of(turn)
        job = self._job(planned, script, hosts, self.values(planned, hosts), self._limit(turn, phase, script))
        again = phase is not Phase.RUN or planned.step.check is not None or planned.step.options.until
        return job if again else replace(job, last=self._state.plan.is_last(turn))

    def look(
        self, planned: PlannedStep, hosts: tuple[str, ...] | None = None, *, captures: bool = True
    ) -> Job:
        """Return the job of running a monitor's or test's script once, on all its hosts or on these."""
        hosts = planned.hosts if hosts is None else hosts
        values = self.values(planned, hosts, captures=captures)
        script = planned.step.script or Script("")
        job = self._job(planned, script, hosts, values, planned.step.options.timeout)
        return replace(job, connect_timeout=job.connect_timeout or job.timeout)

    def _job(
        self,
        planned: PlannedStep,
        script: Script,
        hosts: tuple[str, ...],
        values: Mapping[str, Mapping[str, str]],
        timeout: float | None,
    ) -> Job:
        options = planned.step.options
        targets = tuple(Target(name, self._host(name).connection, values[name]) for name in hosts)
        return Job(
            targets=targets,
            script=script.text,
            language=options.interpreter or script.language,
            run_as=options.run_as,
            cwd=options.cwd,
            timeout=timeout,
            connect_timeout=options.connect_timeout,
            parallel=options.parallel,
            become_password=self._secrets.become_password,
        )

    def values(
        self, planned: PlannedStep, hosts: tuple[str, ...], *, captures: bool = True
    ) -> dict[str, dict[str, str]]:
        """Return each host's values: its own, then inputs and secrets, captures, and the step's `env`."""
        plan = self._state.plan
        given = {one.name: one.value for one in plan.inputs if one.value is not None}
        given |= {name: value for name, value in self._state.inputs.items() if value is not None}
        given |= self._secrets.values
        captured = self.captures.environments(hosts) if captures else {}
        shared = dict(planned.step.options.env)
        return {
            name: {**self._host(name).values, **given, **captured.get(name, {}), **shared} for name in hosts
        }

    def not_needed(self, turn: Turn, hosts: tuple[str, ...]) -> tuple[list[str], bool]:
        """Return the hosts for which the step's `when` does not hold, and whether it holds for any."""
        return self.unneeded(self._state.plan.step_of(turn), hosts)

    def unneeded(self, planned: PlannedStep, hosts: tuple[str, ...]) -> tuple[list[str], bool]:
        """Return the same for a step that has no turn."""
        condition = parse(planned.step.options.when or "")
        asked = hosts or (LOCALHOST,)
        values = self.values(planned, asked)
        false = [name for name in asked if not condition.holds(values[name])]
        return ([] if not hosts else false), len(false) < len(asked)

    def _host(self, name: str) -> PlannedHost:
        return self._state.plan.hosts.get(name) or PlannedHost()

    def _limit(self, turn: Turn, phase: Phase, script: Script) -> float | None:
        """Return how long one try may take: what is left, where tries are repeated to a deadline."""
        options, turn_state = self._state.plan.step_of(turn).step.options, self._state.turns[turn.index]
        limit = script.timeout if script.timeout is not None else options.timeout
        since = None
        if phase is Phase.RUN and options.until:
            since = turn_state.since
        elif phase is Phase.CHECK and script.every is not None:
            since = turn_state.check_since
        left = seconds_left(since, limit, self._state.now)
        return limit if math.isinf(left) else max(left, 1.0)
