"""The checklist: every step of the runbook on one line, the run's place always in sight."""

from __future__ import annotations

from rich.cells import cell_len
from textual.message import Message

from gonogo.run.state import RunState

from ..lines import Line, clip, fit
from ..outline import Outline, step_look, tail
from .pane import Pane


class Checklist(Pane):
    """Follows the run until the operator looks elsewhere."""

    moves_cursor = True

    class Looked(Message):
        """The operator looks at another step."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    def __init__(self, outline: Outline, state: RunState) -> None:
        super().__init__(id="checklist")
        self._outline, self._state = outline, state
        self._now = 0
        self._current: int | None = None
        self._looked = 0
        self._seen: tuple[int, int] = (-1, -1)

    def update_run(
        self, outline: Outline, state: RunState, looked: int, current: int | None, now: int
    ) -> None:
        """Show the run as it is; `looked` is the step on the screen, `current` where the run is."""
        self._outline, self._state = outline, state
        self._looked, self._current, self._now = looked, current, now
        self.cursor = outline.row_of[outline.nearest(looked)]
        self.show(len(self._outline.rows))
        place = (looked, self.size.height)
        if place != self._seen:
            self._seen = place
            self.keep_in_sight(self.cursor, margin=min(2, self.size.height // 4))
        turns = outline.now(self._state)
        done = sum(turn.result is not None for turn in turns)
        self.head(("Checklist ", "title"), (f"{done * 100 // max(len(turns), 1)} %", "dim"))

    def tint(self, y: int) -> str | None:
        row = self._outline.rows[y]
        if row.step == self._looked and row.step is not None:
            return "pane--cursor"
        return "pane--mark" if row.step is not None and row.step == self._current else None

    def line(self, y: int) -> Line:
        row = self._outline.rows[y]
        if row.step is None:
            indent = "  " * row.depth
            return ((indent, ""), (clip(row.title, self.cells - len(indent)), "section"))
        look = step_look(self._outline, self._state, row.step)
        current = row.step == self._current
        lead = ("❯ " if current else "› " if row.step == self._looked else "  ") + "  " * max(
            row.depth - 1, 0
        )
        room = self.cells - len(lead) - 2
        right = tail(self._outline, self._state, row.step, self._now)
        if cell_len(row.title) + cell_len(right) + 2 > room:
            right = tail(self._outline, self._state, row.step, self._now, short=True)
        style = "title" if current else ""
        title = fit(row.title, max(room - cell_len(right) - 2 * bool(right), 1))
        return (
            (lead, "ask"),
            (look.symbol + " ", look.style),
            (title, style),
            ("  " * bool(right) + right, "dim"),
        )

    def action_move(self, by: int) -> None:
        step = self._looked + by
        self.action_look_at(step)

    def action_move_to(self, y: int) -> None:
        self.action_look_at(self._outline.steps[0 if y >= 0 else -1])

    def action_look_at(self, step: int) -> None:
        """Look at a step, the nearest one when there is none of that number."""
        self.post_message(self.Looked(self._outline.nearest(step)))

    def on_pane_picked(self, event: Pane.Picked) -> None:
        event.stop()
        rows = self._outline.rows[event.y :]
        step = next((row.step for row in rows if row.step is not None), None)
        if step is not None:
            self.action_look_at(step)
