"""Some of the hosts that a question is about, picked by a pattern."""

from __future__ import annotations

from collections.abc import Iterable

from .model import Host, Inventory
from .pattern import resolve


def pick(pattern: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return those of `names` that the pattern means; raise InventoryError when one is not among them."""
    return resolve(pattern, Inventory(hosts={name: Host(name) for name in names}))
