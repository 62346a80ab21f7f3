"""What hosts had printed by the moment at which a replay stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

from gonogo.trail.output import Chunk, OutputReader


class PastReader(OutputReader):
    """Gives no chunk before its time; `now` is nanoseconds since the run began."""

    def __init__(self, path: Path, now: Callable[[], int]) -> None:
        super().__init__(path)
        self._now = now
        self._held: tuple[Chunk, ...] = ()

    def more(self, limit: int = 4 << 20) -> Iterator[Chunk]:
        held, self._held = self._held, ()
        for chunk in chain(held, super().more(limit)):
            if chunk.at > self._now():
                self._held = (chunk,)
                return
            yield chunk
