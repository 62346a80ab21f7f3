"""Hosts and groups as an inventory gives them."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field


class Host(Struct, frozen=True):
    """A host and its variables, all levels merged in Ansible's order of precedence."""

    name: str
    vars: Mapping[str, str] = field(default_factory=dict)


class Inventory(Struct, frozen=True):
    """Every host in inventory order, and every group's host names (children's included)."""

    hosts: dict[str, Host] = field(default_factory=dict)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sources: tuple[tuple[str, bytes], ...] = ()
    """(path, exact bytes) of every file that was read."""
