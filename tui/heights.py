"""How a step, its hosts and its output share the height of the screen. No toolkit in here."""

from __future__ import annotations

from msgspec import Struct

LEAST = 3
"""Lines that each of them has in any case."""
GROUPS = 8
"""Lines that the output has where something ran, printed or not: two groups, so that panes seldom move."""
AT_A_TIME = 4
"""Lines by which the output asks for more: panes do not move for every line that comes."""


class Shares(Struct, frozen=True):
    """Each has its part in any case; what one of them leaves is there for who needs it."""

    room: int
    """Lines there are."""
    about: int
    """Lines that all of the step takes, its heading included."""
    printed: int
    """Lines that all of the output wants, its heading included."""
    idle: bool
    """Nothing ran yet: what the step will do comes first, else how its hosts are."""
    wide: bool
    """The output stands beside the others."""

    @property
    def _beside(self) -> int:
        return 0 if self.wide else LEAST if self.idle else max(self.printed, GROUPS)

    @property
    def wall(self) -> int:
        """The most lines for the hosts."""
        part = self.room // (2 if self.wide else 3)
        first = self.wide or self.idle
        about = max(self.about if first else min(self.about, self.room * 2 // 5), LEAST)
        return max(part, self.room - about - self._beside, LEAST)

    def step(self, taken: int) -> int:
        """Return the step's lines where its hosts have taken so many."""
        most = self.room - taken - self._beside
        if not self.wide and not self.idle:
            most = max(most, self.room * 2 // 5)
        return max(min(self.about, most), LEAST)


class Wants:
    """What the output of each thing that was looked at wants: it is never less again."""

    def __init__(self) -> None:
        self._most: dict[object, int] = {}

    def lines(self, printed: int | None, *of: object) -> int | None:
        """Return the lines to keep for the output of what is looked at, if its lines are known now."""
        if printed is None:
            return None
        most = max(self._most.get(of, 0), -(-printed // AT_A_TIME) * AT_A_TIME)
        self._most[of] = most
        return most
