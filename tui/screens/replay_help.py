"""Help of a replay: every key, and what every symbol on the time line means."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from ..lines import Line
from ..replay_keys import HELP
from ..replay_line import LOOKS
from ..widgets.pane import Pane


class ReplayHelpPane(Pane):
    """The page, line by line."""

    def __init__(self) -> None:
        super().__init__(id="help")
        self._lines = replay_help()

    def on_mount(self) -> None:
        self.head(("Help", "title"), ("  esc goes back", "dim"))

    def on_resize(self) -> None:
        self.show(len(self._lines))

    def line(self, y: int) -> Line:
        return self._lines[y]


class ReplayHelp(ModalScreen[None]):
    """Any of the leaving keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "close", "back", id="help.close"),
    ]

    def compose(self) -> ComposeResult:
        yield ReplayHelpPane()

    def action_close(self) -> None:
        self.dismiss(None)


def replay_help() -> list[Line]:
    """Return the page: keys by what they are for, then the symbols."""
    lines: list[Line] = []
    for title, keys in HELP:
        lines.append(((title, "section"),))
        lines += [((f"  {key:<14}", "key"), (words, "")) for key, words in keys]
        lines.append(())
    lines.append((("On the time line", "section"),))
    lines += [((f"  {look.symbol} ", look.style), (look.word, "")) for look in LOOKS.values()]
    return lines
