"""Connections that are kept for the whole run, as many as this machine may have open."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator

import asyncssh

from gonogo.run.ports import Target

from .connect import Connector
from .descriptors import room

_Key = tuple[str, tuple[tuple[str, str], ...]]


class Kept:
    """Gives connections out. Where there are more hosts than room, idle connections are closed for others."""

    def __init__(self, connector: Connector, most: int | None = None) -> None:
        self.connector = connector
        self.room = most or room()
        self._places = asyncio.Semaphore(self.room)
        self._open: dict[_Key, asyncssh.SSHClientConnection] = {}
        self._busy: Counter[_Key] = Counter()
        self._opening = 0
        self._logging_in: dict[_Key, asyncio.Lock] = {}

    @contextlib.asynccontextmanager
    async def place(self, target: Target) -> AsyncIterator[None]:
        """Wait for room for one connection, and have it left alone inside the block."""
        key = _key(target)
        async with self._places:
            self._busy[key] += 1
            try:
                yield
            finally:
                self._busy[key] -= 1
                if not self._busy[key]:
                    del self._busy[key]

    def is_open(self, target: Target) -> bool:
        """Return whether a host has its connection."""
        kept = self._open.get(_key(target))
        return kept is not None and not kept.is_closed()

    async def turn(self, target: Target) -> None:
        """Wait until the host has its connection, or can be logged in to without waiting for others."""
        if not self.is_open(target):
            await self.connector.turn(target.name, target.connection)

    async def connection(self, target: Target, timeout: float | None) -> asyncssh.SSHClientConnection:
        """Return the host's kept connection, or a new one; one login a host at a time."""
        key = _key(target)
        if (kept := self._taken(key)) is not None:
            return kept
        lock = self._logging_in.setdefault(key, asyncio.Lock())
        async with lock:
            kept = self._taken(key) or await self._login(target, timeout)
            self._open[key] = kept
        self._logging_in.pop(key, None)
        return kept

    def _taken(self, key: _Key) -> asyncssh.SSHClientConnection | None:
        """Return a connection that is open, and have it be the one used last."""
        kept = self._open.pop(key, None)
        if kept is None or kept.is_closed():
            return None
        self._open[key] = kept
        return kept

    async def _login(self, target: Target, timeout: float | None) -> asyncssh.SSHClientConnection:
        self._make_room()
        self._opening += 1
        try:
            return await self.connector.connect(target.name, target.connection, timeout)
        finally:
            self._opening -= 1

    def _make_room(self) -> None:
        """Close the connection that was used longest ago, unless there is room for one more."""
        if len(self._open) + self._opening < self.room:
            return
        idle = next((key for key in self._open if not self._busy[key]), None)
        if idle is not None:
            self._open.pop(idle).close()

    def drop(self, target: Target, connection: asyncssh.SSHClientConnection) -> None:
        """Give up a connection that proved dead."""
        connection.abort()
        if self._open.get(_key(target)) is connection:
            del self._open[_key(target)]

    def release(self, target: Target) -> None:
        """Close a connection that is no longer needed, unless something else works on it."""
        key = _key(target)
        if self._busy[key] == 1 and (kept := self._open.pop(key, None)) is not None:
            kept.close()

    async def close(self) -> None:
        """Close every connection; wait a while for the hosts to hear of it."""
        kept, self._open = self._open, {}
        for connection in kept.values():
            connection.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await asyncio.gather(*(one.wait_closed() for one in kept.values()), return_exceptions=True)
                await self.connector.close()


def _key(target: Target) -> _Key:
    return target.name, tuple(sorted(target.connection.items()))
