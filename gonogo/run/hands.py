"""Which executor reaches a step's hosts; each is made when it is first needed, and kept."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from gonogo.format.model import SPOKEN
from gonogo.hosts.here import LOCALHOST

from .plan import PlannedStep
from .ports import Executor, Job
from .split import Split


class Hands:
    """Executors made by `executor_for(name)`, with connections of their own."""

    def __init__(self, executor_for: Callable[[str], Executor]) -> None:
        self._executor_for = executor_for
        self._made: dict[str, Executor] = {}

    def of(self, planned: PlannedStep, job: Job) -> Executor:
        """Return what reaches a step's hosts; raise GonogoError when it can't be had."""
        if job.language in SPOKEN:
            return self.named(job.language)
        if planned.step.options.via:
            return self.named(planned.step.options.via)
        if planned.hosts == (LOCALHOST,) and not planned.step.options.hosts:
            return self.named("local")
        return Split(self.named)

    def named(self, name: str) -> Executor:
        """Return an executor by its name; raise GonogoError when it can't be had."""
        if name not in self._made:
            self._made[name] = self._executor_for(name)
        return self._made[name]

    async def close(self) -> None:
        """Close every connection."""
        for executor in self._made.values():
            with contextlib.suppress(Exception):
                await executor.close()
