"""What stands out in a command: variables, quoted strings, comments. For looks alone; nothing is parsed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .lines import Line, Span, joined

_VARIABLE = r"\$(?:[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]|\{[#!]?[A-Za-z0-9_@*]+[^{}\n]*\})"
_TOKEN = re.compile(
    r"(?P<kept>\\.)"
    r"|(?P<comment>(?<![^\s;&|(])\#[^\n]*)"
    r"|(?P<string>\$?'[^']*')"
    r'|(?P<quoted>"(?:[^"\\]|\\.)*+")'
    rf"|(?P<name>{_VARIABLE})"
    r"|(?P<here>(?<!<)<<-?[ \t]*(?P<plain>['\"\\]?)(?P<end>[A-Za-z_][A-Za-z0-9_]*)['\"]?)"
    r"|(?P<line>\n)",
    re.DOTALL,
)
"""None is searched for twice over the same text: hostile commands take no longer than others."""
_WITHIN = re.compile(rf"\\.|(?P<name>{_VARIABLE})", re.DOTALL)
_STYLES = {"comment": "comment", "string": "run", "name": "hand"}


def marked(text: str) -> list[Line]:
    """Return clean text, line by line, with styles; each line's pieces join to that line."""
    lines: list[list[Span]] = [[]]
    for piece, style in _spans(text):
        first, *more = piece.split("\n")
        lines[-1].append((first, style))
        lines += [[(one, style)] for one in more]
    return [joined(line) for line in lines]


def _spans(text: str) -> Iterator[Span]:
    at = 0
    waiting: re.Match[str] | None = None
    while match := _TOKEN.search(text, at):
        yield text[at : match.start()], "code"
        at = match.end()
        kind = match.lastgroup or ""
        if match["here"]:
            waiting = match
        if match["quoted"]:
            yield from _variables(match.group())
        else:
            yield match.group(), _STYLES.get(kind, "code")
        if match["line"] and waiting is not None:
            end = re.compile(rf"^\t*{waiting['end']}$|\Z", re.MULTILINE).search(text, at)
            body = text[at : end.start() if end else len(text)]
            yield from [(body, "run")] if waiting["plain"] else _variables(body)
            at += len(body)
            waiting = None
    yield text[at:], "code"


def _variables(text: str) -> Iterator[Span]:
    """Yield a string in which the shell puts in variables."""
    at = 0
    for match in _WITHIN.finditer(text):
        if match["name"]:
            yield text[at : match.start()], "run"
            yield match.group(), "hand"
            at = match.end()
    yield text[at:], "run"
