"""Folding host names for display: `cp[01-38]`. Never used for sets that decide anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

FOLD_LIMIT = 20_000
"""More names than this are only counted: folding 20,000 regular ones costs 0.2 s."""
IRREGULAR_LIMIT = 2_000
"""Most shapes (a name without its digits), since each folds alone."""
SCATTERED = 200
"""Most names of a shape in which several numbers vary that ClusterShell folds: its time grows with the
square of them and more, to 0.8 s for 5,000 with two numbers and 4 s for 1,000 with three."""
_SHOWN = 3
_NUMBER = re.compile(r"\d+")
_SIMPLE = re.compile(r"[A-Za-z0-9._-]*")
Row = tuple[str, ...]
"""The numbers in a name, in their order."""


def fold(names: Iterable[str]) -> str:
    """Return names in ClusterShell's short form, or the first few and a count when that would not help.

    At most 0.3 s, whatever the names.
    """
    listed = list(names)
    if len(listed) <= 1:
        return "".join(listed)
    shapes: dict[str, list[Row]] = {}
    for name in listed[: FOLD_LIMIT + 1]:
        shapes.setdefault(_NUMBER.sub("\0", name), []).append(tuple(_NUMBER.findall(name)))
    if len(listed) > FOLD_LIMIT or len(shapes) > IRREGULAR_LIMIT:
        return _plain(listed)
    wide = {shape for shape, rows in shapes.items() if _is_wide(rows)}
    if not all(_SIMPLE.fullmatch(shape.replace("\0", "")) for shape in wide):
        return _plain(listed)
    rest = [name for name in listed if _NUMBER.sub("\0", name) not in wide] if wide else listed
    found = [_by_axes(shape, shapes[shape]) for shape in shapes if shape in wide]
    return ",".join([*([_together(rest)] if rest else []), *found])


def _together(names: Sequence[str]) -> str:
    from ClusterShell.NodeSet import NodeSet, NodeSetException

    try:
        return str(NodeSet.fromlist(names, resolver=None))
    except (NodeSetException, ValueError, TypeError):
        return _plain(names)


def _is_wide(rows: Sequence[Row]) -> bool:
    if len(rows) <= SCATTERED:
        return False
    return sum(len(set(column)) > 1 for column in zip(*rows, strict=True)) > 1


def _by_axes(shape: str, rows: Sequence[Row]) -> str:
    """Fold names of one shape number by number: those that are alike in all others go together."""
    from ClusterShell.RangeSet import RangeSet

    columns = [len(set(column)) for column in zip(*rows, strict=True)]
    found = list(dict.fromkeys(rows))
    for axis in sorted(range(len(columns)), key=lambda axis: -columns[axis]):
        groups: dict[Row, list[str]] = {}
        for row in found:
            groups.setdefault((*row[:axis], *row[axis + 1 :]), []).append(row[axis])
        found = [
            (*rest[:axis], ones[0] if len(ones) == 1 else f"[{RangeSet.fromlist(ones)}]", *rest[axis:])
            for rest, ones in groups.items()
        ]
    parts = shape.split("\0")
    return ",".join("".join(_mixed(parts, row)) for row in found)


def _mixed(parts: Sequence[str], row: Row) -> Iterable[str]:
    for part, number in zip(parts, (*row, ""), strict=True):
        yield part
        yield number


def _plain(names: Sequence[str]) -> str:
    if len(names) <= _SHOWN:
        return ", ".join(names)
    return f"{', '.join(names[:_SHOWN])} … ({len(names)})"
