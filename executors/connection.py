"""An SSH connection that says no more than a login and its commands need.

Left out are packets and texts of asyncssh's own, nothing that a host asks for.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Any, Self

import asyncssh
from asyncssh.constants import MSG_CHANNEL_OPEN, MSG_IGNORE
from asyncssh.logging import SSHLogger
from asyncssh.packet import Boolean, String

from .direct import Joined


class _Silent(SSHLogger):
    """Takes every text without looking at it: asyncssh makes them all, whatever the level is."""

    def get_child(self, child: str = "", context: str = "") -> Self:
        """Return itself: whoever asks for another name has nothing told either."""
        return self

    def log(self, level: int, msg: object, *args: Any, **kwargs: Any) -> None:
        """Tell nothing."""

    def info(self, msg: object, *args: Any, **kwargs: Any) -> None:
        """Tell nothing."""

    def debug1(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Tell nothing."""

    def packet(self, pktid: int | None, packet: bytes, msg: str, *args: Any, **kwargs: Any) -> None:
        """Tell nothing."""


_SILENT = _Silent()
_NONE: set[bytes] = set()
_QUICKLY: int | None = getattr(socket, "TCP_QUICKACK", None)


class Connection(asyncssh.SSHClientConnection):
    """A connection whose options are for it alone."""

    def __init__(self, loop: asyncio.AbstractEventLoop, options: asyncssh.SSHClientConnectionOptions) -> None:
        super().__init__(loop, options, wait="auth")
        pairs = options.client_keys or ()
        self._only = pairs[0] if len(pairs) == 1 and not pairs[0].use_executor else None
        first = next(iter(options.preferred_auth), "publickey")
        self._unasked = self._only is not None and first == "publickey"
        if self._unasked:
            self._auth_methods = [b"publickey"]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, with what is written in one turn of the event loop joined."""
        super().connection_made(Joined(transport))

    def is_closed(self) -> bool:
        """Tell whether it is over, in the very turn in which it is lost: asyncssh does a turn later."""
        return self._transport is None or super().is_closed()

    def settle(self) -> None:
        """Let go of what only a login needs, a sixth of all: a later exchange of keys brings its own."""
        self._client_kexinit = self._server_kexinit = b""
        self._server_sig_algs = _NONE

    def connection_lost(self, exc: Exception | None = None) -> None:
        """Let go of what would read on, and holds this: 20 KB would wait for a search for garbage."""
        super().connection_lost(exc)
        self._recv_handler = _read_nothing

    def try_next_auth(self, *, next_method: bool = False) -> None:
        """Go on with another way to log in: with `none`, where the only key came before it.

        `none` asks which ways there are, a round trip that is spared where the key does. But there are hosts
        that take nothing else.
        """
        if self._unasked and self._auth is not None:
            self._unasked, self._auth_methods, next_method = False, [b"none"], False
        super().try_next_auth(next_method=next_method)

    @property
    def logger(self) -> SSHLogger:
        """What is told of this connection, and of its channels."""
        return _SILENT

    def log_sent_packet(self, *_: Any, **__: Any) -> None:
        """Tell nothing."""

    def log_received_packet(self, *_: Any, **__: Any) -> None:
        """Tell nothing."""

    def send_packet(self, pkttype: int, *args: bytes, handler: Any = None) -> None:
        """Send a packet, but none that is to be ignored.

        asyncssh sends one before each of its own. That helps against guessing with CBC ciphers alone (RFC
        4251, 9.3.1), which are not offered.
        """
        if pkttype != MSG_IGNORE:
            super().send_packet(pkttype, *args)
        if pkttype == MSG_CHANNEL_OPEN:
            asyncio.get_running_loop().call_soon(self._confirm)

    def _confirm(self) -> None:
        """Have this machine confirm at once what it receives, behind what was just sent.

        sshd tells its host keys after a login, and sends no further small packet, such as its word that a
        channel is open, until that is confirmed: 40 ms later, if this machine waits for more (RFC 896, 1122).
        """
        way = self.get_extra_info("socket")
        if way is not None and _QUICKLY is not None:
            with contextlib.suppress(OSError):
                way.setsockopt(socket.IPPROTO_TCP, _QUICKLY, 1)

    async def send_userauth_request(
        self, method: bytes, *args: bytes, key: Any = None, trivial: bool = True
    ) -> None:
        """Send a request, signed at once where there is one key, instead of asking first whether it would do.

        A round trip less, and sshd looks the key up once instead of twice. Keys that may need a person's
        touch or word to sign are asked for first, as ever.
        """
        only = self._only
        if only is not None and method == b"publickey" and _asks(args, only):
            args, key, trivial = (Boolean(True), *args[1:]), only, False
        await super().send_userauth_request(method, *args, key=key, trivial=trivial)


def _read_nothing() -> bool:
    return False


def _asks(args: tuple[bytes, ...], pair: asyncssh.SSHKeyPair) -> bool:
    """Tell whether these are the fields of the question whether a key would do."""
    return args[0] == Boolean(False) and args[2] == String(pair.public_data)
