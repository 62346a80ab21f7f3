"""Folding host names for display: `cp[01-38]`. Never used for sets that decide anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

FOLD_LIMIT = 20_000
"""More names than this are only counted: folding 20,000 regular ones costs 0.2 s."""
IRREGULAR_LIMIT = 2_000
"""Most shapes (a name without its digits), since each folds alone."""
DEEP_LIMIT = 500
"""Most names of a shape in which three numbers vary: 500 scattered ones cost 0.5 s, 1,000 cost 4 s."""
_SHOWN = 3
_NUMBER = re.compile(r"\d+")


def fold(names: Iterable[str]) -> str:
    """Return names in ClusterShell's short form, or the first few and a count when that would not help."""
    listed = list(names)
    if len(listed) <= 1:
        return "".join(listed)
    if not _foldable(listed):
        return _plain(listed)
    from ClusterShell.NodeSet import NodeSet, NodeSetException

    try:
        return str(NodeSet.fromlist(listed, resolver=None))
    except (NodeSetException, ValueError, TypeError):
        return _plain(listed)


def _foldable(names: Sequence[str]) -> bool:
    if len(names) > FOLD_LIMIT:
        return False
    shapes: dict[str, list[list[str]]] = {}
    for name in names:
        shapes.setdefault(_NUMBER.sub("\0", name), []).append(_NUMBER.findall(name))
    return len(shapes) <= IRREGULAR_LIMIT and not any(map(_deep, shapes.values()))


def _deep(rows: Sequence[Sequence[str]]) -> bool:
    if len(rows) <= DEEP_LIMIT:
        return False
    return sum(len(set(column)) > 1 for column in zip(*rows, strict=True)) >= 3


def _plain(names: Sequence[str]) -> str:
    if len(names) <= _SHOWN:
        return ", ".join(names)
    return f"{', '.join(names[:_SHOWN])} … ({len(names)})"
