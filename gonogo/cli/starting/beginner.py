"""A run begun by a process of its own, while this one paints the screen.

Both take 0.3 s of processor time, and whoever starts a run waits for neither twice. The terminal is the
screen's: the other process asks for it before it puts a question, and before it says why it failed. What it
only tells goes to the screen together with the run.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..questions import freed_by
from ..terminal import kept_settings, uninterrupted

_MOST = 1 << 16
_ASKS = {"terminal": True}


@dataclass(frozen=True, slots=True)
class Begun:
    """A run that waits for its first go, and what was told on the way, in lines."""

    run: Path
    said: tuple[str, ...]


class Beginner:
    """The other process, seen from the screen's. It is started with our own arguments."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            end = str(theirs.fileno())
            words = [sys.executable, "-P", "-m", "gonogo", *sys.argv[1:], "--start-fd", end]
            self._process = subprocess.Popen(words, pass_fds=[theirs.fileno()])
        self._ending = False
        """It has said its last word, and leaves by itself."""

    async def begun(self, suspend: Callable[[], AbstractContextManager[None]]) -> Begun | None:
        """Wait for the run; None when there is none, and why stands on the terminal.

        `suspend` has the screen leave the terminal to the other process.
        """
        self._socket.setblocking(False)
        loop, data = asyncio.get_running_loop(), b""
        while not data.endswith(b"\n") and (piece := await loop.sock_recv(self._socket, _MOST)):
            data += piece
        if data and json.loads(data) == _ASKS:
            with suspend(), uninterrupted(), kept_settings():
                data = self._lend()
        self._ending = True
        if not data:
            return None
        told = json.loads(data)
        return Begun(Path(told["run"]), tuple(told["said"]))

    def _lend(self) -> bytes:
        """Leave the terminal to the other process until it has begun the run, or ended."""
        self._socket.setblocking(True)
        self._socket.sendall(b"\n")
        with self._socket.makefile("rb") as answers:
            return answers.readline()

    def end(self) -> int:
        """Have it leave, if it is still there; return its exit code, 130 when it had not come to one."""
        self._socket.close()
        if not self._ending:
            self._process.terminate()
        return max(self._process.wait(), 0) or 130


class Telling:
    """The screen's process, seen from the other one: `with telling: ... telling.begun(run)`."""

    def __init__(self, end: int) -> None:
        self._socket = socket.socket(fileno=end)
        self._doors = [_Door(number) for number in (1, 2)]
        self._has_terminal = False

    def begun(self, run: Path) -> None:
        """Tell of the run."""
        said = [line for door in self._doors for line in door.held.decode("utf-8", "replace").splitlines()]
        self._tell({"run": str(run), "said": said})

    def _tell(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # the screen was left
            self._socket.sendall(json.dumps(message).encode() + b"\n")

    def _lent(self) -> None:
        """Wait until the terminal is ours, and write what was held back."""
        if not self._has_terminal:
            self._has_terminal = True
            self._tell(_ASKS)
            with contextlib.suppress(OSError):
                self._socket.recv(1)
            for door in self._doors:
                door.release()

    @contextlib.contextmanager
    def quietly(self) -> Iterator[None]:
        """Hold back what is written, until there is a question or an error."""
        before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = (
            io.TextIOWrapper(io.BufferedWriter(door), "utf-8", "replace", line_buffering=True)
            for door in self._doors
        )
        try:
            with freed_by(self._lent):
                yield
        except BaseException:
            self._lent()
            raise
        finally:
            sys.stdout, sys.stderr = before


class _Door(io.FileIO):
    """Holds back what is written."""

    def __init__(self, number: int) -> None:
        super().__init__(number, "wb", closefd=False)
        self.held = b""
        self._open = False

    def write(self, data: Any) -> int:
        if self._open:
            return super().write(data)
        self.held += data
        return len(data)

    def release(self) -> None:
        """Write what was held back, and hold nothing back from here on."""
        held, self.held, self._open = self.held, b"", True
        while held:
            held = held[super().write(held) :]
