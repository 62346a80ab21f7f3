"""One of many, found by typing a part of it: the command palette, and every other list to choose from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from msgspec import Struct
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Input, Static

from ..keys.dialog import PICK
from ..lines import Line, clip, fit, span
from ..theme import content
from ..widgets.pane import Pane
from .ask import CleanInput
from .dialog import Dialog


class Item(Struct, frozen=True):
    """One line of the list. `value` says which one was chosen."""

    value: str
    words: str
    right: str = ""
    """What stands at the right: a key, a state."""


def matching(items: Sequence[Item], text: str) -> list[Item]:
    """Return the items that hold every word of a text, whatever the case; those that begin with it first."""
    words = text.lower().split()
    found = [one for one in items if all(word in one.words.lower() for word in words)]
    return sorted(found, key=lambda one: not one.words.lower().startswith(text.lower().strip()))


class PickList(Pane, can_focus=False):
    """The items that match."""

    moves_cursor = True

    def __init__(self) -> None:
        super().__init__(id="pick-list")
        self.items: list[Item] = []

    def line(self, y: int) -> Line:
        one, room = self.items[y], self.cells - 2
        right = clip(one.right, room // 2)
        return (
            ("❯ " if y == self.cursor else "  ", "ask"),
            (fit(one.words, room - len(right) - 1), "title" if y == self.cursor else ""),
            (f" {right}", "key"),
        )

    def tint(self, y: int) -> str | None:
        return "pane--cursor" if y == self.cursor else None


class Pick(Dialog[str | None]):
    """Returns the value of the chosen item, or None. `moved` hears of each item that the cursor comes to."""

    BINDINGS: ClassVar[list[BindingType]] = [*PICK]
    takes_text = True

    def __init__(
        self, title: str, items: Sequence[Item], moved: Callable[[str], None] = lambda _: None
    ) -> None:
        super().__init__()
        self._heading, self._items, self._moved = title, items, moved

    def compose(self) -> ComposeResult:
        with Vertical(id="pick"):
            keys = f"{self.label('field.take')} · {self.label('pick.back')}"
            yield Static(content((span(self._heading, "title"), (f"  type to find · {keys}", "dim"))))
            yield CleanInput(id="pick-input", max_length=200)
            yield PickList()

    def on_mount(self) -> None:
        self.query_one(CleanInput).focus()

    def on_resize(self) -> None:
        self._find(self.query_one(CleanInput).value)

    def on_input_changed(self, event: Input.Changed) -> None:
        self.query_one(PickList).cursor = 0
        self._find(event.value)

    def _find(self, text: str) -> None:
        found = self.query_one(PickList)
        found.items = matching(self._items, text)
        found.show(len(found.items))

    def action_go(self, by: int) -> None:
        found = self.query_one(PickList)
        if found.items:
            found.move_to(found.cursor + by)
            self._moved(found.items[found.cursor].value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        found = self.query_one(PickList)
        if found.items:
            self.dismiss(found.items[found.cursor].value)

    def on_pane_picked(self, event: Pane.Picked) -> None:
        event.stop()
        self.dismiss(self.query_one(PickList).items[event.y].value)

    def action_back(self) -> None:
        self.dismiss(None)


def offer(screen: Screen[None], found: Iterable[tuple[str, str, str]]) -> None:
    """Open the palette over a screen: what is chosen of (action, words, key) runs there."""

    async def choose(action: str | None) -> None:
        if action is not None:
            await screen.run_action(action)

    items = [Item(action, words, key) for action, words, key in found]
    screen.app.push_screen(Pick("Commands", items), choose)
