"""The operator's own machine, where steps without hosts run."""

from __future__ import annotations

from .model import Inventory

LOCALHOST = "localhost"
"""Its name as a target."""


def is_here(hosts: str | None, inventory: Inventory | None) -> bool:
    """Return whether a pattern means this machine: none at all, or a `localhost` of no inventory."""
    return hosts is None or (
        hosts.strip() == LOCALHOST and (inventory is None or LOCALHOST not in inventory.hosts)
    )
