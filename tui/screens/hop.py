"""Jump mode: every place that can be gone to has a letter for a moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen
from textual.widgets import Static

from ..dialog_keys import HOP
from ..theme import content

LETTERS = "asdfghjklqwertyuiopzxcvbnmASDFGHJKLQWERTYUIOPZXCVBNM1234567890"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands on the screen."""

    name: str
    x: int
    y: int


class Hop(ModalScreen[str | None]):
    """Returns the name of the place whose letter was pressed; None for any other key."""

    BINDINGS: ClassVar[list[BindingType]] = [*HOP]

    def __init__(self, places: Sequence[Place]) -> None:
        super().__init__()
        self._places = dict(zip(LETTERS, places, strict=False))

    def compose(self) -> ComposeResult:
        for letter, place in self._places.items():
            badge = Static(content(((f" {letter} ", "badge-ask"),)), classes="hop", name=place.name)
            badge.styles.offset = (place.x, place.y)
            yield badge

    def on_key(self, event: events.Key) -> None:
        event.stop()
        place = self._places.get(event.character or "")
        self.dismiss(place.name if place is not None else None)

    def action_back(self) -> None:
        self.dismiss(None)

    def on_resize(self, event: events.Resize) -> None:
        if event.size != self.app.size:
            self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        self.dismiss(event.widget.name if event.widget is not None and event.widget is not self else None)
