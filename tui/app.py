"""The full-screen terminal program around a run's link."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.screen import Screen

from gonogo.text import clean_line

from .keys import APP
from .link import RunLink
from .pace import Learn
from .screens.run import RunScreen
from .settings import Settings
from .themed import USUAL, ThemedApp


class RunApp(ThemedApp):
    """Shows one run. `run_async` returns `ended` or `detached`; the link stays open either way."""

    BINDINGS: ClassVar[list[BindingType]] = [*APP]

    def __init__(
        self, link: RunLink, *, title: str = "", settings: Settings = USUAL, learn: Learn | None = None
    ) -> None:
        """`learn` looks up what earlier runs took."""
        super().__init__(settings)
        self.link, self._learn = link, learn
        self._shown_title = clean_line(title)

    def first(self) -> Screen[None]:
        return RunScreen(self.link, self._shown_title, self._learn)

    def way_back(self) -> str:
        run = self.link.directory.name
        return f"The run goes on to its next gate. Come back with: gonogo attach {run}"

    def action_detach(self) -> None:
        """Leave the screen. What is out on hosts runs on to the step's end, then the run waits."""
        if self.link.state.result is not None:
            self.exit("ended")
            return
        run = clean_line(self.link.directory.name)
        if self.link.ended:
            self.exit("detached", message=Text(f"The run's process is gone. Go on with: gonogo resume {run}"))
        else:
            words = "Detached: the run goes on to its next gate and waits there."
            self.exit("detached", message=Text(f"{words} Come back with: gonogo attach {run}"))
