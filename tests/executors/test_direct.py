"""What is said at once travels at once."""

from __future__ import annotations

import asyncio
import socket

import pytest

from gonogo.executors.direct import Direct, Joined


def _nothing() -> None:
    """Nobody waits."""


class _Protocol(asyncio.Protocol):
    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.heard = b""
        self.lost = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = Joined(transport)

    def data_received(self, data: bytes) -> None:
        self.heard += data
        self.lost.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set()


async def test_writes_of_one_turn_are_sent_together() -> None:
    """Nothing leaves before the turn is over, then all of it, in order, before an abort that follows."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        protocol = _Protocol()
        way = Direct(socket.AF_UNSPEC, None, _nothing)
        _, made = await way.create_connection(lambda: protocol, "127.0.0.1", server.getsockname()[1])
        assert made is protocol
        accepted, _ = server.accept()
        with accepted:
            accepted.setblocking(False)
            assert protocol.transport is not None
            assert protocol.transport.get_extra_info("peername") == server.getsockname()
            protocol.transport.write(b"one ")
            protocol.transport.write(bytearray(b"two"))
            with pytest.raises(BlockingIOError):
                accepted.recv(100)
            asyncio.get_running_loop().call_soon(protocol.transport.abort)
            await protocol.lost.wait()
            assert accepted.recv(100) == b"one two"


async def test_what_comes_reaches_the_protocol() -> None:
    """Bytes that are there already when the connection is made are heard."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        protocol = _Protocol()
        way = Direct(socket.AF_INET, ("127.0.0.1", 0), _nothing)
        await way.create_connection(lambda: protocol, "127.0.0.1", server.getsockname()[1])
        accepted, _ = server.accept()
        with accepted:
            accepted.sendall(b"hello")
            await protocol.lost.wait()
        assert protocol.heard == b"hello"
        assert protocol.transport is not None
        protocol.transport.abort()


async def test_a_port_where_nothing_listens_is_told_as_such() -> None:
    """The error is the one of a plain connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        await Direct(socket.AF_UNSPEC, None, _nothing).create_connection(_Protocol, "127.0.0.1", port)
