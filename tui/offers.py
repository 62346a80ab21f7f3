"""What a screen with keys of its own tells of them: its help page, its palette, the labels in its bar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from textual.binding import Binding

from .bar import Labels
from .keys.names import Page, label, usual
from .lines import Line
from .settings import THEMES, Settings

KEYS = 13
"""Cells of a line's keys."""


def page_lines(page: Page, bindings: Sequence[Binding], chosen: Mapping[str, str]) -> list[Line]:
    """Return a help page; `chosen` are the keys that are not the usual ones."""
    keys = {**usual(bindings), **chosen}
    lines: list[Line] = []
    for title, rows in page:
        lines.append(((title, "section"),))
        for names, words in rows:
            shown = " ".join(_labels(name, keys) for name in names.split())
            lines.append(((f"  {shown:<{KEYS}} ", "key"), (words, "")))
        lines.append(())
    return lines


def offered(
    bindings: Sequence[Binding], settings: Settings, without: tuple[str, ...]
) -> Iterator[tuple[str, str, str]]:
    """Yield what the palette offers: the action to run, its words, its key; then the themes."""
    for name, one in ((one.id, one) for one in bindings if one.id is not None):
        if not name.startswith(without):
            keys = settings.keys.get(name, one.key)
            yield one.action, one.description, label(keys.split(",")[0])
    for theme in THEMES:
        yield f"theme('{theme}')", f"theme: {theme}", "on" if settings.theme == theme else ""


def relabels(bindings: Sequence[Binding], chosen: Mapping[str, str]) -> Labels:
    """Return what to write in the place of each usual key's label."""
    return {
        (label(key), one.action): label(chosen[one.id].split(",")[0])
        for one in bindings
        if one.id is not None and one.id in chosen
        for key in one.key.split(",")
    }


def _labels(name: str, keys: Mapping[str, str]) -> str:
    if name.startswith("="):
        return name[1:]
    return " ".join(label(key) for key in keys[name].split(","))
