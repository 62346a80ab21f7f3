"""A way to a host's port on which what is said at once travels at once.

asyncssh writes an empty packet before each of its own, and each by itself: nineteen segments for a login with
one command, where ten do. Half of the system calls here, and half of sshd's wake-ups there, are for nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import asyncssh


@dataclass(frozen=True, slots=True)
class Direct:
    """What asyncssh asks for connections instead of the event loop: it stands where a tunnel would."""

    family: int
    local: tuple[str, int] | None
    """Address and port to connect from; None: any."""

    @classmethod
    def of(cls, options: asyncssh.SSHClientConnectionOptions) -> Direct:
        """Return the way that these options ask for."""
        return cls(options.family, options.local_addr)

    async def create_connection(
        self, session_factory: Callable[[], Any], remote_host: str, remote_port: int
    ) -> tuple[Any, Any]:
        """Connect; return the transport and what the factory made. Raise OSError when it can't be."""
        loop = asyncio.get_running_loop()
        transport, opening = await loop.create_connection(
            lambda: _Opening(session_factory()),
            remote_host,
            remote_port,
            family=self.family,
            local_addr=self.local,
        )
        return transport, opening.protocol


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
