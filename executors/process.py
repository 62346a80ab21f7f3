"""A command that is a process of this machine.

The event loop does not start it: uvloop's way leaves a command open files of ours, other commands' pipes
among them, which would then end with the last of all commands.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import subprocess
import threading
from typing import IO

from gonogo.run.ports import Ended, Exit, Sink, Stream

from .command import Command
from .script import CANCEL, GRACE

_PIECE = 256 << 10
"""Bytes that are read at once."""


class Process(Command):
    """A shell in a session of its own, so that ending it ends all its processes."""

    def __init__(self, host: str, sink: Sink, command: str) -> None:
        """Start it; raise OSError when that can't be."""
        super().__init__(host, sink)
        pipe = subprocess.PIPE
        words = ("sh", "-c", command)
        self._process = process = subprocess.Popen(
            words, bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
        )
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._loop = asyncio.get_running_loop()
        self._input = process.stdin
        self._unsent = b""
        self._outputs = {process.stdout: Stream.OUT, process.stderr: Stream.ERR}
        for file in (self._input, *self._outputs):
            os.set_blocking(file.fileno(), False)
        for file in self._outputs:
            self._loop.add_reader(file, self._read, file)
        try:
            threading.Thread(target=self._wait, name=f"wait for {process.pid}", daemon=True).start()
        except RuntimeError:  # Python's word for a limit of threads (ulimit -u)
            self.close()
            process.wait()
            raise OSError(errno.EAGAIN, "too many threads and processes (ulimit -u)") from None

    def write(self, data: bytes) -> None:
        """Have it read this; nothing happens when it reads no more."""
        self._unsent += data
        self._send()

    async def finish(self) -> bool:
        """Have it end with all its processes; return whether it did.

        The line is the first way, as it reaches a command that runs as another user too.
        """
        self.write(CANCEL)
        await self.over(GRACE)
        if not self.exited.done():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self.over(1)
        return self.exited.done()

    def end(self) -> Exit:
        """Return how it ended."""
        code = self._process.returncode
        if code is None or code >= 0:
            return Exit(Ended.EXIT, code)
        known = -code in {one.value for one in signal.Signals}
        name = signal.Signals(-code).name if known else f"SIG{-code}"
        return Exit(Ended.SIGNAL, signal=name, reason=f"ended by {name}")

    def close(self) -> None:
        """Let go of it. What still runs, though it was told to end, is killed."""
        self._close_input()
        for file in list(self._outputs):
            self._close_output(file)
        if not self.exited.done():
            with contextlib.suppress(PermissionError):
                self._process.kill()

    def _send(self) -> None:
        if self._input.closed:
            return
        self._loop.remove_writer(self._input)
        try:
            while self._unsent:
                self._unsent = self._unsent[os.write(self._input.fileno(), self._unsent) :]
        except BlockingIOError:
            self._loop.add_writer(self._input, self._send)
        except BrokenPipeError:
            self._close_input()

    def _read(self, file: IO[bytes]) -> None:
        try:
            data = os.read(file.fileno(), _PIECE)
        except BlockingIOError:
            return
        if data:
            self.hear(self._outputs[file], data)
        else:
            self._close_output(file)

    def _close_input(self) -> None:
        if not self._input.closed:
            self._loop.remove_writer(self._input)
            self._input.close()

    def _close_output(self, file: IO[bytes]) -> None:
        self._loop.remove_reader(file)
        del self._outputs[file]
        file.close()
        if not self._outputs:
            self.fall_silent()

    def _wait(self) -> None:
        self._process.wait()
        with contextlib.suppress(RuntimeError):  # the loop may be over by then
            self._loop.call_soon_threadsafe(self.exit)
