"""One command on one SSH connection: what is heard of it, and how it ended."""

from __future__ import annotations

import asyncssh

from gonogo.run.ports import Ended, Exit, Sink, Stream
from gonogo.text import clean_line

from .command import Command


class Session(Command, asyncssh.SSHClientSession[bytes]):
    """A command whose end is known when its host tells it."""

    def __init__(self, host: str, sink: Sink) -> None:
        super().__init__(host, sink)
        self._channel: asyncssh.SSHClientChannel[bytes] | None = None
        self._code: int | None = None
        self._signal: str | None = None
        self._error = ""

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        """The host has opened a channel; no command is sent yet."""
        self._channel = chan

    def close(self) -> None:
        """Give up a session that could not be started."""
        if self._channel is not None:
            self._channel.close()

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Pass output on."""
        self.hear(Stream.ERR if datatype == asyncssh.EXTENDED_DATA_STDERR else Stream.OUT, data)

    def exit_status_received(self, status: int) -> None:
        """Keep the exit code."""
        self._code = status
        self.exit()

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:
        """Keep the signal."""
        self._signal = f"SIG{clean_line(signal)}"
        self.exit()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing follows."""
        self._error = clean_line(str(exc)) if exc else ""
        self.exit()
        self.closed.set()

    def end(self) -> Exit:
        """Return how it ended. No exit code and no signal: nobody knows whether it finished."""
        if self._signal is not None:
            return Exit(Ended.SIGNAL, signal=self._signal, reason=f"ended by {self._signal}")
        if self._code is not None:
            return Exit(Ended.EXIT, self._code)
        why = f": {self._error}" if self._error else ""
        return Exit(Ended.LOST, reason=f"the connection was lost while the command ran{why}")
