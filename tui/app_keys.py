"""The keys that leave a run's screen, wherever the focus is."""

from __future__ import annotations

from textual.binding import Binding

APP: list[Binding] = [
    Binding("ctrl+c", "detach", "detach: the run goes on", id="app.detach", show=False, priority=True),
    Binding("ctrl+q", "detach", "detach: the run goes on", id="app.leave", show=False, priority=True),
]
