"""A few ways on at the bottom of the screen, one key each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from ..bar import LABEL
from ..lines import span
from ..theme import content


class Choose(ModalScreen[str | None]):
    """Returns the key that was pressed, or None when the operator backs out.

    `ways` are key, word, and what it does.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "back out", id="choose.back")]

    def __init__(self, prompt: str, ways: Sequence[tuple[str, str, str]]) -> None:
        super().__init__()
        self._prompt, self._ways = prompt, ways

    def compose(self) -> ComposeResult:
        with Vertical(id="ask"):
            yield Static(content((span(self._prompt, "title"),)), id="ask-prompt")
            for key, word, effect in self._ways:
                line = ((f" {key} ", "key"), (f" {word}".ljust(LABEL), "title"), span(effect, "dim"))
                yield Static(content(line), classes="ask-line", name=key)
            yield Static(content((("[esc]", "key"), (" back", ""))), id="ask-hint")

    def on_key(self, event: events.Key) -> None:
        if event.character in {key for key, _, _ in self._ways}:
            event.stop()
            self.dismiss(event.character)

    def action_back(self) -> None:
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)
        elif event.widget is not None and event.widget.name:
            self.dismiss(event.widget.name)
