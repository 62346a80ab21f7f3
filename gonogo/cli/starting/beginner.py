"""A run begun by a process of its own, while this one paints the screen.

Both take 0.3 s of processor time, and whoever starts a run waits for neither twice. The terminal is the
screen's: values are asked for in a field on it, and the other process wants the terminal before it asks
anything else, or says why it failed. What it only tells goes to the screen together with the run.

Messages are lines of JSON, in turn: `ask` and `value` until the value fits (`refused` says why not), then
`terminal`, or the run.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click
from msgspec import Struct
from msgspec.structs import asdict

from gonogo.errors import UsageError

from ..questions import Fits, Wanted, asked_at
from ..terminal import kept_settings, uninterrupted

_MOST = 1 << 16
_ASKS = {"terminal": True}
Say = Callable[[str], Awaitable[None]]
"""Hands in what was typed; raises UsageError when it is not taken."""
Ask = Callable[[Wanted, Say], Awaitable[bool]]
"""Asks on the screen until what was typed is taken; False: the person backed out."""


class Begun(Struct, frozen=True):
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

    async def begun(self, suspend: Callable[[], AbstractContextManager[None]], ask: Ask) -> Begun | None:
        """Wait for the run; None when there is none, and why stands on the terminal.

        `suspend` has the screen leave the terminal to the other process.
        """
        self._socket.setblocking(False)
        told: dict[str, Any] | None = await self._heard()
        while told and "ask" in told:
            told = await self._asked(told["ask"], ask)
        if told is None:
            return None
        if told == _ASKS:
            with suspend(), uninterrupted(), kept_settings():
                told = self._lend()
        self._ending = True
        return Begun(Path(told["run"]), tuple(told["said"])) if told else None

    async def _heard(self) -> dict[str, Any]:
        """Return its next message; nothing when it has ended."""
        loop, data = asyncio.get_running_loop(), b""
        while not data.endswith(b"\n") and (piece := await loop.sock_recv(self._socket, _MOST)):
            data += piece
        return dict(json.loads(data)) if data else {}

    async def _asked(self, field: dict[str, Any], ask: Ask) -> dict[str, Any] | None:
        """Have a value given on the screen; return what the other process says then, None without a value."""
        heard: dict[str, Any] = {}

        async def say(text: str) -> None:
            data = json.dumps({"value": text}).encode() + b"\n"
            await asyncio.get_running_loop().sock_sendall(self._socket, data)
            heard.clear()
            heard.update(await self._heard())
            if "refused" in heard:
                raise UsageError(heard["refused"])

        return heard if await ask(Wanted(**field | {"choices": tuple(field["choices"])}), say) else None

    def _lend(self) -> dict[str, Any]:
        """Leave the terminal to the other process until it has begun the run, or ended."""
        self._socket.setblocking(True)
        self._socket.sendall(b"\n")
        with self._socket.makefile("rb") as answers:
            data = answers.readline()
        return dict(json.loads(data)) if data else {}

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
        self._answers = self._socket.makefile("rb")
        self._doors = [_Door(number) for number in (1, 2)]
        self._has_terminal = self._left = False

    def begun(self, run: Path) -> None:
        """Tell of the run."""
        said = [line for door in self._doors for line in door.held.decode("utf-8", "replace").splitlines()]
        self._tell({"run": str(run), "said": said})

    def _tell(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # the screen was left
            self._socket.sendall(json.dumps(message).encode() + b"\n")

    def free(self) -> None:
        """Wait until the terminal is ours, and write what was held back."""
        if not (self._has_terminal or self._left):
            self._has_terminal = True
            self._tell(_ASKS)
            self._heard()
            for door in self._doors:
                door.release()

    def ask(self, wanted: Wanted, fits: Fits) -> str | None:
        """Have a value given on the screen; leave when the screen was left."""
        if self._has_terminal:
            return None
        self._tell({"ask": asdict(wanted)})
        while line := self._heard():
            try:
                return fits(json.loads(line)["value"] or wanted.default or "")
            except click.UsageError as error:
                self._tell({"refused": error.message})
        self._left = True
        sys.exit(130)

    def _heard(self) -> bytes:
        with contextlib.suppress(OSError):  # the screen was left
            return self._answers.readline()
        return b""

    @contextlib.contextmanager
    def quietly(self) -> Iterator[None]:
        """Hold back what is written, until there is a question or an error."""
        before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = (
            io.TextIOWrapper(io.BufferedWriter(door), "utf-8", "replace", line_buffering=True)
            for door in self._doors
        )
        try:
            with asked_at(self):
                yield
        except BaseException:
            self.free()
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
