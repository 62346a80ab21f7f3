"""Commands as the server sees them: asked of the spawner, with pipes for their streams."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import pty
import signal
import socket
import struct
import termios

from msgspec import Struct, field

from .spawner import REQUEST_LIMIT


class Running(Struct):
    """A command on a host. Its streams are this process's ends; `error` is None on a terminal."""

    number: int
    stdin: int
    output: int
    error: int | None
    code: asyncio.Future[int]
    """The exit code, or a signal's number below zero."""


class Commands(Struct):
    """Starts commands through the spawner and hears of their ends."""

    requests: socket.socket
    ends: int
    _running: dict[int, Running] = field(default_factory=dict)
    _last: int = 0
    _rest: bytes = b""

    def listen(self) -> None:
        """Begin to hear of ends. Called inside the event loop."""
        os.set_blocking(self.ends, False)
        asyncio.get_running_loop().add_reader(self.ends, self._hear)

    def start(self, host: int, command: str | None, terminal: tuple[str, int, int] | None) -> Running:
        """Start a command (None: a login shell); `terminal` is its type, columns and rows.

        Raises OSError when there are no descriptors left or the command is too long.
        """
        pairs = _terminal(terminal[1], terminal[2]) if terminal else _pipes()
        ours, theirs = pairs
        self._last += 1
        request: dict[str, object] = {"id": self._last, "host": host, "command": command}
        if terminal:
            request |= {"tty": True, "env": {"TERM": terminal[0]}}
        data = json.dumps(request).encode()
        try:
            if len(data) > REQUEST_LIMIT:
                raise OSError("the command line is too long")
            socket.send_fds(self.requests, [data], list(theirs))
        except OSError:
            for descriptor in {one for one in ours if one is not None}:
                os.close(descriptor)
            raise
        finally:
            for descriptor in set(theirs):
                os.close(descriptor)
        running = Running(self._last, *ours, asyncio.get_running_loop().create_future())
        self._running[self._last] = running
        return running

    def send_signal(self, running: Running, name: str) -> None:
        """Send a signal, by its name without SIG, to a command's process group."""
        number = getattr(signal, f"SIG{name}", None)
        if number is not None and running.number in self._running:
            self.requests.send(json.dumps({"id": running.number, "signal": int(number)}).encode())

    def _hear(self) -> None:
        try:
            data = os.read(self.ends, 1 << 16)
        except BlockingIOError:
            return
        if not data:
            asyncio.get_running_loop().remove_reader(self.ends)
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            number, code = map(int, line.split())
            running = self._running.pop(number)
            if not running.code.done():
                running.code.set_result(code)


_Ours = tuple[int, int, int | None]
_Theirs = tuple[int, int, int]


def _pipes() -> tuple[_Ours, _Theirs]:
    (in_read, in_write), (out_read, out_write), (err_read, err_write) = os.pipe(), os.pipe(), os.pipe()
    return (in_write, out_read, err_read), (in_read, out_write, err_write)


def _terminal(columns: int, rows: int) -> tuple[_Ours, _Theirs]:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows or 24, columns or 80, 0, 0))
    return (os.dup(ours), ours, None), (theirs, theirs, theirs)
