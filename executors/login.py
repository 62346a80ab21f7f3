"""One login being watched: how far it came, how long each part may take, and which key was not trusted."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import asyncssh

from gonogo.errors import ExecutorError

from .options import Plan
from .reasons import distrust
from .trust import KnownHosts

LOOKUP = 60.0
"""Seconds for a name to be found. Most of it is waiting for other names, where the name server is slow."""
STANDSTILL = 1.0
"""Seconds that a limit may be noticed late. When it is more, this machine was suspended, or its processors
were somebody else's: nobody could answer."""


class Login(asyncssh.SSHClient):
    """What asyncssh tells of one login. In seconds: `connect` for an answer, `whole` from there on."""

    def __init__(self, known: KnownHosts, plan: Plan, connect: float, whole: float) -> None:
        self._known, self._files = known, plan.files
        self._connect, self._whole = connect, whole
        self._connection: asyncssh.SSHClientConnection | None = None
        self._greeted = False
        self._limit: asyncio.Timeout | None = None
        self._end: asyncio.TimerHandle | None = None
        self._late = "timed out: the name server does not answer"
        self.why = ""
        """Why a key is not trusted, if so."""
        self.unsought: tuple[str, int] | None = None
        """The host and port that may yet be found among hashed names."""

    @property
    def greeted(self) -> bool:
        """Whether the server has said which SSH it speaks."""
        return self._greeted or bool(self._connection and self._connection.get_extra_info("server_version"))

    @contextlib.asynccontextmanager
    async def limited(self) -> AsyncIterator[None]:
        """Limit each part of a login inside the block; raise ExecutorError with what did not come in time."""
        try:
            async with asyncio.timeout(None) as self._limit:
                self._allow(LOOKUP)
                yield
        except TimeoutError:
            raise ExecutorError(self._late) from None
        finally:
            # The connection keeps this for as long as it lives.
            if self._end is not None:
                self._end.cancel()
            self._end = self._limit = None

    def found(self) -> None:
        """The address is known: from here on the time to be answered counts."""
        self._late = "timed out: no answer from its SSH port"
        self._allow(self._connect)

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        """Somebody answers: the time for the login counts, if the server says soon which SSH it speaks."""
        self._connection = conn
        self._late = "timed out during login: its SSH port is open, but it does not answer"
        first = min(self._connect, self._whole)
        self._allow(first, self._whole - first)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over: how far it came is all that is still asked."""
        self._greeted, self._connection = self.greeted, None

    def _allow(self, seconds: float, more: float = 0) -> None:
        """Limit what is awaited. A server that has said by then which SSH it speaks gets more."""
        if self._end is not None:
            self._end.cancel()
        if self._limit is not None:
            self._end = asyncio.get_running_loop().call_later(seconds, self._over, seconds, more)

    def _over(self, seconds: float, more: float) -> None:
        now = asyncio.get_running_loop().time()
        if self._end is not None and now - self._end.when() > STANDSTILL:
            self._allow(seconds, more)
        elif more and self.greeted:
            self._allow(more)
        elif self._limit is not None:
            self._limit.reschedule(now)

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Look among the hashed names; it is only asked for keys that are not known to be trusted."""
        if self._known.holds(self._files, host, port, key):
            return True
        known, whole = self._known.at_hand(self._files, host, port)
        self.unsought = None if whole else (host, port)
        self.why = distrust(host, port, key, known)
        return False

    def validate_host_ca_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Refuse, as above: an authority is never under a hashed name that was not looked at."""
        if not self._known.at_hand(self._files, host, port)[1]:
            self.unsought = (host, port)
        return False
