"""What one host printed in a turn, read from the run's output files while they grow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct, field

from gonogo.text import clean_bytes
from gonogo.trail.output import OutputReader, output_path

from .rows import Lines, Printed

PULL = 16 << 20
"""Bytes of an output file looked at in one pull; done in a thread, so that the screen never waits for it."""


class HostStream(Struct):
    """One host's output in all attempts of one turn. Call `pull` again and again."""

    run: Path
    turn: int
    host: str
    reader: Callable[[Path], OutputReader] = OutputReader
    """Opens an attempt's file."""
    whole: Lines = field(default_factory=Lines)
    """Lines that are complete."""
    tails: tuple[Printed, ...] = ()
    """Lines whose end has not come yet, at most one a stream."""
    _attempt: int = 1
    _headed: int = 0
    """The latest attempt that has its heading."""
    _reader: OutputReader | None = None
    _open: dict[str, bytes] = field(default_factory=dict)
    """Per stream: the bytes of a line whose end has not come yet."""

    def pull(self, attempts: int) -> bool:
        """Take in what was printed since; `attempts` is the turn's latest. Return whether there was any."""
        grew = False
        while self._attempt <= attempts:
            if self._reader is None:
                self._reader = self.reader(output_path(self.run, self.turn, self._attempt))
            last = self._attempt == attempts
            grew = self._read(self._reader, PULL if last else 1 << 62, headed=attempts > 1) or grew
            if last:
                break
            self._finish()
        return grew

    def _read(self, reader: OutputReader, limit: int, *, headed: bool) -> bool:
        grew = False
        for chunk in reader.more(limit):
            if chunk.host != self.host:
                continue
            if headed and self._headed < self._attempt:
                self._headed = self._attempt
                self.whole.add([Printed("-", f"attempt {self._attempt}")])
            grew = True
            *whole, rest = (self._open.get(chunk.stream, b"") + chunk.data).split(b"\n")
            self.whole.add(Printed(chunk.stream, clean_bytes(line.rstrip(b"\r"))) for line in whole)
            self._open[chunk.stream] = rest
        self.tails = self._unfinished()
        return grew

    def _unfinished(self) -> tuple[Printed, ...]:
        return tuple(Printed(name, clean_bytes(rest)) for name, rest in self._open.items() if rest)

    def _finish(self) -> None:
        """Go on to the next attempt's file."""
        self.whole.add(self._unfinished())
        self._open.clear()
        self._reader = None
        self._attempt += 1
