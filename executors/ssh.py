"""Commands over SSH, in one process, over connections that are kept for the whole run."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import resource
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh

from gonogo.run.ports import Ended, Exit, Job, Sink, Stream, Target
from gonogo.text import clean_line

from .connect import Connector, Settings, Unreachable
from .each import each
from .script import CANCEL, KILL_AFTER, command_line, standard_input

LOGINS = 64
"""Handshakes at once; more only queue in front of the cores and of sshd's MaxStartups."""
AFTER_EXIT = 2.0
"""Seconds that output may follow an exit status; a daemon that was left behind may hold it open for ever."""


@dataclass(slots=True)
class _Session(asyncssh.SSHClientSession[bytes]):
    """One command on one host."""

    host: str
    sink: Sink
    ended: asyncio.Event
    exited: asyncio.Event
    code: int | None = None
    signal: str | None = None
    error: str = ""

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Pass output on."""
        stream = Stream.ERR if datatype == asyncssh.EXTENDED_DATA_STDERR else Stream.OUT
        self.sink.output(self.host, stream, data)

    def exit_status_received(self, status: int) -> None:
        """Keep the exit code."""
        self.code = status
        self.exited.set()

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:
        """Keep the signal."""
        self.signal = f"SIG{clean_line(signal)}"
        self.exited.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing follows."""
        self.error = clean_line(str(exc)) if exc else ""
        self.exited.set()
        self.ended.set()

    def end(self) -> Exit:
        """Return how it ended. No exit code and no signal: nobody knows whether it finished."""
        if self.signal is not None:
            return Exit(Ended.SIGNAL, signal=self.signal, reason=f"ended by {self.signal}")
        if self.code is not None:
            return Exit(Ended.EXIT, self.code)
        why = f": {self.error}" if self.error else ""
        return Exit(Ended.LOST, reason=f"the connection was lost while the command ran{why}")


class SshExecutor:
    """Reaches hosts by SSH. Host keys are always checked, whatever ssh_config says."""

    def __init__(
        self,
        *,
        config: list[Path] | None = None,
        known_hosts: list[Path] | None = None,
        client_keys: list[Path] | None = None,
        agent: bool = True,
        username: str | None = None,
    ) -> None:
        settings = Settings(config, known_hosts or (), client_keys or (), agent, username)
        self._connector = Connector(settings)
        self._kept: dict[str, asyncssh.SSHClientConnection] = {}
        self._logins = asyncio.Semaphore(LOGINS)
        self._logging_in: dict[str, asyncio.Lock] = {}
        asyncssh.set_log_level(logging.CRITICAL)
        _raise_descriptor_limit()

    async def run(self, job: Job, sink: Sink) -> None:
        """Run the script on every target."""
        command = command_line(job)
        scripts = {target.name: standard_input(job, target.values) for target in job.targets}

        async def one(target: Target) -> Exit:
            return await self._one(target, command, scripts[target.name], job, sink)

        await each(job, sink, one)

    async def close(self) -> None:
        """Close every connection."""
        kept, self._kept = self._kept, {}
        for connection in kept.values():
            connection.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await asyncio.gather(*(one.wait_closed() for one in kept.values()), return_exceptions=True)
                await self._connector.close()

    async def _one(self, target: Target, command: str, script: bytes, job: Job, sink: Sink) -> Exit:
        try:
            connection = await self._connection(target, job.connect_timeout)
        except Unreachable as error:
            return Exit(Ended.UNREACHABLE, reason=str(error))
        await sink.starting(target.name)
        session = _Session(target.name, sink, asyncio.Event(), asyncio.Event())
        try:
            channel, _ = await connection.create_session(lambda: session, command, encoding=None)
        except (asyncssh.Error, OSError) as error:
            if connection.is_closed() or isinstance(error, asyncssh.ConnectionLost):
                return Exit(
                    Ended.LOST, reason=f"the connection was lost at the start: {clean_line(str(error))}"
                )
            return Exit(Ended.UNREACHABLE, reason=f"it takes no command: {clean_line(str(error))}")
        channel.write(script)
        return await self._wait(channel, session, job.timeout)

    async def _wait(self, channel: Any, session: _Session, timeout: float | None) -> Exit:
        try:
            async with asyncio.timeout(timeout):
                await session.exited.wait()
        except TimeoutError:
            await self._end(channel, session)
            return Exit(Ended.TIMEOUT, reason=f"ran longer than {timeout:g} s and was ended")
        except asyncio.CancelledError:
            await self._end(channel, session)
            raise
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(AFTER_EXIT):
                await session.ended.wait()
        channel.close()
        return session.end()

    async def _end(self, channel: Any, session: _Session) -> None:
        """Have the host end the command with all its processes, and wait until it has."""
        with contextlib.suppress(OSError, asyncssh.Error):
            channel.write(CANCEL)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(KILL_AFTER + AFTER_EXIT):
                await session.ended.wait()
        channel.close()

    async def _connection(self, target: Target, timeout: float | None) -> asyncssh.SSHClientConnection:
        """Return the host's kept connection, or a new one; one login a host at a time."""
        async with self._logging_in.setdefault(target.name, asyncio.Lock()):
            kept = self._kept.get(target.name)
            if kept is not None and not kept.is_closed():
                return kept
            async with self._logins:
                made = await self._connector.connect(target.name, target.connection, timeout)
            self._kept[target.name] = made
            return made


def _raise_descriptor_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 1 << 16), hard))
