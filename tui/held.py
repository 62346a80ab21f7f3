"""Where somebody is in one host's output while its rows are laid out anew. No toolkit in here."""

from __future__ import annotations

from msgspec import Struct

from .rows import Rows, Spot


class Held(Struct, frozen=True):
    """The cursor's place and that of the line on top: spots, or lines of what stands above all rows."""

    cursor: Spot | int
    top: Spot | int
    row: int
    """Lines between the two."""

    @staticmethod
    def of(rows: Rows, above: int, cursor: int, top: int) -> Held:
        """Hold two lines; `above` so many stand before the first row."""
        at, first = (rows.spot(y - above) if y >= above else y for y in (cursor, top))
        return Held(at, first, cursor - top)

    def lines(self, rows: Rows, above: int) -> tuple[int, int] | None:
        """Return where the two are now; None while the rows are not laid out so far."""
        cursor, top = (_line(rows, above, one) for one in (self.cursor, self.top))
        return None if cursor is None or top is None else (cursor, top)


def _line(rows: Rows, above: int, at: Spot | int) -> int | None:
    if isinstance(at, int):
        return at
    row = rows.row_of(at)
    return None if row is None else row + above
