"""A page to read over the screen: it is scrolled, and left again."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from ..keys.dialog import PAGE
from ..lines import Line
from ..widgets.pane import Pane
from .dialog import Dialog, label_of

Lines = Callable[[int], list[Line]]
"""Returns the page in lines of at most so many cells."""


class PagePane(Pane):
    """The page, line by line."""

    def __init__(self, title: str, lines: Lines) -> None:
        super().__init__(id="help")
        self._heading, self._make = title, lines
        self._lines: list[Line] = []

    def on_mount(self) -> None:
        self.head((self._heading, "title"), (f"  {label_of(self, 'page.close')} goes back", "dim"))

    def on_resize(self) -> None:
        self._lines = self._make(self.cells)
        self.show(len(self._lines))

    def line(self, y: int) -> Line:
        return self._lines[y]


class Page(Dialog[None]):
    """Any of the leaving keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [*PAGE]

    def __init__(self, title: str, lines: Lines) -> None:
        super().__init__()
        self._heading, self._lines = title, lines

    def compose(self) -> ComposeResult:
        yield PagePane(self._heading, self._lines)

    def action_close(self) -> None:
        self.dismiss(None)
