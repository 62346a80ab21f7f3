"""Folding host names for display: `cp[01-38]`. Never used for sets that decide anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

FOLD_LIMIT = 20_000
"""More names than this are only counted: folding 20,000 regular ones costs 0.2 s."""
IRREGULAR_LIMIT = 2_000
"""Most shapes, since each folds alone."""
SCATTERED = 200
"""Most names of a shape that ClusterShell parses and folds: 10 us a name where one number varies; where more
do, its time grows with their square, to 0.8 s for 5,000 with two and 4 s for 1,000 with three."""
_SHOWN = 3
_NUMBER = re.compile("([0-9]+)")
_SIMPLE = re.compile(r"[A-Za-z._-]*")
_OTHER = re.compile(r"\d")
"""Digits of other scripts, which ClusterShell would show as ours."""
Row = tuple[str, ...]
"""The numbers in a name, in their order."""
Shape = tuple[str, ...]
"""What stands before, between and behind them."""


def fold(names: Iterable[str]) -> str:
    """Return names in ClusterShell's short form, or the first few and a count when that would not help.

    At most 0.3 s, whatever the names.
    """
    listed = list(names)
    if len(listed) <= 1:
        return "".join(listed)
    shapes: dict[Shape, dict[str, Row]] = {}
    for name in listed[: FOLD_LIMIT + 1]:
        parts = _NUMBER.split(name)
        shapes.setdefault(tuple(parts[::2]), {})[name] = tuple(parts[1::2])
    if len(listed) > FOLD_LIMIT or len(shapes) > IRREGULAR_LIMIT:
        return _plain(listed)
    wide = [shape for shape, rows in shapes.items() if len(rows) > SCATTERED]
    if not all(_SIMPLE.fullmatch("".join(shape)) for shape in wide):
        return _plain(listed)
    if any(_OTHER.search(part) for shape in shapes for part in shape):
        return _plain(listed)
    rest = [name for rows in shapes.values() if len(rows) <= SCATTERED for name in rows]
    try:
        found = [_by_axes(shape, shapes[shape].values()) for shape in wide]
    except ValueError:  # Python reads no number of more than 4,300 digits
        return _plain(listed)
    return ",".join([*([_together(rest)] if rest else []), *found])


def _together(names: Sequence[str]) -> str:
    from ClusterShell.NodeSet import NodeSet, NodeSetException

    try:
        return str(NodeSet.fromlist(names, resolver=None))
    except (NodeSetException, ValueError, TypeError):
        return _plain(names)


def _by_axes(shape: Shape, rows: Iterable[Row]) -> str:
    """Fold names of one shape number by number: those that are alike in all others go together."""
    found = list(rows)
    columns = [len(set(column)) for column in zip(*found, strict=True)]
    for axis in sorted(range(len(columns)), key=lambda axis: -columns[axis]):
        groups: dict[Row, list[str]] = {}
        for row in found:
            groups.setdefault((*row[:axis], *row[axis + 1 :]), []).append(row[axis])
        found = [
            (*rest[:axis], ones[0] if len(ones) == 1 else _ranges(ones), *rest[axis:])
            for rest, ones in groups.items()
        ]
    return ",".join("".join(_mixed(shape, row)) for row in found)


def _ranges(numbers: Sequence[str]) -> str:
    from ClusterShell.RangeSet import RangeSet

    found = RangeSet()
    found.update(numbers)
    return f"[{found}]"


def _mixed(parts: Sequence[str], row: Row) -> Iterable[str]:
    for part, number in zip(parts, (*row, ""), strict=True):
        yield part
        yield number


def _plain(names: Sequence[str]) -> str:
    if len(names) <= _SHOWN:
        return ", ".join(names)
    return f"{', '.join(names[:_SHOWN])} … ({len(names)})"
