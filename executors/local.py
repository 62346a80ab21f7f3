"""Commands on the operator's own machine."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import tempfile
from dataclasses import replace
from pathlib import Path

from gonogo.run.ports import Ended, Exit, Job, Sink, Stream, Target, Terminal
from gonogo.text import clean_line

from .command import Command
from .descriptors import commands
from .each import Each
from .script import (
    CANCEL,
    FILE,
    GRACE,
    command_line,
    standard_input,
    terminal_script,
    terminal_words,
)

_STREAMS = {1: Stream.OUT, 2: Stream.ERR}


class _Process(Command, asyncio.SubprocessProtocol):
    """A command that is a process here."""

    def __init__(self, host: str, sink: Sink) -> None:
        super().__init__(host, sink)
        self._open = set(_STREAMS)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Pass output on."""
        self.hear(_STREAMS[fd], data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        """One stream less."""
        self._open.discard(fd)
        if not self._open:
            self.fall_silent()

    def process_exited(self) -> None:
        """The process has gone; another may still hold its streams."""
        self.exit()


class LocalExecutor:
    """Runs each script in a session of its own, so that ending it ends all its processes."""

    def __init__(self) -> None:
        self._each = Each()

    async def run(self, job: Job, sink: Sink) -> None:
        """Run the script on every target, one process each: all would be too much for this machine."""
        job = replace(job, parallel=commands(job.parallel))
        command = command_line(job)
        inputs = {target.name: standard_input(job, target.values) for target in job.targets}

        async def one(target: Target) -> Exit:
            await sink.starting(target.name)
            return await _play(target.name, command, inputs[target.name], job, sink)

        await self._each.run(job, sink, one)

    async def terminal(self, job: Job) -> Terminal:
        """Keep the script in a file that only we can read, and that removes itself."""
        (target,) = job.targets
        script = terminal_script(job, target.values)
        with tempfile.NamedTemporaryFile(
            "w", prefix=f"{FILE}.", encoding="utf-8", errors="surrogateescape", newline="", delete=False
        ) as file:
            file.write(script)

        async def drop() -> None:
            Path(file.name).unlink(missing_ok=True)

        return Terminal(terminal_words(job, file.name), drop=drop)

    def shell(self, target: Target) -> Terminal:
        """Return the operator's own shell."""
        return Terminal((os.environ.get("SHELL") or "sh", "-i"))

    def cancel(self, host: str) -> None:
        """End what is out on this host."""
        self._each.cancel(host)

    async def close(self) -> None:
        """Nothing is kept open."""


async def _play(host: str, command: str, script: bytes, job: Job, sink: Sink) -> Exit:
    try:
        transport, process = await asyncio.get_running_loop().subprocess_exec(
            lambda: _Process(host, sink), "sh", "-c", command, start_new_session=True
        )
    except OSError as error:
        return Exit(
            Ended.UNREACHABLE, reason=f"no process can be started: {clean_line(error.strerror or str(error))}"
        )
    try:
        _write(transport, script)
        ended = await process.attend(job, lambda: _end(transport, process))
    finally:
        transport.close()
    return ended or _exit(transport.get_returncode())


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
    await process.over(GRACE)
    if not process.exited.done():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(transport.get_pid(), signal.SIGKILL)
        await process.over(1)
    return process.exited.done()
