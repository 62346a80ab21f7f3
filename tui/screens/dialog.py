"""What opens over a screen: a click beside it leaves it, and it tells its keys as they are."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual import events
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input

from ..keys.dialog import dialog_key
from ..themed import ThemedApp
from ..widgets.small import Small

T = TypeVar("T")


class Dialog(ModalScreen[T], Generic[T], inherit_bindings=False):
    """Something that is left again."""

    takes_text = False
    """Whether it has a field, now or as soon as that is there."""

    def __init__(self) -> None:
        super().__init__()
        self._ahead = ""

    def type_ahead(self, text: str) -> bool:
        """Keep what was typed before the field has the focus; tell whether it has one at all."""
        if self.takes_text:
            self._ahead += text
            self.on_descendant_focus()
        return self.takes_text

    def on_descendant_focus(self) -> None:
        """Put what was typed ahead where it would be had the field been there."""
        if self._ahead and isinstance(self.focused, Input):
            text, self._ahead = self._ahead, ""
            if not self.focused.selection.is_empty:
                self.focused.delete_selection()
            self.focused.insert_text_at_cursor(text)

    def on_mount(self) -> None:
        self.mount(Small())

    def leave(self) -> None:
        """Back out of it: a click went beside it."""
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.leave()

    def label(self, name: str) -> str:
        """Return the key of a binding, as it is written."""
        return label_of(self, name)


def label_of(widget: Widget, name: str) -> str:
    """Return the key of a dialog's binding, as it is written on a widget's screen."""
    assert isinstance(widget.app, ThemedApp)
    return dialog_key(name, widget.app.settings.keys)
