"""Where the cursor stands in a line that a terminal breaks at its right edge."""

from __future__ import annotations

from rich.cells import cell_len

_UNBROKEN = 1 << 30
"""Columns of a terminal that does not tell them."""


class Wrapped:
    """A line as it stands on a terminal of so many columns, begun at its left edge."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self._room = columns or _UNBROKEN
        self._ends = [(0, 0)]
        """(row, column) of the cursor before the line, and behind each of its characters."""

    def add(self, text: str) -> str:
        """Return what shows more text, and has the cursor stand where it is thought to."""
        return "".join(map(self._one, text))

    def _one(self, char: str) -> str:
        row, column = self._ends[-1]
        cells = cell_len(char)
        if column + cells > self._room:
            row, column = row + 1, 0
        column += cells
        if full := column == self._room:
            # Terminals differ in where a full row leaves the cursor; one more cell breaks the line in all.
            row, column = row + 1, 0
        self._ends.append((row, column))
        return f"{char} \r" if full else char

    @property
    def at_edge(self) -> bool:
        """Whether nothing stands in the cursor's row."""
        return self._ends[-1][1] == 0

    def take_back(self, count: int) -> str | None:
        """Return what blanks the last characters; None, and no change, where they stand in several rows.

        It is nothing but backspaces and blanks: every terminal knows those.
        """
        (first, start), (row, column) = self._ends[-1 - count], self._ends[-1]
        if first != row:
            return None
        del self._ends[-count:]
        cells = column - start
        return "\b" * cells + " " * cells + "\b" * cells
