"""How a tree becomes an inventory: members of children, and variables by Ansible's precedence."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import ItemsView
from graphlib import CycleError, TopologicalSorter
from typing import Any

from gonogo.errors import InventoryError
from gonogo.text import clean_line

from .model import Host, Inventory
from .tree import Tree

NESTING_LIMIT = 100
REACH_LIMIT = 20_000_000
"""Hosts in groups, each counted in every group that it is in: 177 groups of 20,000 hosts are 3.5 million."""
_IMPLICIT = ("all", "ungrouped")


def finish(tree: Tree) -> Inventory:
    """Return the inventory; raise InventoryError when groups contain each other."""
    depths = _depths(tree)
    found = _Members(tree)
    members = {name: found.of(name) for name in tree.groups}
    members["all"] = tuple(tree.hosts)
    grouped = {host for name, hosts in members.items() if name not in _IMPLICIT for host in hosts}
    members["ungrouped"] = tuple(host for host in tree.hosts if host not in grouped)
    return Inventory(_hosts(tree, members, depths), members, tuple(tree.sources))


def _depths(tree: Tree) -> dict[str, int]:
    """Ansible's depth: `all` is 0, a top group 1, a child one more than its deepest parent."""
    order: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(tree.groups, ()))
    for parent, group in tree.groups.items():
        for child in group.children:
            order.add(child, parent)
    depths = dict.fromkeys(tree.groups, 1) | {"all": 0}
    try:
        for name in order.static_order():
            for child, place in tree.groups[name].children.items():
                depths[child] = max(depths[child], depths[name] + 1)
                if depths[child] > NESTING_LIMIT:
                    raise InventoryError(f"{place}: groups are nested deeper than {NESTING_LIMIT} levels")
    except CycleError as error:
        raise _circle(error.args[1], tree) from None
    return depths


def _circle(names: list[str], tree: Tree) -> InventoryError:
    place = tree.groups[names[-2]].children[names[-1]]
    shown = clean_line(" > ".join(names if len(names) <= 10 else [*names[:5], "…", *names[-4:]]))
    mend = f"Take {clean_line(names[-1])!r} out of the children of {clean_line(names[-2])!r}."
    return InventoryError(f"{place}: the groups contain each other: {shown}", mend)


class _Layers(ChainMap[str, str]):
    """Variables of several levels, the strongest first, each level shared by many hosts."""

    def items(self) -> ItemsView[str, str]:
        """Return all of them, ten times as fast as ChainMap, which looks up each one."""
        merged: dict[str, str] = {}
        for level in reversed(self.maps):
            merged.update(level)
        return merged.items()


class _Members:
    """Each group's hosts: own ones first, then those of children level by level. Slices count so."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._left = REACH_LIMIT

    def of(self, name: str) -> tuple[str, ...]:
        """Return a group's hosts; raise InventoryError when the groups so far hold too many."""
        seen = {name: None}
        level = [name]
        found: dict[str, None] = {}
        while level:
            for each in level:
                found.update(self._spend(self._tree.groups[each].hosts))
            below = dict.fromkeys(
                child for each in level for child in self._spend(self._tree.groups[each].children)
            )
            level = [child for child in below if child not in seen]
            seen.update(dict.fromkeys(level))
        return tuple(found)

    def _spend(self, names: dict[str, Any]) -> dict[str, Any]:
        self._left -= len(names)
        if self._left < 0:
            what = f"the groups of the inventory hold each other's hosts more than {REACH_LIMIT:,} times"
            raise InventoryError(what, "Nest fewer groups.")
        return names


def _hosts(tree: Tree, members: dict[str, tuple[str, ...]], depths: dict[str, int]) -> dict[str, Host]:
    """As in Ansible all groups' inline variables come first, then all group_vars/, each from the top down.

    Nothing is copied: a few lines can give 200,000 hosts 20,000 variables each.
    """
    layers: dict[str, list[dict[str, str]]] = {host: [] for host in tree.hosts}
    order = sorted(tree.groups, key=lambda name: (depths[name], tree.groups[name].priority, name))
    for pick in ("vars", "file_vars"):
        for name in order:
            variables: dict[str, str] = getattr(tree.groups[name], pick)
            if variables:
                for host in members[name]:
                    layers[host].append(variables)
    for host, variables in tree.hosts.items():
        layers[host] += filter(None, (variables, tree.host_file_vars.get(host)))
    return {host: Host(host, _Layers(*reversed(found))) for host, found in layers.items()}
