"""Host patterns: Ansible's, plus ClusterShell's node sets. Nothing is guessed.

`a:b` and `a,b` join, `:&c` keeps what is in both, `:!d` takes out; as in Ansible, all joins come first,
then all `&`, then all `!`, whatever the order of writing.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Collection, Iterable
from functools import partial

from gonogo.errors import InventoryError
from gonogo.near import nearest

from . import clustergroups
from .matching import matching
from .model import Inventory
from .names import Refused, brief
from .ranges import expand_nodes
from .terms import split

_SLICE = re.compile(r"(.+?)\[(-?\d{1,9})(?:(:)(\d{0,9}))?\]")
_NODES = re.compile(r"\[\d[\d,/-]*\]")
_WIDE_NODES = re.compile(r"\[(?:\d+[,/]|\d\d+-|\d+-\d\d)[\d,/-]*\]")
_COLON_RANGE = re.compile(r"\[\w*:\w+(?::\d+)?\]")
_IMPLICIT = ("all", "ungrouped")
_SIGNS = ("", "&", "!")
WORK_LIMIT = 20_000_000
"""Names that all parts of a pattern together may go through: some seconds' work."""
_MATCHED = 200_000
"""What matching counts beside its names, for it may need a process of its own."""


def resolve(pattern: str, inventory: Inventory) -> tuple[str, ...]:
    """Return the hosts of a pattern in inventory order, none twice.

    Raises InventoryError for a name that is unknown or means two things, and when no host is left.
    """
    shown = repr(brief(pattern))
    try:
        chosen = _Resolver(inventory).hosts(pattern)
    except Refused as error:
        raise InventoryError(f"{error.what} (in the pattern {shown})", error.mend) from None
    if not chosen:
        raise InventoryError(f"the pattern {shown} leaves no host", "Look at its parts with `gonogo hosts`.")
    return tuple(host for host in inventory.hosts if host in chosen)


