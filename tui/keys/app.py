"""The keys of every pane and of every run's screen; loaded before the first paint, so on their own."""

from __future__ import annotations

from textual.binding import Binding

APP: list[Binding] = [
    Binding("ctrl+c", "detach", "detach: the run goes on", id="app.detach", show=False, priority=True),
    Binding("ctrl+q", "detach", "detach: the run goes on", id="app.leave", show=False, priority=True),
]
"""They leave a run's screen, wherever the focus is."""
PANE: list[Binding] = [
    Binding("up,k", "move(-1)", "up", id="pane.up", show=False),
    Binding("down,j", "move(1)", "down", id="pane.down", show=False),
    Binding("pageup", "move_page(-1)", "page up", id="pane.page-up", show=False),
    Binding("pagedown,space", "move_page(1)", "page down", id="pane.page-down", show=False),
    Binding("home", "move_to(0)", "first", id="pane.first", show=False),
    Binding("end,G", "move_to(-1)", "last", id="pane.last", show=False),
]
