"""Jump mode: every place that can be gone to has a letter for a moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from msgspec import Struct
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen
from textual.widgets import Static

from ..keys.dialog import HOP
from ..theme import content

AGAIN = 0.2
"""Seconds between two looks at where everything stands: the run goes on, and terminals change their size."""
LETTERS = "asdfghjklqwertyuiopzxcvbnmASDFGHJKLQWERTYUIOPZXCVBNM1234567890"


class Place(Struct, frozen=True):
    """Where something stands on the screen."""

    name: str
    x: int
    y: int


class Hop(ModalScreen[str | None]):
    """Returns the name of the place whose letter was pressed; None for any other key."""

    BINDINGS: ClassVar[list[BindingType]] = [*HOP]

    def __init__(self, look: Callable[[], Sequence[Place]]) -> None:
        super().__init__()
        self._look = look
        self._places = dict(zip(LETTERS, look(), strict=False))

    def compose(self) -> ComposeResult:
        for letter, place in self._places.items():
            badge = Static(content(((f" {letter} ", "badge-ask"),)), classes="hop", name=place.name)
            badge.styles.offset = (place.x, place.y)
            yield badge

    def on_mount(self) -> None:
        self.set_interval(AGAIN, self.look)

    def look(self) -> None:
        """Put each letter where its place is now; what is out of sight has none."""
        now = {place.name: place for place in self._look()}
        for badge, (letter, before) in zip(self.query(".hop"), self._places.items(), strict=True):
            place = now.get(before.name)
            badge.display = place is not None
            if place is not None and place != before:
                self._places[letter] = place
                badge.styles.offset = (place.x, place.y)

    def on_key(self, event: events.Key) -> None:
        event.stop()
        place = self._places.get(event.character or "")
        self.dismiss(place.name if place is not None else None)

    def action_back(self) -> None:
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        self.dismiss(event.widget.name if event.widget is not None and event.widget is not self else None)
