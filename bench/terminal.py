"""A program on a real terminal: what it paints, what it costs, what keys do to it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

PLAIN = {"TERM": "xterm-256color", "XDG_CONFIG_HOME": "/nonexistent", "XDG_STATE_HOME": "/nonexistent"}
"""A terminal that everybody has, and no settings of whoever measures."""
LIMIT = 30.0
"""Seconds after which a screen that has not come counts as an error."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What something took: seconds on the clock, seconds of processor."""

    wall: float
    cpu: float


class Terminal:
    """Starts a program on a terminal of `size` (columns, lines). Use it as a context: it ends the program."""

    def __init__(
        self, *command: str, size: tuple[int, int] = (120, 40), env: Mapping[str, str] | None = None
    ) -> None:
        self.begun = time.perf_counter()
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
            os.execve(command[0], command, os.environ | PLAIN | dict(env or {}))
        self._name = " ".join(command)
        self.seen = b""
        """What was painted since `until` found its word last."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> float:
        """End the program; return the seconds of processor that it and its ended children took."""
        if self.pid == 0:
            return 0.0
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        usage = os.wait4(self.pid, 0)[2]
        os.close(self._terminal)
        self.pid = 0
        return usage.ru_utime + usage.ru_stime

    def until(self, word: str) -> float:
        """Read until a word was painted; return when that was. RuntimeError when it does not come."""
        wanted, deadline = word.encode(), time.perf_counter() + LIMIT
        while wanted not in self.seen:
            if not self._hear(LIMIT) or time.perf_counter() > deadline:
                raise RuntimeError(
                    f"{self._name} did not paint {word!r} in time, or ended: {self.seen[-800:]!r}"
                )
        at = time.perf_counter()
        self.seen = self.seen.partition(wanted)[2]
        return at

    def rest(self, seconds: float) -> int:
        """Read what comes for so long; return how many bytes that were."""
        until, count = time.perf_counter() + seconds, 0
        while (left := until - time.perf_counter()) > 0:
            count += self._hear(left)
        self.seen = b""
        return count

    def press(self, keys: str) -> None:
        """Type keys."""
        self.seen = b""
        os.write(self._terminal, keys.encode())

    def reaction(self, keys: str, limit: float = 5.0) -> float:
        """Type keys and return the seconds until something is painted; `limit` when nothing is."""
        self.press(keys)
        begun = time.perf_counter()
        return time.perf_counter() - begun if self._hear(limit) else limit

    def cpu(self) -> float:
        """Return the seconds of processor that the program's threads took so far."""
        tasks = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def memory(self) -> float:
        """Return the MB that the program holds now, without what it shares with other programs."""
        rollup = Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        kept = [line.split() for line in rollup.splitlines() if line.startswith("Private_")]
        return sum(int(fields[1]) for fields in kept) / 1024

    def _hear(self, seconds: float) -> int:
        """Take in what is painted within so many seconds; return how many bytes, 0 at the program's end."""
        if not select.select([self._terminal], [], [], seconds)[0]:
            return 0
        with contextlib.suppress(OSError):  # how Linux says that nobody holds the terminal's other end
            piece = os.read(self._terminal, 1 << 16)
            self.seen += piece
            return len(piece)
        return 0


def painted(word: str, *command: str) -> Cost:
    """Start a program and end it once a word is painted; give what that took."""
    with Terminal(*command) as terminal:
        wall = terminal.until(word) - terminal.begun
        return Cost(wall, terminal.end())
