"""A time axis on which long pauses take little room, and say so."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate

from msgspec import Struct

LONG = 0.25
"""A pause longer than this share of the whole is shortened."""


class Break(Struct, frozen=True):
    """A pause that was shortened: where it stands in percent of the width, and its true nanoseconds."""

    left: float
    width: float
    taken: int


class Scale:
    """Maps nanoseconds since the run began to percent of a width."""

    def __init__(self, moments: Iterable[int], busy: Iterable[tuple[int, int]]) -> None:
        """Make the axis of a run that has these moments; what lies within a `busy` span is no pause."""
        spans = list(busy)
        self._at = sorted({0, *moments, *(moment for one in spans for moment in one)})
        worked = self._worked(spans)
        gaps = [later - earlier for earlier, later in zip(self._at, self._at[1:], strict=False)]
        total = sum(gaps)
        limit = total * LONG
        rest = sum(gap for gap, work in zip(gaps, worked, strict=True) if work or gap <= limit)
        most = max(rest * LONG, 1.0) if rest else float(total)
        self._long = [not work and gap > limit and gap > most for gap, work in zip(gaps, worked, strict=True)]
        widths = [most if long else float(gap) for gap, long in zip(gaps, self._long, strict=True)]
        whole = sum(widths) or 1.0
        self._edges = [0.0]
        for width in widths:
            self._edges.append(self._edges[-1] + 100 * width / whole)

    def _worked(self, spans: Iterable[tuple[int, int]]) -> list[bool]:
        """Return, for each stretch between two moments, whether something ran in it."""
        change = [0] * (len(self._at) + 1)
        for begin, end in spans:
            change[bisect_left(self._at, begin)] += 1
            change[bisect_left(self._at, end)] -= 1
        return [running > 0 for running in list(accumulate(change))[: len(self._at) - 1]]

    def at(self, ns: int) -> float:
        """Return where a moment stands, 0 to 100."""
        number = bisect_right(self._at, ns) - 1
        if number < 0:
            return 0.0
        if number >= len(self._at) - 1:
            return self._edges[-1]
        begin, end = self._at[number], self._at[number + 1]
        left, right = self._edges[number], self._edges[number + 1]
        return left + (right - left) * (ns - begin) / (end - begin)

    def moment(self, percent: float) -> int:
        """Return the moment that stands somewhere, in nanoseconds since the run began."""
        number = min(max(bisect_right(self._edges, percent) - 1, 0), max(len(self._at) - 2, 0))
        if len(self._at) < 2:
            return 0
        left, right = self._edges[number], self._edges[number + 1]
        share = (percent - left) / (right - left) if right > left else 0.0
        return int(self._at[number] + (self._at[number + 1] - self._at[number]) * share)

    def breaks(self) -> Iterator[Break]:
        """Yield the pauses that were shortened."""
        for number, long in enumerate(self._long):
            if long:
                left, right = self._edges[number], self._edges[number + 1]
                yield Break(left, right - left, self._at[number + 1] - self._at[number])
