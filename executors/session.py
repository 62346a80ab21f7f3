"""One command on one SSH connection: what is said to it and heard of it, and how it ended."""

from __future__ import annotations

import asyncio
import contextlib

import asyncssh

from gonogo.run.ports import Ended, Exit, Sink, Stream

from .command import Command
from .reasons import parting, said
from .script import CANCEL, GRACE

_SIGNALS = (
    "ABRT",
    "ALRM",
    "FPE",
    "HUP",
    "ILL",
    "INT",
    "KILL",
    "PIPE",
    "QUIT",
    "SEGV",
    "TERM",
    "USR1",
    "USR2",
)
"""The names that RFC 4254 knows. OpenSSH calls all others SIG@openssh.com."""


class Session(Command, asyncssh.SSHClientSession[bytes]):
    """A command whose end is known when its host tells it. `script` is its standard input."""

    def __init__(self, host: str, sink: Sink, script: bytes) -> None:
        super().__init__(host, sink)
        self._script = script
        self._channel: asyncssh.SSHClientChannel[bytes] | None = None
        self._code: int | None = None
        self._signal: tuple[str, str] | None = None
        """Its name, and how it is told."""
        self._error = ""
        self.sent = False
        """Whether the script is on its way: from then on something may run there."""

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        """The host has opened a channel. The script goes right behind the command, without a round trip."""
        self._channel = chan
        asyncio.get_running_loop().call_soon(self._send)

    @property
    def is_open(self) -> bool:
        """Whether it has a channel of the connection."""
        return self._channel is not None and not self.closed.done()

    def _send(self) -> None:
        if self._channel is not None and not self._channel.is_closing():
            self._channel.write(self._script)
            self.sent = True

    async def finish(self) -> bool:
        """Have the host end the command with all its processes; return whether it did."""
        if self._channel is not None:
            with contextlib.suppress(OSError, asyncssh.Error):
                self._channel.resume_reading()
                self._channel.write(CANCEL)
        await self.over(GRACE)
        return self.end().how is not Ended.LOST

    def close(self) -> None:
        """Close the channel: a command that was not started never will."""
        if self._channel is not None:
            self._channel.close()

    def eof_received(self) -> bool:
        """Keep its input open: a command that closed its output can still be told to end."""
        return True

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Pass output on."""
        self.hear(Stream.ERR if datatype == asyncssh.EXTENDED_DATA_STDERR else Stream.OUT, data)

    def exit_status_received(self, status: int) -> None:
        """Keep the exit code."""
        self._code = status
        self.exit()

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:
        """Keep the signal."""
        if signal in _SIGNALS:
            self._signal = f"SIG{signal}", f"ended by SIG{signal}"
        else:
            self._signal = "unknown", f"ended by an unknown signal: {said(signal)}"
        self.exit()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing follows."""
        self._error = parting(exc)
        self.exit()
        self.fall_silent()

    def end(self) -> Exit:
        """Return how it ended. No exit code and no signal: nobody knows whether it finished."""
        if self._signal is not None:
            name, told = self._signal
            return Exit(Ended.SIGNAL, signal=name, reason=told)
        if self._code is not None:
            return Exit(Ended.EXIT, self._code)
        why = f": {self._error}" if self._error else ""
        return Exit(Ended.LOST, reason=f"the connection was lost while the command ran{why}")
