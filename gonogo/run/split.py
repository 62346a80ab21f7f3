"""Hosts that are this machine (`ansible_connection=local`) among hosts that are reached by SSH."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from msgspec.structs import replace

from .ports import Executor, Job, Sink, Target, Terminal


def is_local(connection: Mapping[str, str]) -> bool:
    """Return whether an inventory says that a host is this machine."""
    return connection.get("ansible_connection") == "local"


class Split:
    """Sends each target of a job its way: to the executor `local` or `ssh`, as `named` gives them.

    A job with `parallel` has its local hosts done first, so that never more are out than it allows.
    """

    def __init__(self, named: Callable[[str], Executor]) -> None:
        self._named = named
        self._out: dict[str, Executor] = {}

    async def run(self, job: Job, sink: Sink) -> None:
        """Run both parts of the job; an error of one ends the other and is raised as it is."""
        parts = [(executor, part) for name in ("local", "ssh") for executor, part in self._part(job, name)]
        self._out = {target.name: executor for executor, part in parts for target in part.targets}
        if job.parallel:
            for executor, part in parts:
                await executor.run(part, sink)
            return
        try:
            async with asyncio.TaskGroup() as group:
                for executor, part in parts:
                    group.create_task(executor.run(part, sink))
        except* Exception as errors:
            raise errors.exceptions[0] from None

    def _part(self, job: Job, name: str) -> list[tuple[Executor, Job]]:
        wanted = name == "local"
        targets = tuple(target for target in job.targets if is_local(target.connection) is wanted)
        return [(self._named(name), replace(job, targets=targets))] if targets else []

    def _of(self, target: Target) -> Executor:
        return self._named("local" if is_local(target.connection) else "ssh")

    async def terminal(self, job: Job) -> Terminal:
        """Ask the executor of the job's only target."""
        return await self._of(job.targets[0]).terminal(job)

    def shell(self, target: Target) -> Terminal:
        """Ask the target's executor."""
        return self._of(target).shell(target)

    def cancel(self, host: str) -> None:
        """End what is out on this host."""
        if host in self._out:
            self._out[host].cancel(host)

    async def close(self) -> None:
        """Leave that to whoever keeps the executors."""