class _Resolver:
    def __init__(self, inventory: Inventory) -> None:
        self._hosts = inventory.hosts
        self._groups = inventory.groups
        self._left = WORK_LIMIT

    def hosts(self, pattern: str) -> set[str]:
        with_colon = frozenset(name for name in self._hosts if ":" in name) if ":" in pattern else frozenset()
        terms = split(pattern, with_colon)
        if not terms:
            raise Refused("the host pattern is empty", "Name a host or a group.")
        if len(terms) == 1 and not self._groups.get(terms[0].text.removeprefix("@"), ("host",)):
            raise Refused(f"the group {brief(terms[0].text)!r} holds no hosts", "Add hosts, or name another.")
        chosen = set(self._hosts) if all(term.sign for term in terms) else set()
        for sign, text in sorted(dict.fromkeys(terms), key=lambda term: _SIGNS.index(term.sign)):
            found = self._term(text)
            self._spend(len(found))
            match sign:
                case "&":
                    chosen.intersection_update(found)
                case "!":
                    chosen.difference_update(found)
                case _:
                    chosen.update(found)
        return chosen

    def _spend(self, names: int) -> None:
        """Raise Refused when a pattern goes through names more often than any honest one does."""
        self._left -= names
        if self._left < 0:
            raise Refused("the host pattern has too many parts", "Make a group of them.")

    def _term(self, term: str) -> Collection[str]:
        if term.startswith("@"):
            return self._group(term[1:])
        if term.startswith("~"):
            return self._matched(term)
        if term in self._groups or term in self._hosts:
            return self._known(term)
        if match := _SLICE.fullmatch(term):
            wild = any(letter in match[1] for letter in "*?[")
            if match[1] in self._groups or (wild and not _NODES.search(match[1])):
                return self._slice(match, term)
        self._refuse_lookalike(term, match)
        if any(letter in term for letter in "*?"):
            return self._matched(term)
        if _NODES.search(term):
            return self._nodes(term)
        return self._matched(term) if "[" in term else self._known(term)

    def _known(self, name: str) -> Collection[str]:
        members = self._groups.get(name)
        if name in self._hosts:
            if members is not None and members != (name,):
                mend = f"Write @{brief(name)} for the group, or rename one of the two."
                raise Refused(f"{brief(name)!r} is both a host and a group", mend)
            return (name,)
        if members is None:
            raise self._unknown("host or group", name, [*self._groups, *self._hosts])
        return members

    def _group(self, name: str) -> Collection[str]:
        if name in self._groups:
            return self._groups[name]
        nodes = clustergroups.members(name)
        if nodes is None:
            raise self._unknown("group", name, self._groups)
        missing = [node for node in nodes if node not in self._hosts]
        if missing:
            more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
            what = f"ClusterShell's group {name!r} holds {brief(missing[0])!r}{more}"
            raise Refused(f"{what}, which the inventory does not", "Add it to the inventory.")
        return nodes

    def _unknown(self, kind: str, name: str, among: Iterable[str]) -> Refused:
        near = nearest(name, among)
        mend = (
            f"Did you mean {brief(near)!r}?" if near else "`gonogo hosts all -i INVENTORY` lists the hosts."
        )
        return Refused(f"there is no {kind} {brief(name)!r}", mend)

    def _refuse_lookalike(self, term: str, slice_: re.Match[str] | None) -> None:
        """Refuse what Ansible would take for a set of letters though it was meant as a range."""
        shown = brief(term)
        wild = any(letter in term for letter in "*?")
        if slice_ and (slice_[3] or slice_[2].startswith("-")) and not wild:
            near = nearest(slice_[1], self._groups)
            meant = f"Did you mean {brief(near)}{brief(term[len(slice_[1]) :])}? " if near else ""
            mend = f"{meant}A range of host names is written with a dash: web[01-40]."
            what = f"{shown!r} counts within a group, and there is no group {brief(slice_[1])!r}"
            raise Refused(what, mend)
        if _COLON_RANGE.search(term):
            mend = "A range of host names is written with a dash: web[01-40]."
            raise Refused(f"{shown!r} looks like a range, but `:` makes ranges only inside inventories", mend)
        if wild and _WIDE_NODES.search(term):
            mend = "Write the range without `*` and `?`, or the wildcard without the range."
            raise Refused(
                f"{shown!r} looks like a range, but beside a wildcard it would be a set of letters", mend
            )

    def _matched(self, term: str) -> Collection[str]:
        """Groups' members and hosts by name; `all` and `ungrouped` only by their own."""
        if term == "*":
            return self._hosts
        # What a wildcard becomes takes no long time, whatever it is.
        matches = partial(matching, term[1:]) if term.startswith("~") else partial(fnmatch.filter, pat=term)
        self._spend(_MATCHED + len(self._groups) + len(self._hosts))
        groups = [name for name in self._groups if name not in _IMPLICIT]
        found = set(matches([*groups, *self._hosts]))
        if not found:
            raise Refused(f"{brief(term)!r} matches no host and no group", "Check its spelling.")
        of_groups = (host for name in groups if name in found for host in self._groups[name])
        return dict.fromkeys([*of_groups, *(host for host in self._hosts if host in found)])

    def _slice(self, match: re.Match[str], term: str) -> Collection[str]:
        """Ansible's `g[0]`, `g[-1]`, `g[0:2]` with both ends in, `g[1:]`, in the group's own order."""
        members = tuple(self._term(match[1]))
        first = int(match[2])
        if match[3] is None:
            chosen = members[first:][:1] if first >= -len(members) else ()
            self._refuse_two_meanings(term, match, chosen)
        elif first < 0:
            raise Refused(f"{brief(term)!r} begins a range before the start", "Count from 0.")
        else:
            chosen = members[first : int(match[4]) + 1] if match[4] else members[first:]
        if not chosen:
            what = f"{brief(term)!r} is past the end: {brief(match[1])!r} holds {len(members)} hosts"
            raise Refused(what, "The first is [0]; a range is [0:2], both ends in.")
        return chosen

    def _refuse_two_meanings(self, term: str, match: re.Match[str], chosen: tuple[str, ...]) -> None:
        as_host = f"{match[1]}{match[2]}"
        if as_host in self._hosts and chosen != (as_host,):
            counted = f", or the group's {brief(chosen[0])!r}" if chosen else ""
            what = f"{brief(term)!r} could be the host {brief(as_host)!r}{counted}"
            at = match[2]
            raise Refused(what, f"Write {brief(as_host)} or {brief(match[1])}[{at}:{at}].")

    def _nodes(self, term: str) -> Collection[str]:
        names = expand_nodes(term)
        missing = [name for name in names if name not in self._hosts]
        if not missing:
            return names
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        base = term.partition("[")[0]
        mend = "Every name of a node set must be in the inventory."
        if base in self._groups:
            mend += f" To count within the group {brief(base)!r}, write {brief(base)}[0:2]."
        raise Refused(f"there is no host {brief(missing[0])!r}{more}", mend)
