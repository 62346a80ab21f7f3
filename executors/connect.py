"""One SSH connection: its settings from the inventory and ssh_config, and why it failed if it did."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncssh

from gonogo.errors import ExecutorError

from .direct import Direct
from .offer import sign_at_once
from .options import Plan, Plans, Settings
from .reasons import distrust, refusal, words
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


def _nothing() -> None:
    """Nobody watches."""


class _Client(asyncssh.SSHClient):
    """Watches one login: how far it came, and which key was not trusted."""

    def __init__(self, known: KnownHosts, plan: Plan) -> None:
        self._known, self._files, self._pairs = known, plan.files, plan.own["client_keys"]
        self.connected: Callable[[], None] = _nothing
        self._connection: asyncssh.SSHClientConnection | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.why = ""
        self.unsought: tuple[str, int] | None = None
        """The host and port that may yet be found among hashed names."""

    @property
    def greeted(self) -> bool:
        """Whether the server has said which SSH it speaks."""
        return bool(self._connection and self._connection.get_extra_info("server_version"))

    @property
    def is_connected(self) -> bool:
        """Whether there was a connection at all."""
        return self._connection is not None

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        """Login starts."""
        self._connection = conn
        sign_at_once(conn, self._pairs or ())
        self.connected()

    def login_over(self) -> None:
        """Let go of what watched the login: the connection keeps this for as long as it lives."""
        if self.timer is not None:
            self.timer.cancel()
        self.timer, self.connected = None, _nothing

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


class _Dropped(Exception):
    """The server closed the connection before it said a word: it is busy."""


class _Unsought(Exception):
    """A key was not trusted, but hashed names were not all searched. The arguments are those of a search."""


@dataclass(slots=True)
class Connector:
    """Opens connections with the settings of one executor. Jump hosts are logged in to once."""

    settings: Settings = field(default_factory=Settings)
    _known: KnownHosts = field(default_factory=KnownHosts)
    slots: Slots = field(default_factory=Slots)
    _plans: Plans = field(init=False)
    _jumps: dict[tuple[Route, int], asyncssh.SSHClientConnection] = field(default_factory=dict)
    _locks: dict[tuple[Route, int], asyncio.Lock] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._plans = Plans(self.settings, self._known)

    async def connect(
        self, name: str, variables: Mapping[str, str], timeout: float | None
    ) -> asyncssh.SSHClientConnection:
        """Return a logged-in connection; raise Unreachable with the reason."""
        settings = self.settings
        keys = tuple(str(path) for path in settings.client_keys or ())
        try:
            way = route(name, variables, settings.username, keys)
            return await self._tries(way, timeout or settings.connect_timeout, None, ())
        except Exception as error:
            raise Unreachable(words(error)) from None

    async def close(self) -> None:
        """Close the connections to jump hosts."""
        jumps, self._jumps = self._jumps, {}
        for connection in reversed(jumps.values()):
            connection.close()
        await asyncio.gather(*(one.wait_closed() for one in jumps.values()), return_exceptions=True)

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
        client = _Client(self._known, plan)
        try:
            async with self.slots.taken(lambda: client.greeted), asyncio.timeout(timeout) as limit:
                client.connected = lambda: self._connected(client, limit, timeout)
                return await self._login(way.host, plan, client, through)
        except TimeoutError:
            if client.is_connected:
                why = "timed out during login: its SSH port is open, but it does not answer"
                raise ExecutorError(why) from None
            raise
        finally:
            client.login_over()

    def _connected(self, client: _Client, limit: asyncio.Timeout, timeout: float) -> None:
        """From here on the time for the login counts, if the server says soon which SSH it speaks."""
        if limit.expired():
            return
        loop = asyncio.get_running_loop()
        begun, whole = loop.time(), self.settings.login_timeout

        def look() -> None:
            limit.reschedule(begun + whole if client.greeted else loop.time())

        limit.reschedule(None)
        client.timer = loop.call_at(begun + min(timeout, whole), look)

    async def _login(
        self, host: str, plan: Plan, client: _Client, through: _Through
    ) -> asyncssh.SSHClientConnection:
        way = through or (None if plan.options.proxy_command else Direct.of(plan.options))
        try:
            return await asyncssh.connect(
                host,
                options=plan.options,
                config=None,
                client_factory=lambda: client,
                known_hosts=lambda host, _addr, port: self._trusted(plan.files, host, port),
                tunnel=way,
                **plan.own,
            )
        except asyncssh.HostKeyNotVerifiable as error:
            if client.unsought is not None:
                raise _Unsought(plan.files, *client.unsought) from None
            raise ExecutorError(client.why or words(error)) from None
        except asyncssh.PermissionDenied as error:
            raise ExecutorError(await refusal(error, plan.options)) from None
        except (asyncssh.ConnectionLost, ConnectionResetError, BrokenPipeError) as error:
            if not client.greeted:
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
            key = (way, id(connection))
            async with self._locks.setdefault(key, asyncio.Lock()):
                kept = self._jumps.get(key)
                if kept is None or kept.is_closed():
                    try:
                        kept = await self._tries(way, timeout, connection, via)
                    except Exception as error:
                        raise ExecutorError(f"jump host {way.host}: {words(error)}") from None
                    self._jumps[key] = kept
            connection = kept
        return connection
