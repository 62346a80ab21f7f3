"""The document's words and commands as lines: light, and far cheaper than a Markdown widget."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import accumulate

from gonogo.text import clean, clean_line

from .inline import inline
from .lines import Line, Span, pieces, span, wrap
from .shell import marked
from .tables import begins_table, table

_ITEM = re.compile(r" *(?P<mark>[-*+]|(?P<number>\d{1,9}[.)])) +(?:\[(?P<box>[ xX])\] +)?(?P<rest>.*)")
_HEADING = re.compile(r"#{1,6} +(?P<title>.*)")
_UNDERLINE = re.compile(r"=+|-+")
_FENCE = re.compile(r"`{3,}|~{3,}")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_DEEPEST = 4
"""Quotes within quotes; what is deeper stays as written."""


def prose(source: str, cells: int) -> list[Line]:
    """Return Markdown source as lines of at most so many cells; everything unknown stays as written."""
    # Behind the last end of a comment none is looked for: a search that fails goes to the end each time.
    end = source.rfind("-->") + 3 if "-->" in source else 0
    seen = clean(_COMMENT.sub("", source[:end]) + source[end:])
    return _prose(seen.expandtabs(4).split("\n"), max(cells, 8), 0)


def _prose(source: list[str], cells: int, depth: int) -> list[Line]:
    page = _Page(source, cells, depth)
    while page.at < len(page.source):
        page.take()
    page.flush()
    while page.lines and not page.lines[-1]:
        page.lines.pop()
    return page.lines


class _Page:
    """Reads blocks from the top; `take` takes a line, or all of a block that no other block ends."""

    def __init__(self, source: list[str], cells: int, depth: int) -> None:
        self.source = [line.rstrip() for line in source]
        self.at = 0
        self.lines: list[Line] = []
        self._cells = cells
        self._depth = depth
        self._paragraph: list[str] = []
        self._lead: Line = ()
        self._hanging = ""
        # Of each list item around the next line: where its words begin, in the source and on the screen.
        self._items: list[tuple[int, int]] = []

    def take(self) -> None:
        """Take what the next line begins."""
        raw = self.source[self.at]
        text = raw.lstrip(" ")
        indent = len(raw) - len(text)
        if not text:
            self._blank()
        elif not self._paragraph and indent - self._within(indent) >= 4:
            self._code(indent)
        elif self._paragraph and not self._items and _UNDERLINE.fullmatch(text):
            self._underlined()
        elif fence := _FENCE.match(text):
            self._fenced(fence.group(), indent)
        elif heading := _HEADING.match(text):
            self._heading(heading["title"], indent)
        elif item := _ITEM.fullmatch(raw):
            self._item(item, indent)
        elif text.startswith(">") and self._depth < _DEEPEST:
            self._quote(indent)
        elif self.at + 1 < len(self.source) and begins_table(text, self.source[self.at + 1]):
            self._table(indent)
        else:
            if not self._paragraph:
                self._begin(indent)
            self._paragraph.append(text)
            self.at += 1

    def flush(self) -> None:
        """End the paragraph."""
        if self._paragraph:
            self.lines += wrap([*self._lead, *inline(" ".join(self._paragraph))], self._cells, self._hanging)
            self._paragraph.clear()

    def _blank(self) -> None:
        self.flush()
        if self.lines and self.lines[-1]:
            self.lines.append(())
        self.at += 1

    def _within(self, indent: int) -> int:
        """Return where the words begin of the item that a line so far in belongs to."""
        return next((begin for begin, _ in reversed(self._items) if begin <= indent), 0)

    def _begin(self, indent: int) -> int:
        """End what a line so far in does not belong to; return the cells that are left for it."""
        self.flush()
        while self._items and self._items[-1][0] > indent:
            self._items.pop()
        self._hanging = " " * (self._items[-1][1] if self._items else 0)
        self._lead = ((self._hanging, ""),) if self._hanging else ()
        return self._cells - len(self._hanging)

    def _put(self, lines: Iterable[Line]) -> None:
        self.lines += [(*self._lead, *line) for line in lines]

    def _heading(self, title: str, indent: int) -> None:
        """Take a heading's line, without the signs that may close it."""
        bare = title.rstrip("#")
        if not bare or bare.endswith(" "):
            title = bare.rstrip()
        self._put(wrap([span(title, "title")], self._begin(indent)))
        self.at += 1

    def _underlined(self) -> None:
        """Take the paragraph before for a heading: this line stands under it."""
        title = " ".join(self._paragraph)
        self._paragraph.clear()
        self._heading(title, 0)

    def _item(self, item: re.Match[str], indent: int) -> None:
        self._begin(indent)
        mark = f"{item['number']} " if item["number"] else "• "
        if item["box"]:
            mark = "☐ " if item["box"] == " " else "☑ "
        lead = " " * min(indent, self._cells // 3) + mark
        self._lead = ((lead, "dim"),)
        self._hanging = " " * min(len(lead), self._cells // 2)
        self._items.append((item.end("mark") + 1, len(self._hanging)))
        self._paragraph.append(item["rest"])
        self.at += 1

    def _code(self, indent: int) -> None:
        """Take lines that four blanks make code, and the empty ones between them."""
        base = self._within(indent) + 4
        cells = self._begin(indent)
        while self.at < len(self.source) and (line := self.source[self.at])[:base].isspace():
            self._put(bar(line[base:], cells, "dim"))
            self.at += 1

    def _fenced(self, fence: str, indent: int) -> None:
        cells = self._begin(indent)
        self.at += 1
        while self.at < len(self.source):
            line = self.source[self.at]
            self.at += 1
            if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                break
            blank = len(line) - len(line.lstrip(" "))
            self._put(bar(line[min(blank, indent) :], cells, "dim"))

    def _quote(self, indent: int) -> None:
        """Take quoted lines, and the bare one that goes on with a quoted paragraph."""
        cells = self._begin(indent)
        inner: list[str] = []
        while self.at < len(self.source) and (text := self.source[self.at].lstrip(" ")):
            if not text.startswith(">") and (_ITEM.match(text) or _FENCE.match(text) or _HEADING.match(text)):
                break
            inner.append(text.removeprefix(">").removeprefix(" ") if text.startswith(">") else text)
            self.at += 1
        self._put((("│ ", "dim"), *line) for line in _prose(inner, max(cells - 2, 8), self._depth + 1))

    def _table(self, indent: int) -> None:
        cells = self._begin(indent)
        first = self.at
        while self.at < len(self.source) and "|" in self.source[self.at]:
            self.at += 1
        self._put(table([row.strip() for row in self.source[first : self.at]], cells))


def bar(text: str, cells: int, style: str) -> list[Line]:
    """Return one source line behind a bar, broken hard so that no character is hidden."""
    return _behind_bar(((clean_line(text.expandtabs(4)), style),), cells)


def script(text: str, cells: int) -> list[Line]:
    """Return a script exactly as it will run; variables, strings and comments in styles of their own."""
    shown = "\n".join(clean_line(line.expandtabs(4)) for line in text.rstrip("\n").split("\n"))
    return [line for one in marked(shown) for line in _behind_bar(one, cells)]


def _behind_bar(line: Line, cells: int) -> list[Line]:
    """Break a clean line hard, whatever its styles."""
    ends = list(accumulate(len(text) for text, _ in line))
    found: list[Line] = []
    begin = at = 0
    for piece in pieces("".join(text for text, _ in line), cells - 2):
        spans: list[Span] = [("▎↳" if found else "▎ ", "bar")]
        rest = piece
        while rest:
            end, style = ends[at], line[at][1]
            part, rest = rest[: end - begin], rest[end - begin :]
            spans.append((part, style))
            begin += len(part)
            at += begin == end
        found.append(tuple(spans))
    return found
