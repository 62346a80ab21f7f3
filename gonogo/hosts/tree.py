"""Groups, hosts and variables as the files give them, and how they come together."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from gonogo.errors import InventoryError
from gonogo.text import clean_line

from .model import Host, Inventory

# What OpenSSH refuses in a host name, and what would break a line of ours.
_BAD_HOST = re.compile(r"[\s'\"`$\\;&<>|(){},!*?#@\x00-\x1f\x7f-\x9f]")
HOST_LIMIT = 255


@dataclass(slots=True)
class Group:
    """One group as written: its own hosts, children and variables."""

    hosts: dict[str, None] = field(default_factory=dict)
    children: dict[str, None] = field(default_factory=dict)
    vars: dict[str, str] = field(default_factory=dict)
    file_vars: dict[str, str] = field(default_factory=dict)
    """From group_vars/; these come over `vars`."""


@dataclass(slots=True)
class Tree:
    """Everything read so far, from all inventories."""

    groups: dict[str, Group] = field(default_factory=lambda: {"all": Group(), "ungrouped": Group()})
    hosts: dict[str, dict[str, str]] = field(default_factory=dict)
    host_file_vars: dict[str, dict[str, str]] = field(default_factory=dict)
    sources: list[tuple[str, bytes]] = field(default_factory=list)

    def group(self, name: str) -> Group:
        """Return a group, made when it is new."""
        return self.groups.setdefault(name, Group())

    def add_host(self, name: str, group: str, variables: dict[str, str]) -> None:
        """Put a host into a group; raise ValueError for a name that no host can have."""
        if why := refusal(name):
            raise ValueError(why)
        self.hosts.setdefault(name, {}).update(variables)
        self.group(group).hosts[name] = None

    def finish(self) -> Inventory:
        """Return the inventory: members of children included, variables merged by precedence."""
        depths = self._depths()
        members = {name: self._members(name, ()) for name in self.groups}
        grouped = {
            host for name, hosts in members.items() if name not in ("all", "ungrouped") for host in hosts
        }
        members["all"] = tuple(self.hosts)
        members["ungrouped"] = tuple(host for host in self.hosts if host not in grouped)
        position = {host: at for at, host in enumerate(self.hosts)}
        ordered = {
            name: tuple(sorted(set(found), key=position.__getitem__)) for name, found in members.items()
        }
        return Inventory(self._merged(ordered, depths), ordered, tuple(self.sources))

    def _merged(self, members: dict[str, tuple[str, ...]], depths: dict[str, int]) -> dict[str, Host]:
        merged: dict[str, dict[str, str]] = {host: {} for host in self.hosts}
        for name in sorted(self.groups, key=lambda name: (depths[name], name)):
            group = self.groups[name]
            if group.vars or group.file_vars:
                for host in members[name]:
                    merged[host].update(group.vars | group.file_vars)
        for host, variables in self.hosts.items():
            merged[host].update(variables | self.host_file_vars.get(host, {}))
        return {host: Host(host, variables) for host, variables in merged.items()}

    def _members(self, name: str, above: tuple[str, ...]) -> tuple[str, ...]:
        if name in above:
            circle = " -> ".join([*above[above.index(name) :], name])
            raise InventoryError(f"the groups contain each other: {circle}", "Take one `children` out.")
        group = self.groups[name]
        found = dict(group.hosts)
        for child in group.children:
            found.update(dict.fromkeys(self._members(child, (*above, name))))
        return tuple(found)

    def _depths(self) -> dict[str, int]:
        """Ansible's depth: `all` is 0, a top group 1, a child one more than its deepest parent."""
        depths = dict.fromkeys(self.groups, 1)
        depths["all"] = 0
        for _ in self.groups:
            changed = False
            for name, group in self.groups.items():
                for child in group.children:
                    if depths[child] < depths[name] + 1 <= len(self.groups) + 1:
                        depths[child] = depths[name] + 1
                        changed = True
            if not changed:
                break
        return depths


def refusal(name: str) -> str:
    """Return why a name can be no host's, or an empty string."""
    shown = repr(clean_line(name[:60]))
    if not name or len(name) > HOST_LIMIT:
        return f"{shown} is no host name: it must have 1 to {HOST_LIMIT} characters"
    if name.startswith("-"):
        return f"{shown} is no host name: it begins with a dash"
    if match := _BAD_HOST.search(name):
        return f"{shown} is no host name: it holds {clean_line(match.group())!r}"
    return ""


def text_of(value: Any) -> str:
    """Return a variable's value as text; lists and maps as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def texts(variables: Iterable[tuple[str, Any]]) -> dict[str, str]:
    """Return variables with their values as text."""
    return {str(name): text_of(value) for name, value in variables}
