"""A few ways on at the bottom of the screen, one key each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Static

from ..bar import LABEL, Key
from ..keys.dialog import CHOOSE, way_keys
from ..keys.names import label
from ..lines import span
from ..theme import content
from ..themed import ThemedApp
from ..widgets.keybar import KeyBar
from .dialog import Dialog


class Way(Struct, frozen=True):
    """One way on. `name` is that of its key."""

    name: str
    word: str
    effect: str
    """What it does."""


class Choose(Dialog[str | None]):
    """Returns the name of the way that was taken, or None when the operator backs out."""

    BINDINGS: ClassVar[list[BindingType]] = [*CHOOSE]

    def __init__(self, prompt: str, ways: Sequence[Way]) -> None:
        super().__init__()
        self._prompt, self._ways = prompt, ways
        self._at = -1
        """The way under the cursor; none at first, so that no key takes one unseen."""

    def compose(self) -> ComposeResult:
        with Vertical(id="ask"):
            yield Static(content((span(self._prompt, "title"),)), id="ask-prompt")
            for one in self._ways:
                yield Static(classes="ask-line way", name=one.name)
            yield KeyBar(id="ask-hint")

    def on_mount(self) -> None:
        self._paint()
        up, down = self.label("choose.up"), self.label("choose.down")
        keys = [
            Key(f"{up} {down}", "choose", "screen.move(1)"),
            Key(self.label("choose.take"), "take it", "screen.take"),
            Key(self.label("choose.back"), "back", "screen.back"),
        ]
        self.query_one(KeyBar).draw((), (keys,))

    @property
    def _keys(self) -> dict[str, str]:
        assert isinstance(self.app, ThemedApp)
        return way_keys(self.app.settings.keys)

    def _paint(self) -> None:
        """Show which way the cursor is on."""
        keys = self._keys
        lines = self.query(".way").results(Static)
        for number, (one, line) in enumerate(zip(self._ways, lines, strict=True)):
            here = number == self._at
            lead = ("❯", "ask") if here else (" ", "")
            key, word = label(keys[one.name]), f" {one.word}".ljust(LABEL)
            line.update(content((lead, (f" {key} ", "key"), (word, "title"), span(one.effect, "dim"))))
            line.set_class(here, "-here")

    def action_move(self, by: int) -> None:
        self._at = max(0, min(self._at + by, len(self._ways) - 1))
        self._paint()

    def action_take(self) -> None:
        if self._at >= 0:
            self.dismiss(self._ways[self._at].name)

    def on_key(self, event: events.Key) -> None:
        keys = self._keys
        for one in self._ways:
            if event.key == keys[one.name]:
                event.stop()
                self.dismiss(one.name)
                return

    def action_back(self) -> None:
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        if event.widget is not None and event.widget.name:
            self.dismiss(event.widget.name)
