"""`gonogo check FILE…`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from gonogo.errors import GonogoError, InventoryError, RunbookError
from gonogo.format.load import load
from gonogo.format.model import Place, Problem, Runbook, Severity
from gonogo.hosts.model import Inventory

from . import options
from .sources import load_hosts


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@options.inventories
@options.as_json
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
def command(files: tuple[Path, ...], inventories: tuple[Path, ...], as_json: bool, strict: bool) -> None:
    """Find every mistake in runbooks, each with its place and mend. Runs nothing.

    Exit code 2 when there is an error, else 0.
    """
    found = [problem for file in files for problem in problems_of(file, inventories)]
    errors = sum(problem.severity is Severity.ERROR for problem in found)
    if as_json:
        click.echo(
            json.dumps([as_dict(problem) | {"file": problem.place.file} for problem in found], indent=1)
        )
    else:
        for problem in found:
            click.echo(str(problem))
        warnings = len(found) - errors
        count = f"{len(files)} file{'s' if len(files) != 1 else ''}"
        click.echo(f"{count}: {errors} errors, {warnings} warnings" if found else f"{count}: no problems")
    sys.exit(2 if errors or (strict and found) else 0)


def problems_of(file: Path, inventories: tuple[Path, ...]) -> list[Problem]:
    """Return a file's mistakes, those about its hosts included."""
    try:
        loaded = load(file)
    except RunbookError as error:
        return [Problem(Place(str(file)), Severity.ERROR, "unreadable", error.what, error.mend)]
    return [*loaded.problems, *_about_hosts(loaded.runbook, inventories)]


def _about_hosts(runbook: Runbook, inventories: tuple[Path, ...]) -> list[Problem]:
    try:
        inventory = load_hosts(runbook, inventories)
    except InventoryError as error:
        return [Problem(Place(runbook.path), Severity.ERROR, "inventory", error.what, error.mend)]
    found: list[Problem] = []
    for _, step in runbook.steps():
        pattern = step.options.hosts
        if pattern is None or "$" in pattern:
            continue
        try:
            _resolve(pattern, inventory)
        except GonogoError as error:
            found.append(Problem(step.place, Severity.ERROR, "hosts", error.what, error.mend))
    return found


def _resolve(pattern: str, inventory: Inventory | None) -> None:
    from gonogo.hosts import resolve

    if inventory is None:
        raise InventoryError(
            f"hosts={pattern}, but there is no inventory", "Add `inventory:` to the front matter, or give -i."
        )
    resolve(pattern, inventory)


def as_dict(problem: Problem) -> dict[str, object]:
    """Return a problem for JSON."""
    data = asdict(problem)
    place = data.pop("place")
    return {"line": place["line"], "column": place["column"], **data}
