"""Help: every key, and what every symbol means."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from ..keys import HELP
from ..lines import Line
from ..symbols import HOSTS, STEPS
from ..widgets.pane import Pane


class HelpPane(Pane):
    """The page, line by line."""

    def __init__(self) -> None:
        super().__init__(id="help")
        self._lines = help_lines()

    def on_mount(self) -> None:
        self.head(("Help", "title"), ("  esc goes back", "dim"))

    def on_resize(self) -> None:
        self.show(len(self._lines))

    def line(self, y: int) -> Line:
        return self._lines[y]


class Help(ModalScreen[None]):
    """Any of the leaving keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "close", "back", id="help.close"),
    ]

    def compose(self) -> ComposeResult:
        yield HelpPane()

    def action_close(self) -> None:
        self.dismiss(None)


def help_lines() -> list[Line]:
    """Return the page: keys by what they are for, then the symbols."""
    lines: list[Line] = []
    for title, keys in HELP:
        lines.append(((title, "section"),))
        lines += [((f"  {key:<14}", "key"), (words, "")) for key, words in keys]
        lines.append(())
    for title, looks in (("Steps", list(STEPS.values())), ("Hosts", list(HOSTS.values()))):
        lines.append(((title, "section"),))
        for at in range(0, len(looks), 2):
            pair = looks[at : at + 2]
            lines.append(
                tuple(
                    one
                    for look in pair
                    for one in ((f"  {look.symbol} ", look.style), (f"{look.word:<26}", ""))
                )
            )
        lines.append(())
    return lines
