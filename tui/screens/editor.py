"""Editing a command before it runs: the text, then the difference and the reason."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
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

Lend = Callable[[Sequence[str], str], int]
"""Runs a program (argument vector, title) in this terminal; returns its exit code."""
LONGEST = 256 << 10
"""Bytes of a command that was edited outside."""


def shown_whole(text: str) -> bool:
    """Tell whether a text can be drawn and edited without changing it."""
    return clean(text) == text


def edited_outside(text: str, lend: Lend) -> str:
    """Give the terminal to `$VISUAL` or `$EDITOR`, else vi; return the text as it was left.

    Raise ValueError when it is not to be taken, OSError when it cannot be read.
    """
    words = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    with tempfile.TemporaryDirectory(prefix="gonogo-edit-") as folder:
        path = Path(folder, "command.sh")
        path.write_text(text, encoding="utf-8")
        if code := lend([*words, str(path)], f"your editor, {words[0]}"):
            raise ValueError(f"The editor ended with {code}: nothing was taken")
        with path.open("rb") as file:
            data = file.read(LONGEST + 1)
    if len(data) > LONGEST:
        raise ValueError(f"It is longer than {LONGEST >> 10} KiB: nothing was taken")
    found = data.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
    if not shown_whole(found):
        raise ValueError("It holds characters that cannot be shown as they are: nothing was taken")
    return found


class CleanArea(TextArea):
    """A text area that takes only clean text, typed or pasted."""

    def edit(self, edit: Edit) -> EditResult:
        edit.text = clean(edit.text)
        return super().edit(edit)


class Editor(ModalScreen[None]):
    """Calls `done` with the text; it stays below whatever that asks, so that nothing typed is lost."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "done", "go on", id="edit.done", priority=True),
        Binding("ctrl+e", "outside", "your own editor", id="edit.outside", priority=True),
        Binding("escape", "back", "back out", id="edit.back", priority=True),
    ]

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
            keys = (
                ("[ctrl+s]", "key"),
                (" see the difference, say why   ", ""),
                *((("[ctrl+e]", "key"), (" your own editor   ", "")) if self._lend else ()),
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
            self._tell("It is the same as before. ")

    def _tell(self, words: str) -> None:
        keys = (span(words, "warn"), ("[esc]", "key"), (" backs out", ""))
        self.query_one("#editor-keys", Static).update(content(keys))

    def action_outside(self) -> None:
        """Have the text edited in the operator's own editor, and take it from there."""
        if self._lend is None:
            return
        area = self.query_one(CleanArea)
        try:
            text = edited_outside(area.text, self._lend)
        except (OSError, ValueError) as error:
            self._tell(f"{error}. ")
            return
        area.load_text(text)
        self.refresh(layout=True)

    def action_back(self) -> None:
        self.dismiss(None)
