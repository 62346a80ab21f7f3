"""Lines, and under them keys with what they do; a click on one takes the same way as the key."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.widgets import Static

from ..bar import Key, key_spans
from ..lines import Line, width
from ..theme import content

Rows = Sequence[Sequence[Key]]


class KeyBar(Static):
    """As high as what it shows."""

    _above = 0
    _rows: Rows = ()

    def draw(self, lines: Sequence[Line], rows: Rows, *, layout: bool = True) -> None:
        """Show lines, none of them longer than a row, and rows of keys; with `layout` as high as they are."""
        self._above, self._rows = len(lines), rows
        keys = (tuple(one for key in row for one in key_spans(key)) for row in rows)
        self.update(Content("\n").join(content(line) for line in (*lines, *keys)), layout=layout)

    def on_click(self, event: events.Click) -> None:
        """Run what the clicked key runs."""
        offset = event.get_content_offset(self)
        row = -1 if offset is None else offset.y - self._above
        if offset is None or not 0 <= row < len(self._rows):
            return
        at = 0
        for key in self._rows[row]:
            cells = width(key_spans(key))
            if at <= offset.x < at + cells:
                event.stop()
                self.screen.run_worker(self.run_action(key.action), exit_on_error=False)
                return
            at += cells
