"""The full-screen terminal program around two runs beside each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import BindingType
from textual.screen import Screen

from gonogo.errors import GonogoError
from gonogo.text import clean_line

from ..beside import Beside, Side
from ..keys.app import APP
from ..screens.compare import CompareScreen
from ..settings import Settings
from ..themed import USUAL, ThemedApp


class CompareApp(ThemedApp):
    """Shows two runs; `read` reads them, once the screen is painted."""

    BINDINGS: ClassVar[list[BindingType]] = [*APP]

    def __init__(self, title: str, read: Callable[[], Beside], settings: Settings = USUAL) -> None:
        super().__init__(settings)
        self._shown_title, self._look = clean_line(title), read
        self.sides: tuple[Side, ...] = ()
        """The two runs, once they are read."""
        self.trouble: GonogoError | None = None
        """Why the runs could not be read."""

    def _read(self) -> Beside:
        found = self._look()
        self.sides = found.sides
        return found

    def first(self) -> Screen[None]:
        return CompareScreen(self._shown_title, self._read, self._failed)

    def _failed(self, error: GonogoError) -> None:
        self.trouble = error
        self.exit("left")

    def way_back(self) -> str:
        return "Both runs are as they were. `gonogo compare A B --to text` tells the same in lines."

    def action_detach(self) -> None:
        """Leave the screen."""
        self.exit("left")
