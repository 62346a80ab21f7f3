"""A document's table: in columns where they fit, else row by row as it is written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .inline import inline
from .lines import Line, Span, width, wrap

_BETWEEN = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r":?-+:?")
_GAP = 2
"""Cells between two columns."""


def begins_table(head: str, rule: str) -> bool:
    """Tell whether two lines are a table's head and what is to stand under it."""
    if "|" not in head or "|" not in rule:
        return False
    under = _cells(rule)
    return all(_RULE.fullmatch(cell) for cell in under) and len(under) == len(_cells(head))


def table(rows: Sequence[str], cells: int) -> list[Line]:
    """Return a table's lines: its head, its rule and its rows, each of them as they are written."""
    # A column has a cell at least, and a gap: what has more of them than that cannot fit.
    if all(row.count("|") <= cells for row in rows) and (lines := _columns(rows, cells)):
        return lines
    lines = wrap([(text, "title") for text, _ in inline(rows[0])], cells, "  ")
    lines.append((("─" * cells, "dim"),))
    for row in rows[2:]:
        lines += wrap(inline(row), cells, "  ")
    return lines


def _columns(rows: Sequence[str], cells: int) -> list[Line]:
    """Return the rows in columns, none where these take more than so many cells."""
    sides = [(cell.startswith(":"), cell.endswith(":")) for cell in _cells(rows[1])]
    shown = [[inline(cell) for cell in _cells(row)] for row in (rows[0], *rows[2:])]
    shown[0] = [[(text, "title") for text, _ in cell] for cell in shown[0]]
    count = max(len(row) for row in shown)
    sides += [(False, False)] * (count - len(sides))
    wide = [max((width(row[at]) for row in shown if at < len(row)), default=0) for at in range(count)]
    total = sum(wide) + _GAP * (count - 1)
    if total > cells:
        return []
    lines: list[Line] = []
    for row in shown:
        line: list[Span] = []
        for at, cell in enumerate(row):
            line += _padded(cell, wide[at], sides[at])
            line.append((" " * _GAP, ""))
        lines.append(tuple(one for one in line[:-1] if one[0]))
    return [lines[0], (("─" * total, "dim"),), *lines[1:]]


def _padded(cell: list[Span], cells: int, sides: tuple[bool, bool]) -> list[Span]:
    free = cells - width(cell)
    left, right = sides
    before = 0 if not right else free // 2 if left else free
    return [(" " * before, ""), *cell, (" " * (free - before), "")]


def _cells(row: str) -> list[str]:
    """Return a row's cells; one without a bar at its ends has them all the same."""
    row = row.strip().removeprefix("|")
    if row.endswith("|") and not row.endswith("\\|"):
        row = row[:-1]
    return [cell.strip().replace("\\|", "|") for cell in _BETWEEN.split(row)]
