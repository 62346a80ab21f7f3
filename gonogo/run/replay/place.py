"""Where a replay stands: the fold of the records up to there, and how another place is reached."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from gonogo.trail.reader import Reading

from ..state import Record, RunState
from .hosts import lighten
from .index import STRIDE, Book, Checkpoint, Index

WORTH = 300
"""Records that are folded rather than skipped by a checkpoint, whose making takes about as long."""


class Place:
    """A state that goes forward record by record, and anywhere from the nearest checkpoint."""

    def __init__(self, book: Book, index: Index) -> None:
        self._book, self._index = book, index
        self._folded = 0
        self._restore(None)

    def _restore(self, point: Checkpoint | None) -> None:
        path = self._index.path
        self._next: Record | None = None
        self._coming: Iterator[Record] = iter(())
        self.record: Record = {}
        """The last record folded in; empty before the first."""
        if point is None:
            self.state: RunState = self._book.fresh()
            self._reading = Reading(path)
        else:
            self.state = self._book.restore(point)
            self._reading = Reading(path, count=point.number, head=point.head, offset=point.offset)
            self.record = point.last

    def go(self, number: int) -> None:
        """Stand after so many records."""
        point = self._index.before(number, lambda point: point.number)
        if number < self.state.count or (point and point.number > self.state.count + WORTH):
            self._restore(point)
        while self.state.count < number and self.take():
            pass

    def go_until(self, point: Checkpoint | None, past: Callable[[Record], bool]) -> None:
        """Stand before the first record behind a checkpoint that is `past`, but after the very first."""
        self._restore(point)
        while (record := self.peek()) is not None and (self.state.count == 0 or not past(record)):
            self.take()

    def peek(self) -> Record | None:
        """Return the next record; None at the end of what is known so far."""
        if self._next is None and self.state.count < self._index.count:
            begin = self._reading.offset
            self._next = next(self._coming, None)
            if self._next is None:  # not begun, or ended where the trail did then
                self._coming = self._reading.records()
                self._next = next(self._coming, None)
            if self._next is not None:
                lighten(self._next, begin)
        return self._next

    def take(self) -> bool:
        """Fold the next record in; return whether there was one."""
        record = self.peek()
        if record is None:
            return False
        self.state.apply(record)
        self.record, self._next = record, None
        self._folded += 1
        if self._folded % STRIDE == 0:
            for turn in self.state.turns:
                self._book.hosts_of(turn).pack(keep=turn.running)
        return True

    def fill(self, turn: int) -> None:
        """Have a turn's hosts hold what they printed."""
        with contextlib.suppress(OSError):  # the trail is away: the rest still stands
            self._book.hosts_of(self.state.turns[turn]).fill(self._index.path)
