"""From a runbook file to a plan, with everything that the run directory will hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from msgspec import Struct, field
from msgspec.structs import replace

from gonogo.errors import RunbookError, UsageError
from gonogo.format.model import Input, Runbook, Severity
from gonogo.hosts.model import Inventory
from gonogo.run.build import build
from gonogo.run.plan import Plan, PlannedInput
from gonogo.text import many
from gonogo.trail.rundir import source_name

from ..keys import signers_file
from ..sources import load_hosts, report
from .inputs import Gathering
from .narrowing import Narrowing


class Wish(Struct, frozen=True):
    """What the command line asks for."""

    file: Path
    """The runbook; for one that is in no file, where it would be."""
    inventories: Sequence[Path] = ()
    inputs: Sequence[str] = ()
    pace: str = "step"
    ask: bool = False
    """A person sits at a terminal and can be asked."""
    blast_radius: int | None = None
    allowed_signers: Path | None = None
    narrowing: Narrowing = field(default_factory=Narrowing)
    runbook: Runbook | None = None
    """One that is in no file."""
    on_screen: bool = False
    """The full screen lists what the check warns of."""


class Planned(Struct, frozen=True):
    """A plan, what it was made of, and the values of its secrets (which are in neither)."""

    plan: Plan
    runbook: Runbook
    sources: tuple[tuple[str, bytes], ...]
    secrets: Mapping[str, str]


def plan_of(wish: Wish, *, known: Mapping[str, PlannedInput] | None = None, before: int = 0) -> Planned:
    """Read, check and plan; raise what is wrong. Nothing is started.

    `known` are the inputs of a run that goes on, which keep their values; `before` is the number of sources
    that its directory holds already.
    """
    runbook = wish.runbook or _load(wish.file, count=not wish.on_screen)
    inventory = load_hosts(runbook, wish.inventories)
    gathering = Gathering(wish.inputs, inventory.hosts if inventory else (), ask=wish.ask)
    gathering.known(one.name for one in runbook.inputs)
    inputs = tuple(_known(one, known or {}) or gathering.plan(one) for one in runbook.inputs)
    plan = build(runbook, inventory, inputs, wish.pace, wish.narrowing.hosts(inventory))
    if not any(one.hosts for one in plan.steps) and wish.narrowing != Narrowing():
        raise UsageError("no step has a host left", "Widen --limit, or --exclude fewer.")
    sources = _sources(runbook, inventory)
    signers = signers_file(runbook, wish.allowed_signers)
    if signers:
        sources += (signers,)
        plan = replace(plan, signers=source_name(before + len(sources), signers[0]))
    plan = replace(plan, preflight=wish.runbook is None)
    if wish.blast_radius is not None:
        plan = replace(plan, blast_radius=wish.blast_radius)
    return Planned(plan, runbook, sources, gathering.secrets)


def _known(one: Input, known: Mapping[str, PlannedInput]) -> PlannedInput | None:
    found = known.get(one.name)
    return found if found is not None and found.secret == one.secret else None


def _sources(runbook: Runbook, inventory: Inventory | None) -> tuple[tuple[str, bytes], ...]:
    return (*runbook.sources, *(inventory.sources if inventory else ()))


def _load(file: Path, *, count: bool) -> Runbook:
    from gonogo.format.load import load

    loaded = load(file)
    errors = [problem for problem in loaded.problems if problem.severity is Severity.ERROR]
    if errors:
        report(errors)
        raise RunbookError(f"{file}: the runbook holds {many(len(errors), 'mistake')}; nothing was started")
    if loaded.problems and count:
        # All of them here would hide the one line that matters now.
        warnings = many(len(loaded.problems), "warning")
        click.echo(f"{file}: {warnings}; `gonogo check {file}` tells what they are", err=True)
    return loaded.runbook
