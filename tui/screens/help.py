"""Help: the focused pane's keys, then every other key, then what every symbol means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from ..keys.app import PANE
from ..keys.dialog import HELP as CLOSE
from ..keys.run import HELP, OF_PANE, labels
from ..lines import Line
from ..symbols import HOSTS, STEPS
from ..widgets.pane import Pane
from .dialog import Dialog, label_of

KEYS = 13
"""Cells of a line's keys."""


class HelpPane(Pane):
    """The page, line by line."""

    def __init__(self, lines: Sequence[Line]) -> None:
        super().__init__(id="help")
        self._lines = lines

    def on_mount(self) -> None:
        self.head(("Help", "title"), (f"  {label_of(self, 'help.close')} goes back", "dim"))

    def on_resize(self) -> None:
        self.show(len(self._lines))

    def line(self, y: int) -> Line:
        return self._lines[y]


class Help(Dialog[None]):
    """Any of the leaving keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [*CLOSE]

    def __init__(self, lines: Sequence[Line]) -> None:
        super().__init__()
        self._lines = lines

    def compose(self) -> ComposeResult:
        yield HelpPane(self._lines)

    def action_close(self) -> None:
        self.dismiss(None)


def help_lines(pane: str = "", chosen: Mapping[str, str] | None = None) -> list[Line]:
    """Return the page; `pane` is the focused one, `chosen` the keys that are not the usual ones."""
    lines: list[Line] = []
    if pane:
        lines.append(((f"In this pane ({pane})", "section"),))
        bindings = OF_PANE.get(pane, PANE)
        lines += [_told(labels(one.id or "", chosen or {}), one.description) for one in bindings]
        lines.append(())
    for title, rows in HELP:
        lines.append(((title, "section"),))
        for names, words in rows:
            shown = names[1:] if names.startswith("=") else _keys(names.split(), chosen or {})
            lines.append(_told(shown, words))
        lines.append(())
    return [*lines, *_legend()]


def _keys(names: list[str], chosen: Mapping[str, str]) -> str:
    return " ".join(labels(name, chosen) for name in names)


def _told(keys: str, words: str) -> Line:
    return ((f"  {keys:<{KEYS}} ", "key"), (words, ""))


def _legend() -> list[Line]:
    lines: list[Line] = []
    for title, looks in (("Steps", list(STEPS.values())), ("Hosts", list(HOSTS.values()))):
        lines.append(((title, "section"),))
        for at in range(0, len(looks), 2):
            spans = [(f"  {one.symbol} {one.word:<26}", one.style) for one in looks[at : at + 2]]
            lines.append(tuple(spans))
        lines.append(())
    return lines
