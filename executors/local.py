"""Commands on the operator's own machine."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal

from gonogo.run.ports import Ended, Exit, Job, Sink, Stream, Target

from .each import each
from .script import KILL_AFTER, command_line, standard_input

PIECE = 1 << 16
"""Bytes read at once."""


class LocalExecutor:
    """Runs each script in a session of its own, so that ending it ends all its processes."""

    async def run(self, job: Job, sink: Sink) -> None:
        """Run the script on every target, one process each."""
        command = command_line(job)
        inputs = {target.name: standard_input(job, target.values) for target in job.targets}

        async def one(target: Target) -> Exit:
            await sink.starting(target.name)
            return await self._play(target, command, inputs[target.name], job, sink)

        await each(job, sink, one)

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _play(self, target: Target, command: str, script: bytes, job: Job, sink: Sink) -> Exit:
        process = await asyncio.create_subprocess_exec(
            "sh",
            "-c",
            command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        readers = asyncio.gather(
            _pump(process.stdout, target.name, Stream.OUT, sink),
            _pump(process.stderr, target.name, Stream.ERR, sink),
        )
        try:
            async with asyncio.timeout(job.timeout):
                await _feed(process, script)
                await process.wait()
        except TimeoutError:
            await _end(process)
            return Exit(Ended.TIMEOUT, reason=f"ran longer than {job.timeout:g} s and was ended")
        except asyncio.CancelledError:
            await _end(process)
            raise
        finally:
            await _drain(readers)
            if process.stdin is not None:
                process.stdin.close()
        code = process.returncode or 0
        if code < 0:
            return Exit(Ended.SIGNAL, signal=signal.Signals(-code).name)
        return Exit(Ended.EXIT, code)


async def _feed(process: asyncio.subprocess.Process, script: bytes) -> None:
    if process.stdin is None:
        return
    process.stdin.write(script)
    with contextlib.suppress(ConnectionError):
        await process.stdin.drain()


async def _pump(reader: asyncio.StreamReader | None, host: str, stream: Stream, sink: Sink) -> None:
    while reader is not None and (data := await reader.read(PIECE)):
        sink.output(host, stream, data)


async def _drain(readers: asyncio.Future[tuple[None, None]]) -> None:
    """Read what is left; a process that went to the background may hold the pipes open for ever."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(readers, 1)


async def _end(process: asyncio.subprocess.Process) -> None:
    """TERM for the whole process group, and KILL a few seconds later."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), KILL_AFTER)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
