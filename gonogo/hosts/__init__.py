"""Hosts: inventories and patterns."""

from __future__ import annotations

from .folding import fold
from .load import load_inventory
from .pattern import resolve

__all__ = ["fold", "load_inventory", "resolve"]
