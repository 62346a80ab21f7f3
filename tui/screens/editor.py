"""Editing a command before it runs: the text, then the difference and the reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea
from textual.widgets.text_area import Edit, EditResult

from gonogo.text import clean

from ..lines import span
from ..theme import content


def shown_whole(text: str) -> bool:
    """Tell whether a text can be drawn and edited without changing it."""
    return clean(text) == text


class CleanArea(TextArea):
    """A text area that takes only clean text, typed or pasted."""

    def edit(self, edit: Edit) -> EditResult:
        edit.text = clean(edit.text)
        return super().edit(edit)


class Editor(ModalScreen[None]):
    """Calls `done` with the text; it stays below whatever that asks, so that nothing typed is lost."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "done", "go on", id="edit.done", priority=True),
        Binding("escape", "back", "back out", id="edit.back", priority=True),
    ]

    def __init__(self, title: str, text: str, done: Callable[[str], None]) -> None:
        super().__init__()
        self._heading, self._text, self._finished = title, text, done

    def compose(self) -> ComposeResult:
        with Vertical(id="editor"):
            yield Static(content((("Edit before it runs: ", "dim"), span(self._heading, "title"))))
            yield CleanArea(
                self._text,
                id="editor-text",
                soft_wrap=False,
                tab_behavior="indent",
                theme="css",
                compact=True,
            )
            keys = (
                ("[ctrl+s]", "key"),
                (" see the difference, say why   ", ""),
                ("[esc]", "key"),
                (" back out", ""),
            )
            yield Static(content(keys), id="editor-keys")

    def on_mount(self) -> None:
        self.query_one(CleanArea).focus()

    def action_done(self) -> None:
        text = self.query_one(CleanArea).text
        if text.strip() and text.rstrip("\n") != self._text.rstrip("\n"):
            self._finished(text)
        else:
            keys = (("It is the same as before. ", "warn"), ("[esc]", "key"), (" backs out", ""))
            self.query_one("#editor-keys", Static).update(content(keys))

    def action_back(self) -> None:
        self.dismiss(None)
