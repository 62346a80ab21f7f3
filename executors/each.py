"""Doing one thing for each target of a job: bounded, ended together, every target reported once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from gonogo.errors import GonogoError
from gonogo.run.ports import Ended, Exit, Job, Sink, Target

QUIET = 2.0
"""Seconds without output, after the exit, after which no more is awaited."""
_ROUNDS = 15
_UNSENT = "cancelled before anything was sent"


async def each(job: Job, sink: Sink, one: Callable[[Target], Awaitable[Exit]]) -> None:
    """Report `one(target)` for every target, `job.parallel` at once.

    An error of ours (the trail cannot be written) ends all others and is raised as it is. When `one` is
    cancelled, the text of its CancelledError becomes the reason.
    """
    names = [target.name for target in job.targets]
    if len(set(names)) != len(names):
        raise ValueError("a job names a host twice")
    limit = asyncio.Semaphore(job.parallel or len(names) or 1)

    async def reported(target: Target) -> None:
        try:
            async with limit:
                end = await one(target)
        except asyncio.CancelledError as error:
            sink.exited(target.name, Exit(Ended.CANCELLED, reason=str(error) or _UNSENT))
            raise
        except GonogoError as error:
            with contextlib.suppress(GonogoError):
                sink.exited(target.name, Exit(Ended.CANCELLED, reason=f"not sent: {error.what}"))
            raise
        sink.exited(target.name, end)

    try:
        async with asyncio.TaskGroup() as group:
            for target in job.targets:
                group.create_task(reported(target))
    except* GonogoError as errors:
        raise errors.exceptions[0] from None


async def settle(closed: asyncio.Event, heard: Callable[[], int]) -> None:
    """Wait for output that follows an exit: until it is closed, or `heard` (bytes) stands still.

    A daemon that was left behind may hold the streams open for ever.
    """
    for _ in range(_ROUNDS):
        before = heard()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(QUIET):
                await closed.wait()
                return
        if heard() == before:
            return


async def within(seconds: float, *events: asyncio.Event) -> bool:
    """Wait for all events; return whether they came in time."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            for event in events:
                await event.wait()
            return True
    return False


def overrun(job: Job, confirmed: bool) -> Exit:
    """Return the end of a command that ran past its limit; unconfirmed, it may run still."""
    why = f"ran longer than {job.timeout:g} s"
    if confirmed:
        return Exit(Ended.TIMEOUT, reason=f"{why} and was ended")
    return Exit(Ended.LOST, reason=f"{why}, and did not confirm that it was ended: it may run still")


def cancelled(confirmed: bool) -> asyncio.CancelledError:
    """Return what to raise after ending a command whose task was cancelled."""
    if confirmed:
        return asyncio.CancelledError("cancelled, and ended with all its processes")
    return asyncio.CancelledError("cancelled, but it did not confirm that it was ended: it may run still")
