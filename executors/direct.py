"""A way to a host's port on which what is said at once travels at once.

asyncssh writes each packet by itself: that would be a system call here, and wake sshd up there, for each.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import asyncssh

NEXT = 0.25
"""Seconds that a name's first address has before the next one is tried as well, as RFC 8305 has it."""


@dataclass(frozen=True, slots=True)
class Direct:
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
        address = await self._address(remote_host, remote_port)
        self.found()
        transport, opening = await asyncio.get_running_loop().create_connection(
            lambda: _Opening(session_factory()),
            address or remote_host,
            remote_port,
            family=self.family,
            local_addr=self.local,
            happy_eyeballs_delay=None if address else NEXT,
        )
        return transport, opening.protocol

    async def _address(self, name: str, port: int) -> str | None:
        """Return the only address of a host; None where there are several, all of which are to be tried."""
        with contextlib.suppress(ValueError):
            ipaddress.ip_address(name)
            return name
        kind = socket.SOCK_STREAM
        found = await asyncio.get_running_loop().getaddrinfo(name, port, family=self.family, type=kind)
        addresses = {str(address[0]) for *_, address in found}
        return addresses.pop() if len(addresses) == 1 else None


class _Opening(asyncio.Protocol):
    """Stands in for a protocol until it is connected."""

    def __init__(self, protocol: asyncio.Protocol) -> None:
        self.protocol = protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Give the protocol the transport, with its writes joined."""
        transport.set_protocol(self.protocol)
        self.protocol.connection_made(_Joined(transport))


class _Joined(asyncio.Transport):
    """Sends all that is written in one turn of the event loop together."""

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
