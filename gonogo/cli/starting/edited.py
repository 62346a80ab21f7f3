"""A runbook that was edited while its run waits: what differs, and going on with its new text."""

from __future__ import annotations

import difflib
import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from msgspec import Struct
from msgspec.structs import replace

from gonogo.errors import GonogoError, UsageError
from gonogo.hosts import fold
from gonogo.run.plan import Plan, PlannedStep
from gonogo.run.revise import revised
from gonogo.text import clean, clean_line
from gonogo.trail.rundir import add_plan, count_sources, source_name

from ..past import Past
from ..questions import forget_early
from .narrowing import Narrowing
from .planning import Planned, Wish, plan_of

DIFFERENCE_LIMIT = 64 << 10
"""Characters of the difference that the trail keeps; the documents themselves are kept whole."""
_SHOWN = 400
"""Lines of it that are printed."""


class Documents(Struct, frozen=True):
    """What a run was made of, from its records."""

    wish: Wish
    """What the operator asked for at its start."""
    kept: Mapping[str, str]
    """Path -> name in the run directory."""

    @staticmethod
    def of(past: Past) -> Documents:
        """Read them from `run.start` and each `plan.change`."""
        start = past.start
        kept = {path: source_name(at, path) for at, (path, _) in enumerate(start.get("sources", ()), 1)}
        for change in past.changes:
            kept |= {path: name for name, path, _ in change.get("sources", ())}
        signers = start.get("allowed_signers")
        wish = Wish(
            file=Path(str(start.get("runbook", ""))),
            inventories=tuple(Path(path) for path in start.get("inventories", ())),
            pace=str(start.get("pace", "step")),
            blast_radius=start.get("blast_radius"),
            allowed_signers=Path(signers) if signers else None,
            narrowing=Narrowing(
                start.get("limit", ()), start.get("exclude", ()), start.get("failed_in"), start.get("odd_in")
            ),
        )
        return Documents(wish, kept)


class Edited(Struct, frozen=True):
    """The edited runbook, ready to go on with."""

    run: Path
    planned: Planned
    plan: Plan
    difference: str

    def lines(self) -> Iterator[str]:
        """Yield what changes for the run, then the difference of the documents."""
        current = self.plan.steps[self.plan.first :]
        old = {planned.step.id: planned for planned in self.plan.steps[: self.plan.first]}
        ids = {planned.step.id for planned in current}
        yield from _about("new", [one for one in current if one.before is None])
        yield from _about("changed", [one for one in current if one.before is not None and not one.unchanged])
        yield from _about("gone", [one for name, one in old.items() if name not in ids])
        for one in current:
            before = old.get(one.step.id)
            if before is not None and set(before.hosts) != set(one.hosts):
                yield _hosts(one, set(before.hosts), set(one.hosts))
        listed = clean(self.difference).splitlines()
        yield from ("", *listed[:_SHOWN])
        if len(listed) > _SHOWN:
            yield f"… {len(listed) - _SHOWN} more lines"

    def store(self) -> dict[str, Any]:
        """Write plan and documents into the run directory; return the fields of a revision."""
        dumped = self.plan.dump()
        file, names = add_plan(self.run, dumped, self.planned.sources)
        kept = zip(names, self.planned.sources, strict=True)
        return {
            "file": file,
            "digest": hashlib.sha256(dumped).hexdigest(),
            "diff": self.difference[:DIFFERENCE_LIMIT],
            "sources": [
                [name, os.path.abspath(path), hashlib.sha256(data).hexdigest()] for name, (path, data) in kept
            ],
        }


def look(past: Past, documents: Documents, *, ask: bool = False) -> Edited | None:
    """Return the runbook as it is now; None when it is as the run has it. Raise what is wrong with it."""
    run, plan = past.run, past.state.plan
    if not _differs(run, documents):
        return None
    known = {one.name: one for one in plan.inputs}
    planned = plan_of(replace(documents.wish, ask=ask), known=known, before=count_sources(run))
    difference = "".join(_difference(run, documents, planned))
    return Edited(run, planned, revised(plan, planned.plan), difference)


def choose(found: Edited, how: str, *, ask: bool) -> bool:
    """Show what was edited and return whether the run goes on with it. `how` is take, keep or ask."""
    click.echo("The runbook was edited since this run read it:", err=True)
    for line in found.lines():
        click.echo(f"  {line}", err=True)
    if how != "ask":
        return how == "take"
    if not ask:
        click.echo("The run keeps to what it read; `--edited take` goes on with the new text.", err=True)
        return False
    forget_early()
    answer = click.prompt(
        "Go on with the new text, or keep to the old?", type=click.Choice(["take", "keep"]), err=True
    )
    return bool(answer == "take")


def offer(past: Past, how: str, *, ask: bool) -> Edited | None:
    """Return the edited runbook if there is one and the operator wants it."""
    if how == "keep":
        return None
    documents = Documents.of(past)
    try:
        found = look(past, documents, ask=ask)
    except GonogoError as error:
        if how == "take":
            raise
        click.echo(f"warning: the runbook was edited, but cannot be gone on with: {error}", err=True)
        return None
    if found is None:
        if how == "take":
            raise UsageError(f"{documents.wish.file}: nothing was edited since the run read it")
        return None
    return found if choose(found, how, ask=ask) else None


def _differs(run: Path, documents: Documents) -> bool:
    """Return whether the runbook's file is another than the one that is kept, or is gone."""
    from gonogo.format.include import read_file
    from gonogo.format.load import loads

    path = documents.wish.file
    try:
        sources = loads(read_file(path, str(path)), str(path), checked=False).runbook.sources
    except GonogoError:
        return True
    return any(_kept(run, documents, path) != data for path, data in sources)


def _kept(run: Path, documents: Documents, path: str) -> bytes | None:
    name = documents.kept.get(os.path.abspath(path))
    try:
        return (run / "runbook" / name).read_bytes() if name else None
    except OSError:
        return None


def _difference(run: Path, documents: Documents, planned: Planned) -> Iterator[str]:
    for path, data in planned.sources:
        before = (_kept(run, documents, path) or b"").decode("utf-8", "replace").splitlines(keepends=True)
        after = data.decode("utf-8", "replace").splitlines(keepends=True)
        yield from difflib.unified_diff(
            before, after, f"{path} (as the run has it)", f"{path} (as it is now)"
        )


def _about(word: str, steps: list[PlannedStep]) -> Iterator[str]:
    if steps:
        yield f"{word}: {', '.join(clean_line(one.step.id) for one in steps[:20])}" + (
            " …" if steps[20:] else ""
        )


def _hosts(one: PlannedStep, before: set[str], after: set[str]) -> str:
    said = [f"+{fold(sorted(after - before))}"] if after - before else []
    said += [f"-{fold(sorted(before - after))}"] if before - after else []
    return f"hosts of {clean_line(one.step.id)}: {' '.join(said)[:300]}"
