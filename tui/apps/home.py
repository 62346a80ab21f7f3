"""The program that Home is: it ends with what was chosen."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.screen import Screen

from ..keys.home import APP
from ..screens.home import Home
from ..settings import Settings
from ..shelf import Shelf
from ..themed import USUAL, ThemedApp


class HomeApp(ThemedApp):
    """Afterwards `chosen` holds the arguments for the program; none when the operator left."""

    BINDINGS: ClassVar[list[BindingType]] = [*APP]

    def __init__(self, shelf: Shelf, settings: Settings = USUAL) -> None:
        super().__init__(settings)
        self._shelf = shelf
        self.chosen: tuple[str, ...] = ()

    def first(self) -> Screen[None]:
        return Home(self._shelf, self._choose)

    def _choose(self, words: tuple[str, ...]) -> None:
        self.chosen = words
        self.exit("chosen")

    def action_leave(self) -> None:
        self.exit("left")
