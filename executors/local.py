"""Commands on the operator's own machine."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal

from gonogo.run.ports import Ended, Exit, Job, Sink, Stream, Target
from gonogo.text import clean_line

from .each import cancelled, each, overrun, settle, within
from .script import CANCEL, GRACE, command_line, standard_input

_STREAMS = {1: Stream.OUT, 2: Stream.ERR}


class _Process(asyncio.SubprocessProtocol):
    """One command. `closed` is set when both its streams are, `exited` when the process has gone."""

    def __init__(self, host: str, sink: Sink) -> None:
        self._host = host
        self._sink = sink
        self._open = set(_STREAMS)
        self.heard = 0
        self.exited = asyncio.Event()
        self.closed = asyncio.Event()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Pass output on."""
        self.heard += len(data)
        self._sink.output(self._host, _STREAMS[fd], data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        """One stream less."""
        self._open.discard(fd)
        if not self._open:
            self.closed.set()

    def process_exited(self) -> None:
        """The process has gone; another may still hold its streams."""
        self.exited.set()


class LocalExecutor:
    """Runs each script in a session of its own, so that ending it ends all its processes."""

    async def run(self, job: Job, sink: Sink) -> None:
        """Run the script on every target, one process each."""
        command = command_line(job)
        inputs = {target.name: standard_input(job, target.values) for target in job.targets}

        async def one(target: Target) -> Exit:
            await sink.starting(target.name)
            return await _play(target.name, command, inputs[target.name], job, sink)

        await each(job, sink, one)

    async def close(self) -> None:
        """Nothing is kept open."""


async def _play(host: str, command: str, script: bytes, job: Job, sink: Sink) -> Exit:
    try:
        transport, process = await asyncio.get_running_loop().subprocess_exec(
            lambda: _Process(host, sink), "sh", "-c", command, start_new_session=True
        )
    except OSError as error:
        return Exit(Ended.UNREACHABLE, reason=f"no process can be started: {clean_line(str(error))}")
    try:
        _write(transport, script)
        async with asyncio.timeout(job.timeout):
            await process.exited.wait()
        await settle(process.closed, lambda: process.heard)
    except TimeoutError:
        return overrun(job, await _end(transport, process))
    except asyncio.CancelledError:
        raise cancelled(await _end(transport, process)) from None
    finally:
        transport.close()
    return _exit(transport.get_returncode())


def _exit(code: int | None) -> Exit:
    if code is None or code >= 0:
        return Exit(Ended.EXIT, code)
    known = -code in {one.value for one in signal.Signals}
    name = signal.Signals(-code).name if known else f"SIG{-code}"
    return Exit(Ended.SIGNAL, signal=name, reason=f"ended by {name}")


def _write(transport: asyncio.SubprocessTransport, data: bytes) -> None:
    pipe = transport.get_pipe_transport(0)
    if isinstance(pipe, asyncio.WriteTransport):
        pipe.write(data)


async def _end(transport: asyncio.SubprocessTransport, process: _Process) -> bool:
    """Have the command end with all its processes; return whether it did.

    The line is the first way, as it reaches a command that runs as another user too.
    """
    _write(transport, CANCEL)
    await within(GRACE, process.exited, process.closed)
    if process.exited.is_set():
        return True
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(transport.get_pid(), signal.SIGKILL)
    return await within(1, process.exited)
