"""Groups, hosts and variables as the files give them, before they come together."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct, field

from gonogo.errors import InventoryError
from gonogo.text import clean_line

from .names import Refused, brief, check_group, check_host
from .ranges import LIMIT

PRIORITY = "ansible_group_priority"


class Group(Struct):
    """One group as written: its own hosts, children and variables."""

    hosts: dict[str, None] = field(default_factory=dict)
    children: dict[str, str] = field(default_factory=dict)
    """Child -> where it is named (`file:line`)."""
    vars: dict[str, str] = field(default_factory=dict)
    file_vars: dict[str, str] = field(default_factory=dict)
    """From group_vars/."""
    priority: int = 1


class Tree(Struct):
    """Everything read so far, from all inventories."""

    groups: dict[str, Group] = field(default_factory=lambda: {"all": Group(), "ungrouped": Group()})
    hosts: dict[str, dict[str, str]] = field(default_factory=dict)
    host_file_vars: dict[str, dict[str, str]] = field(default_factory=dict)
    sources: list[tuple[str, bytes]] = field(default_factory=list)
    size: int = 0
    """Bytes of all sources."""

    def group(self, name: str) -> Group:
        """Return a group, made when it is new; raise Refused for a name that no pattern can say."""
        if name not in self.groups:
            check_group(name)
            self.groups[name] = Group()
        return self.groups[name]

    def add_hosts(
        self, names: Iterable[str], group: str, variables: dict[str, str], port: str | None = None
    ) -> None:
        """Put hosts into a group; raise Refused for a name that no host can have."""
        members = self.group(group).hosts
        for name in names:
            known = self.hosts.get(name)
            if known is None:
                check_host(name)
                if len(self.hosts) >= LIMIT:
                    raise Refused(f"the inventory holds more than {LIMIT} hosts", "Split it.")
                known = self.hosts[name] = {"ansible_port": port} if port else {}
            known.update(variables)
            members[name] = None

    def set_vars(self, group: str, variables: dict[str, str]) -> None:
        """Give a group variables; raise Refused for a priority that is no number."""
        found = self.group(group)
        for name, value in variables.items():
            if name != PRIORITY:
                found.vars[name] = value
                continue
            try:
                found.priority = int(value)
            except ValueError:
                raise Refused(f"{PRIORITY} is {brief(value)!r}", "Give it a whole number.") from None


def enter(folder: Path, above: frozenset[str]) -> frozenset[str]:
    """Return the real folders gone into so far; raise InventoryError for a link back to one of them."""
    real = os.path.realpath(folder)
    if real in above:
        raise fault(folder, 0, 0, Refused("the folder links back to one above it", "Take the link out."))
    return above | {real}


class NeedsAnsible(InventoryError):
    """The inventory holds what Ansible alone can read."""


def fault(path: Path | str, line: int, column: int, error: Refused) -> InventoryError:
    """Return the error to raise for something refused at a place; line 0 is the file as a whole."""
    line, column = error.place or (line, column)
    place = f":{line}:{column}" if line else ""
    kind = NeedsAnsible if error.ansible else InventoryError
    return kind(f"{clean_line(str(path))}{place}: {error.what}", error.mend)
