"""Doing one thing for each target of a job: bounded, ended together, every target reported once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from gonogo.run.ports import Ended, Exit, Held, Job, Sink, Target
from gonogo.text import clean_line

_UNSENT = "cancelled before anything was sent"


class Each:
    """The targets that one executor has out, so that each can be ended alone."""

    def __init__(self) -> None:
        self._out: dict[str, asyncio.Task[None]] = {}

    def cancel(self, host: str) -> None:
        """End what is done for this target; nothing happens when that is over."""
        if host in self._out:
            self._out[host].cancel()

    async def run(self, job: Job, sink: Sink, one: Callable[[Target], Awaitable[Exit]]) -> None:
        """Report `one(target)` for every target, `job.parallel` at once.

        An error (the trail cannot be written) ends all others and is raised as it is. When `one` is
        cancelled, the text of its CancelledError becomes the reason.
        """
        try:
            await _each(job, sink, one, self._out)
        finally:
            self._out.clear()


async def _each(
    job: Job, sink: Sink, one: Callable[[Target], Awaitable[Exit]], out: dict[str, asyncio.Task[None]]
) -> None:
    names = [target.name for target in job.targets]
    if len(set(names)) != len(names):
        raise ValueError("a job names a host twice")
    limit = asyncio.Semaphore(job.parallel or len(names) or 1)

    async def reported(target: Target) -> None:
        try:
            async with limit:
                end = await one(target)
        except Held as held:
            end = Exit(Ended.HELD, reason=str(held))
        except asyncio.CancelledError as error:
            sink.exited(target.name, Exit(Ended.CANCELLED, reason=str(error) or _UNSENT))
            raise
        except Exception as error:
            with contextlib.suppress(Exception):
                sink.exited(target.name, Exit(Ended.CANCELLED, reason=clean_line(f"not recorded: {error}")))
            raise
        sink.exited(target.name, end)

    try:
        async with asyncio.TaskGroup() as group:
            for target in job.targets:
                out[target.name] = group.create_task(reported(target))
    except* Exception as errors:
        raise errors.exceptions[0] from None
