"""Lines by the million, kept packed, and the rows that they take on a screen. No toolkit in here.

One thread adds while another reads: what is read together stands in one tuple, which is put in place at once.
"""

from __future__ import annotations

import time
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

from gonogo.text import clean_line

from .lines import pieces

BLOCK = 512
"""Lines that are packed together: a tenth of their bytes, 0.5 ms to open."""
OPEN = 16
"""Blocks that are kept open."""


class Printed(Struct, frozen=True):
    """One line of output. `stream` is `o`, `e`, or `-` for a heading of ours."""

    stream: str
    text: str


class Lines:
    """Clean lines without line breaks, only ever added to."""

    def __init__(self) -> None:
        self._packed: list[bytes] = []
        self._now: tuple[int, Sequence[Printed]] = (0, ())
        """How many blocks there are, and the lines behind them."""
        self._block = lru_cache(OPEN)(self._open)

    def add(self, lines: Iterable[Printed]) -> None:
        """Add lines at the end."""
        whole, fresh = self._now
        fresh = [*fresh, *lines]
        while len(fresh) >= BLOCK:
            text = "\n".join(one.stream + one.text for one in fresh[:BLOCK])
            self._packed.append(zlib.compress(text.encode(), 1))
            del fresh[:BLOCK]
            whole += 1
        self._now = (whole, fresh)

    @property
    def whole(self) -> int:
        """How many blocks are full; they stay as they are."""
        return self._now[0]

    @property
    def fresh(self) -> tuple[int, Sequence[Printed]]:
        """How many blocks are full, and the lines behind them."""
        return self._now

    def text(self, block: int) -> str:
        """Return a full block's lines, each with its stream's letter before it."""
        return zlib.decompress(self._packed[block]).decode()

    def block(self, number: int) -> Sequence[Printed]:
        """Return a full block's lines."""
        return self._block(number)

    def _open(self, number: int) -> Sequence[Printed]:
        return [Printed(line[0], line[1:]) for line in self.text(number).split("\n")]

    def __iter__(self) -> Iterator[Printed]:
        whole, fresh = self._now
        for number in range(whole):
            yield from self.block(number)
        yield from fresh

    def __len__(self) -> int:
        whole, fresh = self._now
        return whole * BLOCK + len(fresh)


class Spot(Struct, frozen=True):
    """A place in lines that stays the same however they are broken."""

    line: int
    chars: int
    """Characters of the line that stand before it."""


class Shape(Struct, frozen=True):
    """How lines become rows: cells of a row, what a line must hold, whether long ones are broken."""

    cells: int
    wanted: str = ""
    wraps: bool = True

    def rows(self, printed: Printed) -> list[Printed]:
        """Return a line's rows; none when it is not wanted."""
        if self.wanted.lower() not in printed.text.lower() and printed.stream != "-":
            return []
        text = printed.text.expandtabs(8)
        if not self.wraps:
            return [Printed(printed.stream, clean_line(text))]
        return [Printed(printed.stream, piece) for piece in pieces(text, self.cells)]

    def count(self, text: str) -> int:
        """Return how many rows a block's text takes (`Lines.text`)."""
        if not self.wanted and text.isascii() and "\t" not in text:
            lines = text.split("\n")
            return (
                sum((len(line) - 2) // self.cells for line in lines) + len(lines)
                if self.wraps
                else len(lines)
            )
        return sum(len(self.rows(Printed(line[0], line[1:]))) for line in text.split("\n"))


class Rows:
    """The rows of all lines in one shape. `extend` goes on with what was added; the rest is quick."""

    def __init__(self, lines: Lines, shape: Shape) -> None:
        self._lines, self.shape = lines, shape
        self._ends = array("Q")
        """Rows up to the end of each full block."""
        self._now: tuple[int, Sequence[Printed]] = (0, ())
        """Rows of full blocks, and those behind them."""
        self._rows = lru_cache(OPEN)(self._rows_of)
        self._holds = lru_cache(OPEN)(self._held)

    def extend(self, seconds: float) -> bool:
        """Go on for about so long; return whether everything is in."""
        until = time.monotonic() + seconds
        total = self._now[0]
        while len(self._ends) < self._lines.whole:
            total += self.shape.count(self._lines.text(len(self._ends)))
            self._ends.append(total)
            if time.monotonic() > until:
                self._now = (total, ())
                return False
        whole, fresh = self._lines.fresh
        if whole == len(self._ends):
            self._now = (total, [row for line in fresh for row in self.shape.rows(line)])
        return whole == len(self._ends)

    def __len__(self) -> int:
        total, behind = self._now
        return total + len(behind)

    def row(self, y: int) -> Printed:
        """Return a row; an empty one where there is none any more."""
        total, behind = self._now
        if y >= total:
            return behind[y - total] if y - total < len(behind) else Printed("o", "")
        block, first, _ = self._place(y)
        return self._rows(block)[y - first]

    def spot(self, y: int) -> Spot:
        """Return which line a row is of, in whatever shape that is drawn."""
        block, first, lines = self._near(y)
        number = block * BLOCK
        for line in lines:
            rows = self.shape.rows(line)
            if y < first + len(rows):
                return Spot(number, sum(len(row.text) for row in rows[: y - first]))
            first, number = first + len(rows), number + 1
        return Spot(number, 0)

    def row_of(self, spot: Spot) -> int | None:
        """Return the row at which a spot is drawn; None while it is not laid out."""
        block, laid = spot.line // BLOCK, len(self._ends)
        if block > laid or (block == laid < self._lines.whole):
            return None
        first = self._ends[block - 1] if block else 0
        lines = self._lines.block(block) if block < laid else self._lines.fresh[1]
        inside = spot.line - block * BLOCK
        first += sum(len(self.shape.rows(line)) for line in lines[:inside])
        left = spot.chars
        for row in self.shape.rows(lines[inside])[:-1] if inside < len(lines) else ():
            left -= len(row.text)
            if left < 0:
                break
            first += 1
        return first

    def _near(self, y: int) -> tuple[int, int, Sequence[Printed]]:
        """Return the block that holds a row, its first row and its lines."""
        if y < self._now[0]:
            block, first, _ = self._place(y)
            return block, first, self._lines.block(block)
        laid = len(self._ends)
        whole, fresh = self._lines.fresh
        return laid, self._now[0], self._lines.block(laid) if laid < whole else fresh

    def barren(self, y: int, want: str, by: int) -> int:
        """Return how many rows from this one on (`by` 1) or back (-1) can't hold a text in small letters.

        0 where it is not known without a look at them.
        """
        if y < 0 or y >= self._now[0]:
            return 0
        block, first, end = self._place(y)
        if self._holds(block, want):
            return 0
        return end - y if by > 0 else y - first + 1

    def _place(self, y: int) -> tuple[int, int, int]:
        block = bisect_right(self._ends, y)
        return block, self._ends[block - 1] if block else 0, self._ends[block]

    def _rows_of(self, block: int) -> list[Printed]:
        return [row for line in self._lines.block(block) for row in self.shape.rows(line)]

    def _held(self, block: int, want: str) -> bool:
        # A tab is so many blanks on its row.
        text = self._lines.text(block).lower()
        return want in text or "\t" in text
