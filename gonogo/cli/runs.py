"""`gonogo runs`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from gonogo.errors import GonogoError
from gonogo.run.wire import is_live
from gonogo.text import clean_line
from gonogo.trail.rundir import list_runs, runs_directory

from . import options


@click.command()
@options.as_json
def command(as_json: bool) -> None:
    """List runs, oldest first: what waits for you, what is over and how it ended."""
    found = [about(run) for run in list_runs()]
    if as_json:
        click.echo(json.dumps(found, indent=1))
        return
    if not found:
        click.echo(f"no runs in {runs_directory()}")
    for run in found:
        click.echo(f"{run['status']:<10} {run['run']}  {run['title']}")
        if run["waits_for"]:
            click.echo(f"{'':10} waits for you: {run['waits_for']}")


def about(run: Path) -> dict[str, Any]:
    """Return what a list says of a run, for people and for machines."""
    from .past import read_past

    try:
        state = read_past(run).state
    except GonogoError as error:
        return {"run": run.name, "status": "unreadable", "title": error.what, "waits_for": ""}
    live = is_live(run)
    status = state.result or ("waiting" if state.gate else "running" if live else "paused")
    waits = clean_line(state.gate.question) if state.gate and state.result is None else ""
    return {
        "run": run.name,
        "status": status,
        "title": clean_line(state.plan.title),
        "waits_for": waits,
        "live": live,
        "by": clean_line(state.operator),
        "seconds": round(state.now / 1e9, 1),
    }
