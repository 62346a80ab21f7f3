"""Host patterns: Ansible's, plus ClusterShell's node sets. Nothing is guessed.

`a:b` and `a,b` join, `:&c` keeps what is in both, `:!d` takes out; as in Ansible, all joins come first,
then all `&`, then all `!`, whatever the order of writing.
"""

from __future__ import annotations

import difflib
import fnmatch
import re
from collections.abc import Callable

from gonogo.errors import InventoryError
from gonogo.text import clean_line

from .model import Inventory

_SLICE = re.compile(r"(.+?)\[(-?\d+)(?:([:-])(\d+)?)?\]$")
_NODESET = re.compile(r"\[\d+(?:-\d+)?(?:/\d+)?(?:,\d+(?:-\d+)?(?:/\d+)?)*\]")
_ANSIBLE_RANGE = re.compile(r"\[\w+:\w+(?::\d+)?\]")


def resolve(pattern: str, inventory: Inventory) -> tuple[str, ...]:
    """Return the hosts of a pattern in inventory order; raise InventoryError for an unknown or empty part."""
    shown = repr(clean_line(pattern))
    terms = [term.strip() for term in _split(pattern)]
    if not any(terms):
        raise InventoryError("the host pattern is empty", "Name a host or a group.")
    joined: set[str] = set()
    plain = [term for term in terms if term and term[0] not in "&!"]
    for term in plain or ["all"]:
        joined |= set(_term(term, inventory, shown))
    for term in terms:
        if term.startswith("&"):
            joined &= set(_term(term[1:], inventory, shown))
    for term in terms:
        if term.startswith("!"):
            joined -= set(_term(term[1:], inventory, shown))
    if not joined:
        raise InventoryError(f"the pattern {shown} leaves no host", "Check its parts with `gonogo hosts`.")
    return tuple(host for host in inventory.hosts if host in joined)


def _split(pattern: str) -> list[str]:
    """Split at `,` and `:` outside brackets; a `~regex` goes on to the next comma."""
    terms, start, depth, regex = [], 0, 0, pattern.lstrip("&!").startswith("~")
    for at, letter in enumerate(pattern):
        depth += (letter == "[") - (letter == "]")
        if depth == 0 and (letter == "," or (letter == ":" and not regex)):
            terms.append(pattern[start:at])
            start = at + 1
            regex = pattern[start:].lstrip("&!").startswith("~")
    return [*terms, pattern[start:]]


def _term(term: str, inventory: Inventory, shown: str) -> tuple[str, ...]:
    if term.startswith("@"):
        return _known(term[1:], inventory, shown, groups_only=True)
    if term.startswith("~"):
        return _matching(re.compile(_regex(term[1:], shown)).match, inventory, shown)
    if term in inventory.groups or term in inventory.hosts:
        return _known(term, inventory, shown)
    if term == "*":
        return tuple(inventory.hosts)
    if match := _SLICE.fullmatch(term):
        base = match[1]
        if base in inventory.groups or any(letter in base for letter in "*?"):
            return _slice(match, _term(base, inventory, shown), shown)
    if _ANSIBLE_RANGE.search(term):
        raise InventoryError(
            f"in the pattern {shown}, {clean_line(term)!r} looks like a range, but ranges with `:` only "
            "exist inside inventories; Ansible would read it as a set of letters",
            "Write a node set such as cell[01-40], or a group.",
        )
    if _NODESET.search(term) and not any(letter in term for letter in "*?"):
        return _nodeset(term, inventory, shown)
    if any(letter in term for letter in "*?["):
        return _matching(re.compile(fnmatch.translate(term)).match, inventory, shown)
    return _known(term, inventory, shown)


def _known(name: str, inventory: Inventory, shown: str, *, groups_only: bool = False) -> tuple[str, ...]:
    if name in inventory.groups:
        if not inventory.groups[name]:
            raise InventoryError(f"the group {clean_line(name)!r} in the pattern {shown} holds no hosts")
        return inventory.groups[name]
    if name in inventory.hosts and not groups_only:
        return (name,)
    near = difflib.get_close_matches(name, [*inventory.groups, *inventory.hosts], n=1)
    mend = f"Did you mean {near[0]!r}?" if near else "`gonogo hosts all -i INVENTORY` lists the hosts."
    raise InventoryError(f"no host or group {clean_line(name)!r} (in the pattern {shown})", mend)


def _regex(text: str, shown: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise InventoryError(f"the pattern {shown} is no regular expression: {error}") from None
    return text


def _matching(match: Callable[[str], object], inventory: Inventory, shown: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name, members in inventory.groups.items():
        if match(name):
            found.update(dict.fromkeys(members))
    found.update(dict.fromkeys(host for host in inventory.hosts if match(host)))
    if not found:
        raise InventoryError(f"the pattern {shown} matches no host and no group", "Check its spelling.")
    return tuple(host for host in inventory.hosts if host in found)


def _slice(match: re.Match[str], hosts: tuple[str, ...], shown: str) -> tuple[str, ...]:
    """Ansible's subscripts: `g[0]`, `g[-1]`, `g[0:2]` with both ends in, `g[1:]`."""
    first = int(match[2])
    if match[3] is None:
        chosen = hosts[first:][:1] if first >= 0 else hosts[first : first + 1 or None]
    else:
        chosen = hosts[first : int(match[4]) + 1] if match[4] is not None else hosts[first:]
    if not chosen:
        raise InventoryError(f"the pattern {shown} asks for hosts past the end: there are {len(hosts)}")
    return chosen


def _nodeset(term: str, inventory: Inventory, shown: str) -> tuple[str, ...]:
    from ClusterShell.NodeSet import NodeSet, NodeSetException

    try:
        names = list(NodeSet(term, resolver=None))
    except NodeSetException as error:
        raise InventoryError(f"the pattern {shown} is no node set: {clean_line(str(error))}") from None
    if missing := [name for name in names if name not in inventory.hosts]:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise InventoryError(
            f"no host {clean_line(missing[0])!r}{more} (in the pattern {shown})",
            "Every name of a node set must be in the inventory.",
        )
    return tuple(names)
