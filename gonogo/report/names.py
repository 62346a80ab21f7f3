"""Host names in a report: short, and cheap where there are many."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache

from gonogo.hosts.here import LOCALHOST

from .outputs import folded

LIMIT = 400
"""Characters of names in one place."""
FEW = 12
"""Hosts that are named as missing from all the others."""
WORK = 60_000
"""Names that one report folds: at worst 4 s, where two numbers vary in each name."""


@lru_cache(maxsize=4_096)
def named(hosts: tuple[str, ...]) -> str:
    """Return `this machine`, `cp07`, or `3 hosts, cp[07-09]`, cut where the names would fill a page."""
    if hosts == (LOCALHOST,):
        return "this machine"
    text = folded(hosts)
    text = f"{text[:LIMIT]} …" if len(text) > LIMIT else text
    return text if len(hosts) == 1 else f"{len(hosts):,} hosts, {text}" if hosts else "no host"


class Names:
    """Names hosts until that has cost too much; then it counts them."""

    def __init__(self, left: int = WORK) -> None:
        self._left = left

    def of(self, hosts: Sequence[str], among: Collection[str] = ()) -> str:
        """Return hosts named; by what is missing where they are nearly all `among` which they were."""
        if 1 < len(among) == len(hosts):
            return f"all {len(hosts):,} hosts"
        if FEW < len(hosts) < len(among) <= len(hosts) + FEW:
            these = set(hosts)
            missing = [host for host in among if host not in these]
            return f"{len(hosts):,} hosts, all but {folded(missing)}"
        self._left -= len(hosts)
        if self._left < 0 and len(hosts) > 1:
            return f"{len(hosts):,} hosts, {hosts[0]} and others"
        return named(tuple(hosts))
