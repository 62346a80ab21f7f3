"""Editing a command before it runs: the text, then the difference and the reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Static, TextArea
from textual.widgets.text_area import Edit, EditResult

from gonogo.run.link import Lend
from gonogo.text import clean

from ..bar import Key
from ..keys.dialog import EDIT
from ..lines import span
from ..outside import edited_outside
from ..theme import content
from ..widgets.inorder import at_once
from ..widgets.keybar import KeyBar
from .dialog import Dialog


class CleanArea(TextArea):
    """A text area that takes only clean text, typed or pasted."""

    def edit(self, edit: Edit) -> EditResult:
        edit.text = clean(edit.text)
        return super().edit(edit)

    async def on_key(self, event: events.Key) -> None:
        await at_once(self, event)


class Editor(Dialog[None]):
    """Calls `done` with the text; it stays below whatever that asks, so that nothing typed is lost."""

    BINDINGS: ClassVar[list[BindingType]] = [*EDIT]

    def __init__(self, title: str, text: str, done: Callable[[str], None], lend: Lend | None = None) -> None:
        super().__init__()
        self._heading, self._text, self._finished, self._lend = title, text, done, lend

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
            yield KeyBar(id="editor-keys")

    def on_mount(self) -> None:
        self.query_one(CleanArea).focus()
        self._tell("")

    def action_done(self) -> None:
        text = self.query_one(CleanArea).text
        if text.strip() and text.rstrip("\n") != self._text.rstrip("\n"):
            self._finished(text)
        else:
            self._tell("It is the same as before.")

    def _tell(self, words: str) -> None:
        """Show the keys, and above them what is to be said."""
        shown = [one for one in EDIT if self._lend or one.id != "edit.outside"]
        keys = [Key(self.label(one.id or ""), one.description, f"screen.{one.action}") for one in shown]
        self.query_one(KeyBar).draw([(span(words, "warn"),)] if words else (), (keys,))

    async def action_outside(self) -> None:
        """Have the text edited in the operator's own editor, and take it from there."""
        if self._lend is None:
            return
        area = self.query_one(CleanArea)
        try:
            text = await edited_outside(area.text, self._lend)
        except (OSError, ValueError) as error:
            self._tell(f"{error}.")
            return
        area.load_text(text)
        self.refresh(layout=True)

    def leave(self) -> None:
        """A click beside it must not lose what was typed."""

    def action_back(self) -> None:
        self.dismiss(None)
