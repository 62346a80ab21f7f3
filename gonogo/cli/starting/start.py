"""From a runbook file to a run that can be connected to."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import Any

import click
from msgspec import Struct, field

from gonogo import __version__
from gonogo.errors import UsageError
from gonogo.hosts.here import LOCALHOST
from gonogo.run.plan import Plan
from gonogo.trail.rundir import create_run, find_run

from ..answers import Answers
from ..keys import check_approvals, open_key
from ..questions import confirm
from .launch import Launch, who
from .narrowing import without_hosts
from .overlap import Overlap, overlaps
from .planning import Planned, Wish, plan_of
from .provenance import provenance
from .selection import Selection

__all__ = ["Begin", "Wish", "start"]


class Begin(Struct, frozen=True):
    """How a planned run begins, besides what it does."""

    selection: Selection = field(default_factory=Selection)
    sign_key: str | None = None
    become_password: str | None = None
    reach: bool = False
    """Log in to every host first; begin only if all can be reached."""
    baseline: str | None = None
    """The earlier run whose first complete round of tests is compared with."""
    attended: bool = False
    """A person answers, and is told there who cannot be reached."""
    answers: Answers = field(default_factory=Answers)
    """What is answered beforehand."""


def start(wish: Wish, begin: Begin | None = None) -> Path:
    """Check, plan and begin a run; return its directory. Nothing has run on a host yet."""
    with Launch(ssh=bool(wish.inventories)) as process:
        return _start(wish, begin or Begin(), process)


def _start(wish: Wish, begin: Begin, process: Launch) -> Path:
    planned = plan_of(wish)
    begin.answers.check(planned.plan)
    check_approvals(planned.runbook, signers=planned.plan.signers is not None, key=begin.sign_key is not None)
    left = begin.selection.left_out(planned.runbook)
    if empty := without_hosts(planned.plan):
        left.append((empty, "none of its hosts is among those asked for"))
    key = open_key(begin.sign_key, ask=wish.ask)
    shared = list(overlaps(planned.plan))
    _tell(shared, ask=wish.ask)
    if begin.reach and not begin.attended:
        from .reaching import check_reach

        check_reach(planned.plan)
    baseline = _baseline(begin.baseline, planned.plan)
    dumped = planned.plan.dump()
    run = create_run(planned.runbook.title, dumped, planned.sources)
    order = {
        "by": who(),
        "start": _record(wish, planned, dumped, shared)
        | ({"sign_key": key["sign_key"]} if key else {})
        | ({"baseline": str(baseline)} if baseline else {})
        | ({"reach": True} if begin.reach and begin.attended else {}),
        "secrets": planned.secrets,
        "become_password": begin.become_password,
        "skip": left,
        **key,
    }
    process.order(run, order)
    return run


def _baseline(name: str | None, plan: Plan) -> Path | None:
    """Return the run whose tests are compared with; raise UsageError when it can't be."""
    if name is None:
        return None
    if not plan.tests:
        raise UsageError("--baseline compares tests, and the runbook has no test plan")
    from gonogo.run.comparing import read_baseline

    run = find_run(name)
    found = read_baseline(run)
    if found is None:
        raise UsageError(f"{run.name} has no complete round of tests", "Name another run, or none.")
    if not found.tests.keys() & {one.step.id for one in plan.tests}:
        raise UsageError(f"{run.name} has none of this runbook's tests", "Tests are matched by their ids.")
    return run


def _record(wish: Wish, planned: Planned, dumped: bytes, shared: list[Overlap]) -> dict[str, Any]:
    """Return the fields of `run.start`."""
    plan = planned.plan
    found = {
        "title": plan.title,
        "runbook": str(wish.file.absolute()),
        "inventories": [str(path.absolute()) for path in wish.inventories],
        "argv": _argv(),
        "tool": __version__,
        "git": provenance(wish.file.absolute(), planned.sources, planned.runbook.allowed_signers),
        "plan": hashlib.sha256(dumped).hexdigest(),
        "sources": _digests(planned.sources),
        "inputs": {one.name: one.value for one in plan.inputs},
        "hosts": sum(name != LOCALHOST for name in plan.hosts),
        "pace": wish.pace,
    }
    asked = {
        "blast_radius": wish.blast_radius,
        "allowed_signers": str(wish.allowed_signers.absolute()) if wish.allowed_signers else None,
        "limit": list(wish.narrowing.limit) or None,
        "exclude": list(wish.narrowing.exclude) or None,
        "failed_in": wish.narrowing.failed_in,
        "odd_in": wish.narrowing.odd_in,
        "overlaps": [str(one) for one in shared] or None,
    }
    return found | {name: value for name, value in asked.items() if value is not None}


def _digests(sources: tuple[tuple[str, bytes], ...]) -> list[list[str]]:
    """Return what a record says of the documents in the run's directory."""
    return [[os.path.abspath(path), hashlib.sha256(data).hexdigest()] for path, data in sources]


def _tell(shared: list[Overlap], *, ask: bool) -> None:
    """Say which other runs work on these hosts; let a person think again while one of them is live."""
    for one in shared:
        click.echo(f"warning: {one}", err=True)
    if ask and any(one.live for one in shared):
        confirm("Start this run beside it?", abort=True, err=True)


def _argv() -> list[str]:
    """Return the command line; a secret given with --input is not kept."""
    found: list[str] = []
    for word in sys.argv[1:]:
        if word == "--start-fd":
            break
        name, equals, _ = word.partition("=")
        found.append(f"{name}=…" if equals else word)
    return found
