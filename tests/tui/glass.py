"""A program on a real terminal: what stands there, and the mouse as terminals tell of it."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rich.cells import cell_len, get_character_cell_size

from .shots import RUN, SHOTS, standing_still

PATIENCE = 20.0
"""Seconds after which what is waited for never comes."""
PIECE = re.compile(
    r"\x1b\[([0-9;?<>=$ ]*)([A-Za-z])|\x1b[\]P_^].*?(?:\x07|\x1b\\)|\x1b[^\[\]P_^]|[^\x1b]", re.DOTALL
)
WHEEL_UP, WHEEL_DOWN = 64, 65


class Screen:
    """A program on a terminal. It knows as many of a terminal's orders as gonogo sends."""

    def __init__(
        self, command: Sequence[str], folder: Path, size: tuple[int, int], environment: Mapping[str, str]
    ) -> None:
        self.size = size
        self._rows = [[" "] * size[0] for _ in range(size[1])]
        self._at = [0, 0]
        self._rest, self._decoder = "", codecs.getincrementaldecoder("utf-8")()
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
            os.chdir(folder)
            given = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
            given |= {"COLUMNS": str(size[0]), "LINES": str(size[1])}
            os.execve(command[0], list(command), {**environment, **given})

    def close(self) -> None:
        """End the program, whatever it does."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._terminal)

    def shown(self) -> str:
        """Return what stands on the terminal."""
        return "\n".join("".join(row).rstrip() for row in self._rows)

    def until(self, true: Callable[[str], bool]) -> str:
        """Wait till something holds of what stands there, and return that."""
        end = time.monotonic() + PATIENCE
        while not true(self.shown()):
            ready = select.select([self._terminal], [], [], max(end - time.monotonic(), 0))[0]
            assert ready, self.shown()
            self._feed(os.read(self._terminal, 1 << 16))
        return self.shown()

    def sees(self, *words: str) -> str:
        """Wait till all words stand there."""
        return self.until(lambda shown: all(one in shown for one in words))

    def misses(self, words: str) -> str:
        """Wait till words do not stand there."""
        return self.until(lambda shown: words not in shown)

    def press(self, keys: str) -> None:
        """Send keys as a terminal does."""
        os.write(self._terminal, keys.encode())

    def rest(self, seconds: float = 0.15) -> str:
        """Wait till the program has painted nothing for so long."""
        while select.select([self._terminal], [], [], seconds)[0]:
            self._feed(os.read(self._terminal, 1 << 16))
        return self.shown()

    def find(self, words: str) -> tuple[int, int]:
        """Return the cell (x, y) in which words begin, once the screen rests."""
        self.sees(words)
        for y, row in enumerate(self.rest().split("\n")):
            if words in row:
                return cell_len(row[: row.index(words)]), y
        raise AssertionError(words)

    def mouse(self, button: int, x: int, y: int, *, up: bool = False) -> None:
        """Tell of the mouse at a cell."""
        self.press(f"\x1b[<{button};{x + 1};{y + 1}{'m' if up else 'M'}")

    def click(self, where: str | tuple[int, int], right: int = 1, times: int = 1) -> None:
        """Click so many cells to the right of where words begin, or at a cell."""
        x, y = self.find(where) if isinstance(where, str) else where
        x += right if isinstance(where, str) else 0
        for _ in range(times):
            self.mouse(0, x, y)
            self.mouse(0, x, y, up=True)

    def _feed(self, data: bytes) -> None:
        self._rest += self._decoder.decode(data)
        done = 0
        while (found := PIECE.match(self._rest, done)) is not None:
            self._take(found[0], found[1], found[2])
            done = found.end()
        self._rest = self._rest[done:]

    def _take(self, piece: str, numbers: str | None, order: str | None) -> None:
        x, y = self._at
        if order == "H":
            row, _, column = (numbers or "1;1").partition(";")
            self._at = [int(column or 1) - 1, int(row or 1) - 1]
        elif piece == "\r":
            self._at = [0, y]
        elif piece == "\n":
            self._at = [x, min(y + 1, self.size[1] - 1)]
        elif piece >= " " and piece[0] != "\x1b":
            wide = get_character_cell_size(piece)
            if wide and x < self.size[0]:
                self._rows[y][x : x + wide] = [piece, *[""] * (wide - 1)]
            self._at = [x + wide, y]


class Glass(Screen):
    """One of the shots on a terminal."""

    def __init__(self, root: Path, shot: str, folder: Path, size: tuple[int, int]) -> None:
        command = [sys.executable, "-m", "tests.tui.glass", shot, str(folder)]
        super().__init__(command, root, size, os.environ)


def main(shot: str, folder: str) -> None:
    """Show a shot on this terminal."""
    with standing_still(Path(folder)):
        SHOTS[shot].make(Path(RUN)).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
