"""Lines to show: pieces of clean text, each with the name of a style. No toolkit in here."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

from rich.cells import cell_len, set_cell_size

from gonogo.text import clean_line

Span = tuple[str, str]
"""Text and the name of its style (`gonogo.tui.theme.STYLES`); an empty name is plain."""
Line = tuple[Span, ...]


def span(text: str, style: str = "") -> Span:
    """Return text from outside as a span that is safe to show."""
    return clean_line(text), style


def width(line: Iterable[Span]) -> int:
    """Return the cells that a line takes."""
    return sum(cell_len(text) for text, _ in line)


def joined(spans: Iterable[Span]) -> Line:
    """Return the same line with neighbours of one style in one piece, and no empty piece."""
    alike = groupby((one for one in spans if one[0]), itemgetter(1))
    return tuple(("".join(text for text, _ in same), style) for style, same in alike)


def clip(text: str, cells: int) -> str:
    """Cut text to so many cells, with `…` where something is missing."""
    text = clean_line(text)
    if cell_len(text) <= cells:
        return text
    return set_cell_size(text, cells - 1) + "…" if cells > 0 else ""


def fit(text: str, cells: int) -> str:
    """Return text in exactly so many cells."""
    return set_cell_size(clip(text, cells), cells)


def broken(text: str, first: int, rest: int, most: int) -> list[str]:
    """Break text between words, where that can be, into at most so many lines; the last is cut with `…`."""
    text = clean_line(text)
    lines: list[str] = []
    cells = first
    while len(lines) < most - 1 and cell_len(text) > cells:
        head = ""
        for word in _words(text):
            if cell_len((head + word).rstrip()) > cells:
                break
            head += word
        head = head or pieces(text, cells)[0]
        lines.append(head.rstrip())
        text, cells = text[len(head) :], rest
    return [*lines, clip(text, cells)]


def pieces(text: str, cells: int) -> list[str]:
    """Break one line hard into pieces of at most so many cells; keeps every character."""
    text = clean_line(text)
    cells = max(cells, 1)
    if cell_len(text) <= cells:
        return [text]
    found, piece, used = [], "", 0
    for char in text:
        wide = cell_len(char)
        if used + wide > cells and piece:
            found.append(piece)
            piece, used = "", 0
        piece += char
        used += wide
    return [*found, piece]


def wrap(spans: Iterable[Span], cells: int, indent: str = "") -> list[Line]:
    """Break spans between words into lines of at most so many cells; later lines begin with `indent`."""
    cells = max(cells, 8)
    lines: list[Line] = []
    line: list[Span] = []
    used = 0
    for text, style in spans:
        for word in _words(text):
            for part in _parts(word, cells - len(indent)):
                if line and used + cell_len(part.rstrip()) > cells:
                    lines.append(tuple(line))
                    line, used = [(indent, "")] if indent else [], len(indent)
                line.append((part, style))
                used += cell_len(part)
    return [*lines, tuple(line)] if line else lines


def whole(spans: Iterable[Span], last: Span, cells: int, indent: str = "") -> list[Line]:
    """Break spans as `wrap` does, but the last, a command to be copied, only where no line holds it."""
    spans = list(spans)
    lines = wrap([*spans, last], cells, indent)
    return lines if len(lines) == 1 else [*wrap(spans, cells, indent), *wrap([last], cells)]


def _parts(word: str, cells: int) -> list[str]:
    """Break a word that is too long: a list of hosts between two of them, all else hard."""
    if cell_len(word) <= cells:
        return [word]
    names = word.replace(",", ",\0").split("\0")
    return [part for name in names for part in pieces(name, cells)]


def few(lines: list[Line], most: int, cells: int) -> list[Line]:
    """Return at most so many lines, the last one ending in `…` where some are left away."""
    if len(lines) <= most:
        return lines
    *last, (text, style) = lines[most - 1]
    return [*lines[: most - 1], (*last, (clip(text.rstrip() + "…", cells - width(last)), style))]


def _words(text: str) -> list[str]:
    """Cut after each run of blanks, so that the pieces join to the same text."""
    found, start = [], 0
    for at in range(1, len(text)):
        if text[at - 1] == " " and text[at] != " ":
            found.append(text[start:at])
            start = at
    return [*found, text[start:]] if text else []
