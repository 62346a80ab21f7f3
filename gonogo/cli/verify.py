"""`gonogo verify RUN`: whether every byte of the trail is as it was written."""

from __future__ import annotations

import hashlib
import json
import sys
from collections import deque
from pathlib import Path

import click

from gonogo.trail.reader import Reading, Verdict
from gonogo.trail.rundir import find_run

from . import options


@click.command()
@click.argument("run", default="last")
@options.as_json
def command(run: str, as_json: bool) -> None:
    """Check the trail of RUN (a name, part of one, a path, or `last`) line by line.

    `complete`: the chain holds and the run has ended. `open`: it holds so far. Anything else names the
    place, and the exit code is 4. The chain finds every change that does not rewrite all that follows;
    the trail is not signed yet.
    """
    directory = find_run(run)
    reading = Reading(directory / "audit.jsonl")
    first = next(iterator := reading.records(), None)
    deque(iterator, maxlen=0)
    why = reading.why or _plan_differs(directory, first)
    good = reading.verdict in (Verdict.COMPLETE, Verdict.OPEN) and not why
    verdict = reading.verdict if good or reading.why else Verdict.CORRUPT
    if as_json:
        found = {"run": directory.name, "verdict": verdict, "records": reading.count, "why": why}
        click.echo(json.dumps({**found, "head": reading.head.hex()}))
    else:
        click.echo(f"{verdict}: {reading.count} records, head {reading.head.hex()}")
        if why:
            click.echo(f"  {why}")
    sys.exit(0 if good else 4)


def _plan_differs(directory: Path, first: dict[str, object] | None) -> str:
    """The first record holds the plan's digest, so the plan is proved too."""
    if first is None:
        return ""
    path = directory / "runbook" / "plan.json"
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        return f"{path}: {error.strerror}"
    return "" if digest == first.get("plan") else f"{path} is not the plan that ran"
