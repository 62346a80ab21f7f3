"""Hosts: inventories and patterns.

Names load when they are used: whoever only folds names for display does not pay for YAML (40 ms).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .folding import fold
    from .load import load_inventory
    from .pattern import resolve
    from .picking import pick

__all__ = ["fold", "load_inventory", "pick", "resolve"]

_HOMES = {"fold": "folding", "load_inventory": "load", "pick": "picking", "resolve": "pattern"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
