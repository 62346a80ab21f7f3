"""A way to a host's port, over the first of its addresses that answers."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Callable
from typing import Any

import asyncssh
from msgspec import Struct

NEXT = 0.25
"""Seconds that a name's first address has before the next one is tried as well, as RFC 8305 has it."""


class Direct(Struct, frozen=True):
    """What asyncssh asks for connections instead of the event loop: it stands where a tunnel would."""

    family: int
    local: tuple[str, int] | None
    """Address and port to connect from; None: any."""
    found: Callable[[], None]
    """Called when the host's address is known, before it is connected to."""

    @classmethod
    def of(cls, options: asyncssh.SSHClientConnectionOptions, found: Callable[[], None]) -> Direct:
        """Return the way that these options ask for."""
        return cls(options.family, options.local_addr, found)

    async def create_connection(
        self, session_factory: Callable[[], Any], remote_host: str, remote_port: int
    ) -> tuple[Any, Any]:
        """Connect; return the transport and what the factory made. Raise OSError when it can't be."""
        loop = asyncio.get_running_loop()
        addresses = await self._addresses(remote_host, remote_port)
        self.found()
        if len(addresses) > 1:
            # uvloop would try one after the other, each for as long as the network takes to give up.
            from aiohappyeyeballs import addr_to_addr_infos, start_connection

            near = addr_to_addr_infos(self.local)
            sock = await start_connection(addresses, local_addr_infos=near, happy_eyeballs_delay=NEXT)
            return await loop.create_connection(session_factory, sock=sock)
        address = addresses[0][4][0] if addresses else remote_host
        return await loop.create_connection(
            session_factory, str(address), remote_port, family=self.family, local_addr=self.local
        )

    async def _addresses(self, name: str, port: int) -> list[Any]:
        """Return what is found of a name, as getaddrinfo has it, each once; nothing for an address."""
        with contextlib.suppress(ValueError):
            ipaddress.ip_address(name)
            return []
        kind = socket.SOCK_STREAM
        found = await asyncio.get_running_loop().getaddrinfo(name, port, family=self.family, type=kind)
        return list(dict.fromkeys(found))


class Joined(asyncio.Transport):
    """Sends all that is written in one turn of the event loop together.

    asyncssh writes each packet by itself: that would be a system call here, and wake sshd up there, for each.
    """

    def __init__(self, below: Any) -> None:
        super().__init__()
        self._below = below
        self._loop = asyncio.get_running_loop()
        self._written: list[bytes] = []

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Tell of the connection below."""
        return self._below.get_extra_info(name, default)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep it until the loop's next turn."""
        if not self._written:
            self._loop.call_soon(self._send)
        self._written.append(bytes(data))

    def abort(self) -> None:
        """Close at once; asyncssh does so a turn after its last words."""
        self._below.abort()

    def _send(self) -> None:
        written, self._written = self._written, []
        if not self._below.is_closing():
            self._below.write(b"".join(written))
