"""The run screen's frame, painted while the run itself is still on its way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Static

from ..bar import Key
from ..keys.names import key_of
from ..lines import Line
from ..theme import content
from ..themed import ThemedApp
from ..widgets.keybar import KeyBar
from ..widgets.small import Small

_NEXT: Line = ((" … ", "badge-dim"), ("  Nothing runs before you say so.", "dim"))
LEAVE = Binding("q,escape", "app.detach", "leave", id="run.leave")


class Opening(Screen[None], inherit_bindings=False):
    """Has the places and the looks of a run's screen before its first go; calls `opened` once painted."""

    BINDINGS: ClassVar[list[BindingType]] = [LEAVE]

    def __init__(self, title: str, opened: Callable[[], Awaitable[None]]) -> None:
        super().__init__(classes="-preflight")
        self._heading, self._opened = title, opened

    def compose(self) -> ComposeResult:
        yield Static(content(((" ", ""), (self._heading, "title"))), id="header")
        with Horizontal(id="body"):
            yield _frame("Checklist", "checklist")
            yield _frame("Before the first go", "preflight", (("Reading…", "dim"),))
        yield KeyBar(id="gate")
        yield Small()

    def on_mount(self) -> None:
        assert isinstance(self.app, ThemedApp)
        leave = Key(key_of("run.leave", [LEAVE], self.app.settings.keys), "leave", "app.detach")
        self.query_one(KeyBar).draw([_NEXT], [[leave]])
        self.call_after_refresh(self.app.run_worker, self._opened)


def _frame(title: str, name: str, line: Line = ()) -> Static:
    """Return a pane with its heading, and one line at most."""
    frame = Static(content(line), id=name, classes="frame")
    frame.border_title = content(((title, "title"),))
    return frame
