"""Building HTML and SVG. The one place that escapes: a plain string can become nothing but text."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from gonogo.text import clean

_VOID = frozenset({"meta", "br", "rect", "line"})


class Markup(str):
    """Text that is markup already. Only this module makes it."""

    __slots__ = ()


Child = str | Iterable[str]


def text(value: str) -> Markup:
    """Return text in which nothing is markup; what is unsafe to show is made visible."""
    return value if isinstance(value, Markup) else Markup(escape(clean(value)))


def join(*children: Child) -> Markup:
    """Return children one after the other."""
    return Markup("".join(map(_one, children)))


def tag(name: str, *children: Child, **attributes: str | int | None) -> Markup:
    """Return an element. `cls` is `class`, an underscore a hyphen; an attribute that is None is left out."""
    words = [name]
    for key, value in attributes.items():
        if value is not None:
            own = "class" if key == "cls" else key.rstrip("_").replace("_", "-")
            words.append(f'{own}="{text(str(value))}"')
    if name in _VOID and not children:
        return Markup(f"<{' '.join(words)}{'/' if name in ('rect', 'line') else ''}>")
    return Markup(f"<{' '.join(words)}>{join(*children)}</{name}>")


def stylesheet(rules: str) -> Markup:
    """Return a stylesheet of the program's own."""
    return Markup(f"<style>{rules}</style>")


def doctype() -> Markup:
    """Return what a page begins with."""
    return Markup("<!doctype html>\n")


def _one(child: Child) -> str:
    return text(child) if isinstance(child, str) else "".join(map(text, child))
