"""One command on one host, wherever it runs: what is heard of it, and how it is brought to an end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

from gonogo.run.ports import Ended, Exit, Job, Sink, Stream

QUIET = 2.0
"""Seconds without output, after the exit, after which no more is awaited."""
_ROUNDS = 15


class Command:
    """`exited` is done when the command has ended, `closed` when no output follows.

    They are futures: an event takes 0.8 KB for those who wait, also while nobody does.
    """

    def __init__(self, host: str, sink: Sink) -> None:
        self._host = host
        self._sink = sink
        self._heard = 0
        self._failure: Exception | None = None
        loop = asyncio.get_running_loop()
        self._stopped: asyncio.Future[None] = loop.create_future()
        self.exited: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()

    def hear(self, stream: Stream, data: bytes) -> None:
        """Pass output on. Where it cannot be kept (a full disk), the command is not to go on unrecorded."""
        if self._failure is not None:
            return
        self._heard += len(data)
        try:
            self._sink.output(self._host, stream, data)
        except Exception as error:
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """Have the command ended, and this raised for it."""
        self._failure = error
        _done(self._stopped)

    def exit(self) -> None:
        """Note that the command has ended; output may follow."""
        _done(self.exited)
        _done(self._stopped)

    def fall_silent(self) -> None:
        """Note that no output follows."""
        _done(self.closed)

    async def attend(self, job: Job, end: Callable[[], Coroutine[Any, Any, bool]]) -> Exit | None:
        """Wait until it is over; return None, or the end that was made of it.

        `end` ends it and says whether that is confirmed. When output could not be kept, it is ended and
        that error is raised; when the task is cancelled, the CancelledError tells what was reached.
        """
        try:
            async with asyncio.timeout(job.timeout):
                await self._stopped
            if self._failure is None:
                await self._settle()
        except TimeoutError:
            return _overrun(job, await end())
        except asyncio.CancelledError:
            raise await cancelled(end()) from None
        if self._failure is not None:
            await end()
            raise self._failure
        return None

    async def over(self, seconds: float) -> None:
        """Wait some time for the exit and the last output."""
        await asyncio.wait([self.exited, self.closed], timeout=seconds)

    async def _settle(self) -> None:
        """Wait for output that follows an exit, until it stands still.

        A daemon that was left behind may hold the streams open for ever.
        """
        await asyncio.sleep(0)  # their end mostly comes together with the exit
        if self.closed.done():
            return
        for _ in range(_ROUNDS):
            before = self._heard
            closed, _ = await asyncio.wait([self.closed], timeout=QUIET)
            if closed or self._heard == before:
                return


def _done(what: asyncio.Future[None]) -> None:
    if not what.done():
        what.set_result(None)


def _overrun(job: Job, confirmed: bool) -> Exit:
    why = f"ran longer than {job.timeout:g} s"
    if confirmed:
        return Exit(Ended.TIMEOUT, reason=f"{why} and was ended")
    return Exit(Ended.LOST, reason=f"{why}, and did not confirm that it was ended: it may run still")


async def cancelled(end: Coroutine[Any, Any, bool]) -> asyncio.CancelledError:
    """Wait for an end that was asked for, whatever cancels this task again; return what to raise."""
    ending = asyncio.create_task(end)
    while not ending.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(ending)
    if ending.result():
        return asyncio.CancelledError("cancelled, and ended with all its processes")
    why = "cancelled, but it did not confirm that it was ended: it may run still"
    return asyncio.CancelledError(why)
