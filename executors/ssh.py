"""Commands over SSH, in one process, over connections that are kept for the whole run."""

from __future__ import annotations

import asyncio
import logging
import re
import shlex
from collections.abc import Awaitable, Sequence
from pathlib import Path

import asyncssh
from msgspec.structs import replace

from gonogo.errors import ExecutorError
from gonogo.run.ports import Ended, Exit, Job, Sink, Target, Terminal
from gonogo.text import clean_bytes

from .channels import Channels
from .command import cancelled
from .connect import Connector, Unreachable
from .each import Each
from .kept import Kept
from .options import Settings
from .reasons import LONGEST, parting, said
from .route import route
from .script import (
    FILE,
    command_line,
    keep_script,
    standard_input,
    terminal_script,
    terminal_words,
)
from .session import Session
from .system import CONNECTION_LOST, Heard, ssh_words
from .threads import Threads

_KEPT = re.compile(rf"/[A-Za-z0-9_./+-]{{0,200}}{FILE}\.[A-Za-z0-9]{{10}}")


class SshExecutor:
    """Reaches hosts by SSH. Host keys are always checked, whatever ssh_config says.

    `config` and `known_hosts` replace the user's files (None: as ssh finds them); `client_keys` and
    `username` serve hosts for which the inventory names none. Timeouts and `keepalive` are seconds.
    """

    def __init__(
        self,
        *,
        known_hosts: Sequence[Path] | None = None,
        config: Sequence[Path] | None = None,
        client_keys: Sequence[Path] | None = None,
        agent: bool = True,
        username: str | None = None,
        login_timeout: float = 30.0,
        keepalive: float = 15.0,
    ) -> None:
        self._settings = Settings(
            config=config,
            known_hosts=known_hosts,
            client_keys=client_keys,
            agent=agent,
            username=username,
            login_timeout=login_timeout,
            keepalive=keepalive,
        )
        self._kept = Kept(Connector(self._settings))
        self._each = Each()
        self._channels = Channels()
        self._threaded = False
        asyncssh.set_log_level(logging.CRITICAL)

    async def run(self, job: Job, sink: Sink) -> None:
        """Run the script on every target."""
        self._take_threads()
        command = command_line(job)
        scripts = _scripts(job)

        async def one(target: Target) -> Exit:
            async with self._kept.place(target):
                end = await placed(target)
                if job.last and end.code == 0:
                    self._kept.release(target)
                return end

        async def placed(target: Target) -> Exit:
            try:
                connection = await self._kept.connection(target, job.connect_timeout)
                await sink.starting(target.name)
                session = await self._start(target, connection, command, scripts[target.name], job, sink)
            except Unreachable as error:
                return Exit(Ended.UNREACHABLE, reason=str(error))
            try:
                return await session.attend(job, session.finish) or session.end()
            finally:
                session.close()
                self._channels.leave(session)

        if job.parallel is None:  # whoever is connected waits for nobody's login
            job = replace(job, targets=tuple(sorted(job.targets, key=self._kept.is_open, reverse=True)))
        await self._each.run(job, sink, one, self._kept.turn)

    def _take_threads(self) -> None:
        if not self._threaded:
            asyncio.get_running_loop().set_default_executor(Threads())
        self._threaded = True

    async def terminal(self, job: Job) -> Terminal:
        """Keep the script in a file on the host that removes itself, and have ssh run it there."""
        (target,) = job.targets
        file = await self._keep(job, target)
        remove = Job((replace(target, values={}),), f"rm -f -- {file}", timeout=60)
        words = (*self._words(target, "-t"), shlex.join(terminal_words(job, file)))
        return Terminal(words, CONNECTION_LOST, lambda: self.run(remove, Heard()))

    def shell(self, target: Target) -> Terminal:
        """Return ssh to the host, on the same way and with the same trust as everything else."""
        return Terminal(self._words(target), lost=CONNECTION_LOST)

    def _words(self, target: Target, *more: str) -> tuple[str, ...]:
        settings = self._settings
        keys = tuple(str(path) for path in settings.client_keys or ())
        way = route(target.name, target.connection, settings.username, keys)
        return ssh_words(way, settings, *more)

    async def _keep(self, job: Job, target: Target) -> str:
        """Put a script into a file on its host; return the file's path, or raise ExecutorError."""
        heard = Heard()
        script = keep_script(terminal_script(job, target.values))
        keep = Job((replace(target, values={}),), script, timeout=60, connect_timeout=job.connect_timeout)
        await self.run(keep, heard)
        lines = heard.out.decode("utf-8", "replace").split()
        if heard.end != Exit(Ended.EXIT, 0) or not lines or not _KEPT.fullmatch(lines[-1]):
            err = clean_bytes(heard.err[-LONGEST:]).strip()
            why = heard.end.reason or (said(err) if err else "it gave no name")
            raise ExecutorError(f"no file for the script can be made on {target.name}: {why}")
        return lines[-1]

    def cancel(self, host: str) -> None:
        """End what is out on this host."""
        self._each.cancel(host)

    async def close(self) -> None:
        """Close every connection."""
        await self._kept.close()

    async def _start(
        self,
        target: Target,
        connection: asyncssh.SSHClientConnection,
        command: str,
        script: bytes,
        job: Job,
        sink: Sink,
    ) -> Session:
        """Start the command. Until a channel is open nothing can run there.

        So a kept connection that turns out to be dead may be opened again here, once.
        """
        try:
            return await self._open(target, connection, command, Session(target.name, sink, script), job)
        except (asyncssh.Error, OSError) as error:
            if not connection.is_closed() and not isinstance(error, TimeoutError):
                raise Unreachable(f"it takes no command: {parting(error)}") from None
        self._kept.drop(target, connection)
        try:
            fresh = await self._kept.connection(target, job.connect_timeout)
            return await self._open(target, fresh, command, Session(target.name, sink, script), job)
        except (asyncssh.Error, OSError) as error:
            why = parting(error) or "it gave no reason"
            raise Unreachable(f"the connection was lost before the command was sent: {why}") from None

    async def _open(
        self,
        target: Target,
        connection: asyncssh.SSHClientConnection,
        command: str,
        session: Session,
        job: Job,
    ) -> Session:
        """Return the session once its command is accepted: at once, or after others of ours."""

        def start() -> Awaitable[None]:
            return self._exec(target, connection, command, session)

        await self._channels.open(connection, session, start, job.timeout)
        return session

    async def _exec(
        self, target: Target, connection: asyncssh.SSHClientConnection, command: str, session: Session
    ) -> None:
        """Return once the session's command is accepted, or lost after it was sent.

        Raises what asyncssh raises as long as nothing can run there.
        """
        try:
            async with asyncio.timeout(self._settings.login_timeout):
                await connection.create_session(
                    lambda: session, command, encoding=None, request_pty=False, x11_forwarding=False
                )
        except asyncio.CancelledError:
            if session.sent:
                raise await cancelled(session.finish()) from None
            session.close()
            raise
        except (asyncssh.Error, OSError) as error:
            if not session.sent or not (connection.is_closed() or isinstance(error, TimeoutError)):
                session.close()
                raise
            self._kept.drop(target, connection)


def _scripts(job: Job) -> dict[str, bytes]:
    """Return each target's standard input; hosts with the same values share it."""
    made: dict[tuple[tuple[str, str], ...], bytes] = {}
    found = {}
    for target in job.targets:
        values = tuple(target.values.items())
        if values not in made:
            made[values] = standard_input(job, target.values)
        found[target.name] = made[values]
    return found
