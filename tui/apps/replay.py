"""The full-screen terminal program around a recorded run."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.screen import Screen

from gonogo.run.replay.recorded import Recorded
from gonogo.text import clean_line

from ..keys.app import APP
from ..screens.replay import ReplayScreen
from ..settings import Settings
from ..themed import USUAL, ThemedApp


class ReplayApp(ThemedApp):
    """Shows a past run; its link is read once the screen is painted, and stays open."""

    BINDINGS: ClassVar[list[BindingType]] = [*APP]

    def __init__(self, link: Recorded, *, title: str = "", settings: Settings = USUAL) -> None:
        super().__init__(settings)
        self.link = link
        self._shown_title = clean_line(title)

    def first(self) -> Screen[None]:
        return ReplayScreen(self.link, self._shown_title)

    def way_back(self) -> str:
        return f"The run is as it was. `gonogo replay {self.link.directory.name} --plain` tells it in lines."

    def action_detach(self) -> None:
        """Leave the screen; the run is as it was."""
        self.exit("left", message=Text(f"Left the replay of {clean_line(self.link.directory.name)}."))
