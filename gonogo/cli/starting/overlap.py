"""Other runs that are not over and work on the same hosts."""

from __future__ import annotations

import os
from collections.abc import Iterator

from msgspec import Struct

from gonogo.errors import GonogoError
from gonogo.hosts import fold
from gonogo.hosts.here import LOCALHOST
from gonogo.run.client import load_plan
from gonogo.run.plan import Plan
from gonogo.run.wire import is_live
from gonogo.text import clean_line
from gonogo.trail.rundir import is_over, list_runs


class Overlap(Struct, frozen=True):
    """One such run."""

    run: str
    title: str
    live: bool
    """Its process is there; else it is paused, and somebody may go on with it."""
    same: bool
    """It is a run of the same runbook."""
    hosts: tuple[str, ...]

    def __str__(self) -> str:
        what = "of this runbook " if self.same else f"of {clean_line(self.title)!r} "
        state = "is live" if self.live else "is paused"
        count = f"{len(self.hosts)} of these hosts" if len(self.hosts) > 1 else "one of these hosts"
        return f"the run {self.run} {what}{state} on {count}: {clean_line(fold(self.hosts))[:200]}"


def overlaps(plan: Plan) -> Iterator[Overlap]:
    """Yield the runs that share hosts with a plan: live ones, and paused ones of the same runbook."""
    ours = set(plan.hosts) - {LOCALHOST}
    for run in list_runs() if ours else ():
        if is_over(run):
            continue
        try:
            other = load_plan(run)
            live = is_live(run)
        except GonogoError:
            continue
        shared = tuple(name for name in other.hosts if name in ours)
        same = other.title == plan.title and os.path.realpath(other.path) == os.path.realpath(plan.path)
        if shared and (live or same):
            yield Overlap(run.name, other.title, live, same, shared)
