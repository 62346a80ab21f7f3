"""The full-screen terminal program around a run's link."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import App
from textual.binding import Binding, BindingType

from gonogo.text import clean_line

from .link import RunLink
from .screens.run import LEAST, RunScreen
from .theme import NIGHT

WIDTHS = [(0, "-tiny"), (LEAST[0], "-slim"), (100, "-normal"), (150, "-wide")]
HEIGHTS = [(0, "-flat"), (LEAST[1], "-low"), (32, "-tall")]
"""From so many cells or lines on, the screen has this class."""


class RunApp(App[str]):
    """Shows one run. `run_async` returns `ended` or `detached`; the link stays open either way."""

    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "detach", "detach", id="app.detach", show=False, priority=True),
        Binding("ctrl+q", "detach", "detach", id="app.leave", show=False, priority=True),
    ]

    def __init__(self, link: RunLink, *, title: str = "") -> None:
        super().__init__()
        self.link = link
        self._shown_title = clean_line(title)

    def on_mount(self) -> None:
        self.register_theme(NIGHT)
        self.theme = NIGHT.name
        self.push_screen(RunScreen(self.link, self._shown_title))

    def _fatal_error(self) -> None:
        """Say where the screen failed, and how to come back to the run.

        The toolkit's own page shows every value at hand, and one of them may be a secret just typed in.
        """
        frames = traceback.extract_tb(self._exception.__traceback__ if self._exception else None)
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "start"
        what = f"The screen failed: {type(self._exception).__name__} at {place}. This is a mistake in gonogo."
        back = f"The run goes on to its next gate. Come back with: gonogo attach {self.link.directory.name}"
        self.panic(Text(f"{what}\n{clean_line(back)}"))

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
