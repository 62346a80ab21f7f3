"""The monitors in one line under the top line; a click opens their page."""

from __future__ import annotations

from textual.message import Message
from textual.widgets import Static

from gonogo.run.state import RunState

from ..lines import Line
from ..monitors import strip
from ..theme import content


class MonitorStrip(Static):
    """Is there only for a run that has monitors."""

    class Opened(Message):
        """The monitors' page is wanted."""

    def __init__(self) -> None:
        super().__init__(id="monitors")
        self._line: Line = ()

    def update_run(self, state: RunState) -> None:
        """Show the monitors as they stand."""
        self.display = bool(state.plan.monitors)
        line = strip(state, self.size.width or 80) if self.display else ()
        if line != self._line:
            self._line = line
            self.update(content(line))

    def on_click(self) -> None:
        self.post_message(self.Opened())
