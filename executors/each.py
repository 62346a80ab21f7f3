"""Doing one thing for each target of a job: bounded, ended together, every target reported once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from gonogo.run.ports import Ended, Exit, Held, Job, Sink, Target
from gonogo.text import clean_line

_UNSENT = Exit(Ended.CANCELLED, reason="cancelled before anything was sent")
One = Callable[[Target], Awaitable[Exit]]
Turn = Callable[[Target], Awaitable[object]]


async def _at_once(target: Target) -> None:
    """Nothing is in a target's way."""


class Each:
    """The jobs that one executor has out, so that each target can be ended alone."""

    def __init__(self) -> None:
        self._out: list[_Batch] = []

    def cancel(self, host: str) -> None:
        """End what is done for this target; nothing happens when that is over."""
        for batch in self._out:
            batch.cancel(host)

    async def run(self, job: Job, sink: Sink, one: One, turn: Turn = _at_once) -> None:
        """Report `one(target)` for every target, `job.parallel` at once, each begun when `turn` returns.

        An error (the trail cannot be written) ends all others and is raised as it is. When `one` is
        cancelled, the text of its CancelledError becomes the reason.
        """
        batch = _Batch(job, sink, one)
        self._out.append(batch)
        try:
            await batch.run(turn)
        except* Exception as errors:
            raise errors.exceptions[0] from None
        finally:
            self._out.remove(batch)
            batch.forget()


class _Batch:
    """One job. A target that waits has no task: that would be 5 KB, mostly calls waiting for each other."""

    def __init__(self, job: Job, sink: Sink, one: One) -> None:
        self._sink, self._one = sink, one
        self._queued = {target.name: target for target in job.targets}
        if len(self._queued) < len(job.targets):
            raise ValueError("a job names a host twice")
        self._out: dict[str, asyncio.Task[None]] = {}
        self._free = asyncio.Semaphore(job.parallel or len(self._queued) or 1)

    def cancel(self, host: str) -> None:
        if host in self._out:
            self._out[host].cancel()
        if self._queued.pop(host, None) is not None:
            self._sink.exited(host, _UNSENT)

    def forget(self) -> None:
        """Report whom an early end left unsent."""
        for host in list(self._queued):
            with contextlib.suppress(Exception):
                self.cancel(host)

    async def run(self, turn: Turn) -> None:
        async with asyncio.TaskGroup() as group:
            for host, target in list(self._queued.items()):
                await self._free.acquire()
                await turn(target)
                if host in self._queued:
                    self._out[host] = group.create_task(self._report(target), name=host)
                    self._out[host].add_done_callback(self._over)
                else:
                    self._free.release()

    def _over(self, task: asyncio.Task[None]) -> None:
        del self._out[task.get_name()]
        self._free.release()

    async def _report(self, target: Target) -> None:
        del self._queued[target.name]
        try:
            end = await self._one(target)
        except Held as held:
            end = Exit(Ended.HELD, reason=str(held))
        except asyncio.CancelledError as error:
            end = Exit(Ended.CANCELLED, reason=str(error)) if str(error) else _UNSENT
            self._sink.exited(target.name, end)
            raise
        except Exception as error:
            end = Exit(Ended.CANCELLED, reason=clean_line(f"not recorded: {error}"))
            with contextlib.suppress(Exception):
                self._sink.exited(target.name, end)
            raise
        self._sink.exited(target.name, end)
