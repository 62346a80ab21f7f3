"""Where in the file something stands that the model knows only by its text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from ..model import Place, Runbook, Script, Section, Step

_REACH = 200
"""Lines that are looked through for a command, past the one before it: sample output stands between."""
_PIECE = re.compile(
    r"""\{\{.*?\}\}|<[^<>]*>|[^\s"'{}]+(?:"(?:[^"\\]|\\.)*"|'[^']*')?|"(?:[^"\\]|\\.)*"|'[^']*'"""
)
_FENCE = re.compile(r"[\s>]*(```|~~~)")


class Source:
    """The lines of a runbook and its includes."""

    def __init__(self, runbook: Runbook) -> None:
        self._data = dict(runbook.sources)
        self._lines: dict[str, list[str]] = {}
        self._scripts: dict[int, list[tuple[int, int]]] = {}

    def text(self, file: str) -> str:
        """Return a file's text with plain line ends; nothing for a file that is not known."""
        text = self._data.get(file, b"").decode("utf-8-sig", "replace")
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def lines(self, file: str) -> list[str]:
        """Return a file's lines as the reader saw them."""
        if file not in self._lines:
            self._lines[file] = self.text(file).split("\n")
        return self._lines[file]

    def files(self) -> Iterator[str]:
        """Name the document and its includes."""
        yield from self._data

    def line(self, place: Place) -> str:
        """Return the line that a place is in; "" past the end."""
        lines = self.lines(place.file)
        return lines[place.line - 1] if 0 < place.line <= len(lines) else ""

    def in_script(self, script: Script, offset: int, length: int) -> Place:
        """Return where a piece of a script stands in its file; the script's place when it is not there."""
        assert script.place is not None
        before = script.text[:offset]
        number, inside = before.count("\n"), offset - before.rfind("\n") - 1
        found = self._aligned(script)
        if number >= len(found) or found[number][0] == 0:
            return self.near(script.place, script.text[offset : offset + length])
        line, column = found[number]
        return Place(script.place.file, line, column + inside)

    def near(self, place: Place, text: str) -> Place:
        """Return where a text stands first behind a place; the place itself where it is not found."""
        lines = self.lines(place.file)
        for number in range(place.line - 1, min(place.line + _REACH, len(lines))):
            if text and (at := lines[number].find(text)) >= 0:
                return Place(place.file, number + 1, at + 1)
        return place

    def _aligned(self, script: Script) -> list[tuple[int, int]]:
        """Return each script line's line and column in the file; (0, 0) for one that is not found."""
        if id(script) not in self._scripts:
            self._scripts[id(script)] = list(self._align(script))
        return self._scripts[id(script)]

    def _align(self, script: Script) -> Iterator[tuple[int, int]]:
        assert script.place is not None
        lines, at = self.lines(script.place.file), script.place.line - 1
        if at < len(lines) and _FENCE.match(lines[at]):
            at += 1
        for text in script.text.split("\n"):
            wanted = text.rstrip()
            for number in range(at, min(at + _REACH, len(lines))):
                column = _column(lines[number].rstrip(), wanted)
                if column is not None:
                    yield number + 1, column
                    at = number + 1
                    break
            else:
                yield 0, 0

    def key(self, step: Step, above: tuple[Section, ...], key: str) -> Place:
        """Return where a step's key is written: at itself, or at what gives it its defaults; else its own."""
        places = [section.place for section in reversed(above)]
        own = self._key_at(step.place, key) or self._key_before(step.place, key, past_blocks=False)
        higher = (self._key_at(place, key) for place in places)
        found = own or next(filter(None, higher), None)
        return found or self._key_before(step.place, key, past_blocks=True) or step.place

    def _key_at(self, place: Place, key: str) -> Place | None:
        written = re.compile(rf"(?<![\w-]){re.escape(key)}(?=[\"'=:\s}}]|$)")
        lines = self.lines(place.file)
        indent = place.column - 1
        for number in range(place.line - 1, min(place.line - 1 + _REACH, len(lines))):
            line = lines[number]
            is_first = number == place.line - 1
            if indent and not is_first and line.strip() and len(line) - len(line.lstrip()) < indent:
                return None
            start = _attributes(line) if is_first else len(line) - len(line.lstrip())
            match = written.search(line, start) if is_first else written.match(line, start)
            if match and (is_first or start == indent):
                return Place(place.file, number + 1, match.start() + 1)
            if not indent:
                return None
        return None

    def _key_before(self, place: Place, key: str, *, past_blocks: bool) -> Place | None:
        """Return where a comment above has the key: right above, or past the blocks of other steps."""
        written = re.compile(rf"<!--\s*gonogo:(?:.*\s)?({re.escape(key)})(?=[=\s])")
        lines = self.lines(place.file)
        for number in range(min(place.line, len(lines)), max(place.line - _REACH, 0), -1):
            if number < place.line and not past_blocks and _FENCE.match(lines[number - 1]):
                return None
            if match := written.search(lines[number - 1]):
                return Place(place.file, number, match.start(1) + 1)
        return None

    def value(self, place: Place, key: str, text: str = "") -> tuple[Place, int]:
        """Return where a key's value stands in the map that begins at a place, and its length.

        `text` is one of several values. Where it is not found the key stands for it.
        """
        at = self._key_at(place, key)
        if at is None:
            return place, 0
        line, start = self.line(at), at.column - 1 + len(key)
        match = re.match(r"""["']?\s*[:=]\s*""", line[start:])
        start += len(match[0]) if match else 0
        inside = line.find(text, start) if text else start
        if start >= len(line) or inside < 0:
            return at, len(key)
        found = replace(at, column=inside + 1)
        return found, len(text) or self.length(found)

    def front(self, file: str, key: str) -> Place:
        """Return where a key of the front matter is written, else the file's start."""
        written = re.compile(rf"""["']?{re.escape(key)}["']?\s*[:=]""")
        for number, line in enumerate(self.lines(file)[:_REACH], 1):
            if match := written.match(line):
                return Place(file, number, match.start() + 1)
        return Place(file)

    def length(self, place: Place) -> int:
        """Return how long the attribute, value or word is that stands at a place."""
        rest = self.line(place)[place.column - 1 :]
        if place.column == 1:
            return len(rest.rstrip())
        match = _PIECE.match(rest)
        return len(match[0]) if match else min(len(rest), 1)


def _attributes(line: str) -> int:
    """Return where keys may stand in a line: behind its text, in a comment or in braces."""
    return max(line.find("<!--"), line.find("{") if _FENCE.match(line) else 0, 0)


def _column(line: str, wanted: str) -> int | None:
    """Return where a script's line begins in a file's line: at its end, or else anywhere in it."""
    if line.endswith(wanted) and (wanted or not line.strip("> \t")):
        return len(line) - len(wanted) + 1
    at = line.find(wanted) if len(wanted) > 1 else -1
    return at + 1 if at >= 0 else None
