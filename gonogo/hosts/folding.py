"""Folding host names for display: `cp[01-38]`. Never used for sets that decide anything."""

from __future__ import annotations

from collections.abc import Iterable

FOLD_LIMIT = 20_000
"""More names are only counted: folding 10,000 regular ones costs 0.1 s, irregular ones much more."""
IRREGULAR_LIMIT = 2_000


def fold(names: Iterable[str]) -> str:
    """Return names in ClusterShell's short form, or the first few and a count when that would not help."""
    listed = list(names)
    if len(listed) <= 1:
        return "".join(listed)
    stems = {name.rstrip("0123456789") for name in listed}
    if len(listed) > FOLD_LIMIT or len(stems) > IRREGULAR_LIMIT:
        return f"{', '.join(listed[:3])} … ({len(listed)})"
    from ClusterShell.NodeSet import NodeSet, NodeSetException

    try:
        return str(NodeSet.fromlist(listed, resolver=None))
    except (NodeSetException, ValueError, TypeError):
        return ", ".join(listed)
