"""The page before the first go, in the place of the step's panes."""

from __future__ import annotations

from gonogo.run.state import RunState

from ..lines import Line
from ..preflight import Known, preflight
from .pane import Pane


class Preflight(Pane):
    """Worked out once for a width and what is known of the run's length."""

    def __init__(self) -> None:
        super().__init__(id="preflight")
        self._lines: list[Line] = []
        self._made: tuple[object, ...] = ()

    def update_run(self, state: RunState, known: Known) -> None:
        """Show what the run is about to do."""
        reach = (state.reached, len(state.reaches), len(state.left_out))
        made = (state.plan, len(state.start), known, self.cells, reach)
        if made != self._made:
            self._made = made
            self._lines = preflight(state, known, self.cells)
            self.show(len(self._lines))
        self.head(("Before the first go", "title"))

    def line(self, y: int) -> Line:
        return self._lines[y]
