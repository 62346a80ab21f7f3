"""One SSH connection: its settings from the inventory and ssh_config, and why it failed if it did."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Mapping, Sequence
from typing import Any

import asyncssh

from gonogo.errors import ExecutorError

from .direct import Direct
from .login import Login
from .opening import opened
from .options import Plan, Plans, Settings
from .reasons import refusal, words
from .route import Route, hop, route
from .slots import Slots
from .trust import KnownHosts

TRIES = 8
"""sshd drops connections at random when many log in at once (MaxStartups); these are tried again."""
PAUSE, LONGEST = 0.4, 2.0
"""Seconds before the second try, and at most before any; each time twice as long, and never at one time."""
_Through = asyncssh.SSHClientConnection | None
"""The connection to a jump host, if there is one."""
_CHANCE = random.SystemRandom()


class Unreachable(Exception):
    """A host could not be logged in to. The text says why, for a person."""


class _Dropped(Exception):
    """The server closed the connection before it said a word: it is busy."""


class _Unsought(Exception):
    """A key was not trusted, but hashed names were not all searched. The arguments are those of a search."""


class Connector:
    """Opens connections with the settings of one executor. Jump hosts are logged in to once."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.slots = Slots()
        self._known = KnownHosts()
        self._plans = Plans(settings, self._known)
        self._jumps: dict[tuple[Route, int], asyncio.Task[asyncssh.SSHClientConnection]] = {}

    async def turn(self, name: str, variables: Mapping[str, str]) -> None:
        """Wait until a host can be logged in to without waiting for others, or for files to be read."""
        with contextlib.suppress(Exception):  # the login tells what is wrong
            await self._plans.shared(self._route(name, variables))
        await self.slots.turn()

    async def connect(
        self, name: str, variables: Mapping[str, str], timeout: float | None
    ) -> asyncssh.SSHClientConnection:
        """Return a logged-in connection; raise Unreachable with the reason."""
        try:
            way = self._route(name, variables)
            return await self._tries(way, timeout or self.settings.connect_timeout, None, ())
        except Exception as error:
            raise Unreachable(words(error)) from None

    def _route(self, name: str, variables: Mapping[str, str]) -> Route:
        keys = tuple(str(path) for path in self.settings.client_keys or ())
        return route(name, variables, self.settings.username, keys)

    async def close(self) -> None:
        """Close the connections to jump hosts."""
        jumps, self._jumps = self._jumps, {}
        for task in reversed(jumps.values()):
            if _is_open(task):
                task.result().close()
            task.cancel()
        made = await asyncio.gather(*jumps.values(), return_exceptions=True)
        closing = [one.wait_closed() for one in made if isinstance(one, asyncssh.SSHClientConnection)]
        await asyncio.gather(*closing, return_exceptions=True)

    async def _tries(
        self, way: Route, timeout: float, through: _Through, via: tuple[Route, ...]
    ) -> asyncssh.SSHClientConnection:
        for attempt in range(1, TRIES):
            try:
                return await self._open(way, timeout, through, via)
            except _Dropped:
                await asyncio.sleep(min(PAUSE * 2 ** (attempt - 1), LONGEST) * _CHANCE.uniform(0.5, 1.5))
        try:
            return await self._open(way, timeout, through, via)
        except _Dropped:
            raise ExecutorError(f"it closed the connection at once, {TRIES} times: it may be busy") from None

    async def _open(
        self, way: Route, timeout: float, through: _Through, via: tuple[Route, ...]
    ) -> asyncssh.SSHClientConnection:
        """Log in. `through` is the connection that an earlier hop made, `via` what led here."""
        try:
            return await self._once(way, timeout, through, via)
        except _Unsought as unsought:
            await asyncio.to_thread(self._known.of, *unsought.args)
            return await self._once(way, timeout, through, via)

    async def _once(
        self, way: Route, timeout: float, through: _Through, via: tuple[Route, ...]
    ) -> asyncssh.SSHClientConnection:
        plan = await self._plans.of(way)
        jump = str(way.jump or plan.options.tunnel or "none")
        if through is None and jump.lower() != "none":
            through = await self._through(jump, timeout, (*via, way))
        login = Login(self._known, plan, timeout, self.settings.login_timeout)
        async with self.slots.taken(lambda: login.greeted), login.limited():
            return await self._login(plan, login, through)

    async def _login(self, plan: Plan, login: Login, through: _Through) -> asyncssh.SSHClientConnection:
        way = through or (None if plan.options.proxy_command else Direct.of(plan.options, login.found))
        if not isinstance(way, Direct):
            login.found()
        try:
            return await opened(
                plan.options, login, way, lambda host, _addr, port: self._trusted(plan.files, host, port)
            )
        except asyncssh.HostKeyNotVerifiable as error:
            if login.unsought is not None:
                raise _Unsought(plan.files, *login.unsought) from None
            raise ExecutorError(login.why or words(error)) from None
        except asyncssh.PermissionDenied as error:
            raise ExecutorError(await refusal(error, plan.options)) from None
        except (asyncssh.ConnectionLost, ConnectionResetError, BrokenPipeError) as error:
            if not login.greeted:
                raise _Dropped from None
            raise ExecutorError(f"the connection was closed during login: {words(error)}") from None

    def _trusted(self, files: Sequence[str], host: str, port: int | None) -> tuple[Any, Any, Any]:
        known, _ = self._known.at_hand(files, host, port or 22)
        return known.keys, known.authorities, known.revoked

    async def _through(self, hops: str, timeout: float, via: tuple[Route, ...]) -> _Through:
        """Return a connection to the last of some jump hosts, each reached through the one before."""
        connection: _Through = None
        for text in hops.split(","):
            way = hop(text)
            if way in via:
                raise ExecutorError(f"jump host {way.host} is to be reached through itself")
            connection = await self._jump(way, timeout, connection, via)
        return connection

    async def _jump(
        self, way: Route, timeout: float, through: _Through, via: tuple[Route, ...]
    ) -> asyncssh.SSHClientConnection:
        """Return the connection to a jump host; hosts that wait for it share one login, or its failure."""
        key = (way, id(through))
        task = self._jumps.get(key)
        if task is None or (task.done() and not _is_open(task)):
            task = self._jumps[key] = asyncio.create_task(self._tries(way, timeout, through, via))
        try:
            return await asyncio.shield(task)
        except Exception as error:
            raise ExecutorError(f"jump host {way.host}: {words(error)}") from None


def _is_open(task: asyncio.Task[asyncssh.SSHClientConnection]) -> bool:
    well = task.done() and not task.cancelled() and task.exception() is None
    return well and not task.result().is_closed()
