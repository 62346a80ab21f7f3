"""The top line: which run, how it goes, what time it is."""

from __future__ import annotations

import time

from textual import events
from textual.widgets import Static

from gonogo.run.state import At, RunState
from gonogo.text import clean_line

from ..bar import Key, boxed
from ..lines import Line, Span, clip, width
from ..symbols import RESULTS
from ..theme import content
from ..words import SECOND, clock

LONG = 60 * SECOND
"""A question that waits longer says so."""
LEAST = 12
"""Cells that a run's title has in any case."""
ROOMY = 100
"""Cells from which the key in the corner has its word beside it, and stands apart."""


class Header(Static):
    """Repaints when a second has passed or the state has changed. In its corner is a key to be clicked."""

    def __init__(self) -> None:
        super().__init__(id="header")
        self._line: Line = ()
        self._corner = Key("", "", "")

    def room(self, corner: Key) -> int:
        """Return the cells that are left beside a key."""
        self._corner = corner
        return max(self.size.width - width(self._key()), 1)

    def _key(self) -> Line:
        gap, word = (" ", f" {self._corner.word}") if self.size.width >= ROOMY else ("", "")
        return ((gap, ""), (boxed(self._corner.key), "key"), (f"{word} ", ""))

    def draw(self, line: Line) -> None:
        """Show a line that is as long as there is room, and the key behind it."""
        line = (*line, *self._key())
        if line != self._line:
            self._line = line
            self.update(content(line), layout=False)

    def on_click(self, event: events.Click) -> None:
        """Run what the key in the corner runs."""
        offset = event.get_content_offset(self)
        if offset is not None and offset.x >= self.size.width - width(self._key()):
            event.stop()
            self.screen.run_worker(self.run_action(self._corner.action), exit_on_error=False)


def header(
    state: RunState, title: str, now: int, driving: bool, lost: str, cells: int, left: str = ""
) -> Line:
    """Return the top line, what matters least cut first."""
    right: list[Span] = []
    for service, (begin, end) in state.outages.items():
        if end is None:
            right.append((f" ▼ {clip(service, 20)} down {clock(now - begin)} ", "warn"))
    if state.trouble:
        right.append((" ! trail ", "badge-bad"))
    elif state.unsealed:
        right.append((" ! not sealed ", "badge-ask"))
    elapsed = state.now if state.result is not None else now
    right.append((f"  T+{clock(elapsed)}", "title"))
    status = _status(state, driving, lost)
    room = cells - width(right) - width(status) - 5
    for extra in _extras(state, now, left):
        if room - width((extra,)) >= LEAST:
            room -= width((extra,))
            right.append(extra)
    title = title or state.plan.title
    if trail := _trail(state, room - width(((clean_line(title), ""),))):
        room -= width((trail,))
        right.append(trail)
    right.append((" ", ""))
    name = clip(title, max(room, 6))
    lead: list[Span] = [(" ", ""), (name, "title"), ("  ", ""), *status]
    gap = max(cells - width(lead) - width(right), 1)
    return (*lead, (" " * gap, ""), *right)


def _extras(state: RunState, now: int, left: str) -> list[Span]:
    """Return what is told where there is room for it, what matters most first."""
    extras: list[Span] = []
    gate = state.gate
    if gate is not None and gate.at is not At.WAIT and now - gate.asked >= LONG:
        extras.append((f"  asks since {clock(now - gate.asked)}", "ask"))
    if left:
        extras.append((f"  {left}", "run"))
    extras.append((f"  {time.strftime('%H:%M:%S')}", "dim"))
    if state.watching and state.result is None:
        extras.append((f"  {len(state.watching)} looking on", "dim"))
    return extras


def _trail(state: RunState, room: int) -> Span | None:
    """Return that the trail is on disk, or up to where it is sealed, if that takes nothing else its room."""
    if state.trouble or state.unsealed:
        return None
    # A screen hears of a record only when it is on disk.
    words: Span = ("  synced" if state.sealed is None else f"  sealed #{state.sealed:,}", "dim")
    return words if width((words,)) <= room else None


def _status(state: RunState, driving: bool, lost: str) -> list[Span]:
    if state.result is not None:
        return [RESULTS.get(state.result, (f" {clean_line(state.result)} ", "badge-dim"))]
    if lost:
        return [(" GONE ", "badge-bad")]
    spans: list[Span] = []
    if state.paused:
        spans.append((" PAUSED ", "badge-dim"))
    if not driving:
        spans.append((" LOOKING ON ", "badge-dim"))
    return spans
