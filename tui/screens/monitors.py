"""The monitors' page: a chart of each, with its thresholds, over the run's screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from ..keys.dialog import MONITORS
from ..lines import Line
from ..widgets.pane import Pane
from .dialog import Dialog, label_of

AGAIN = 0.5
"""Seconds between two looks at the run."""
Charts = Callable[[int, bool], list[Line]]
"""Returns the page in lines of at most so many cells, of the whole course or of the latest samples."""


class ChartPane(Pane):
    """The page, line by line."""

    def __init__(self, charts: Charts) -> None:
        super().__init__(id="charts")
        self._charts, self._lines = charts, list[Line]()
        self.whole = False

    def on_mount(self) -> None:
        self.set_interval(AGAIN, self.look)

    def on_resize(self) -> None:
        self.look()

    def look(self) -> None:
        """Show the monitors as they are now."""
        self._lines = self._charts(self.cells, self.whole)
        whole, close = (label_of(self, f"monitors.{name}") for name in ("whole", "close"))
        shown, other = (
            ("the whole run", "the latest") if self.whole else ("the latest samples", "the whole run")
        )
        self.head(("Monitors", "title"), (f"  {shown} · {whole} {other} · {close} goes back", "dim"))
        self.show(len(self._lines))

    def line(self, y: int) -> Line:
        return self._lines[y]


class Monitors(Dialog[None]):
    """Any of the leaving keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [*MONITORS]

    def __init__(self, charts: Charts) -> None:
        super().__init__()
        self._charts = charts

    def compose(self) -> ComposeResult:
        yield ChartPane(self._charts)

    def action_whole(self) -> None:
        """Show the whole run, or the latest samples again."""
        pane = self.query_one(ChartPane)
        pane.whole = not pane.whole
        pane.look()

    def action_close(self) -> None:
        self.dismiss(None)
