"""The time line: where the replay stands, what stands out in the run; the mouse goes there."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from gonogo.run.replay.recorded import Recorded

from ..lines import Line
from ..replay.line import Scale, marks_line, scale_of, told_line, track_line
from ..theme import content

PLAY = 4
"""Cells of the sign that says whether it plays."""


class Timeline(Static):
    """Three lines; what is worked out from many marks is worked out once."""

    class Picked(Message):
        """A place was pressed, or the mouse was drawn there."""

        def __init__(self, scale: Scale, cell: int) -> None:
            super().__init__()
            self.scale, self.cell = scale, cell

    def __init__(self) -> None:
        super().__init__(id="timeline")
        self._scale = Scale(1, 0, 0)
        self._marked: tuple[Scale, int] | None = None
        self._marks: Line = ()
        self._shown: tuple[Line, ...] = ()
        self._picked = -1

    def update_link(self, link: Recorded, *, by_time: bool) -> None:
        """Show where a replay stands."""
        self._scale = scale_of(link, self.content_region.width, by_time=by_time)
        found = link.index.marks
        key = (self._scale, len(found.found))
        if key != self._marked:
            self._marked, self._marks = key, marks_line(found.found, self._scale)
        track = track_line(found.outages, self._scale, link.now(), link.position)
        lines = (told_line(link, self._scale.cells), self._marks, track)
        if lines != self._shown:
            self._shown = lines
            self.update(Content("\n").join(content(line) for line in lines), layout=False)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Go to the place that is pressed, and along with the mouse; the sign of a play plays and pauses."""
        offset = event.get_content_offset(self)
        if offset is None or event.button != 1:
            return
        if offset.y > 0:
            self.capture_mouse()
            self._pick(offset.x)
        elif offset.x < PLAY:
            self.screen.run_worker(self.run_action("screen.play"), exit_on_error=False)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.app.mouse_captured is self:
            self._pick(event.get_content_offset_capture(self).x)

    def on_mouse_up(self) -> None:
        self.release_mouse()
        self._picked = -1

    def _pick(self, cell: int) -> None:
        """Tell of a place, once as long as the mouse stays in its cell."""
        if cell != self._picked:
            self._picked = cell
            self.post_message(self.Picked(self._scale, cell))
