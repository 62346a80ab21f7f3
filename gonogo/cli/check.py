"""`gonogo check FILE…`."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gonogo.errors import UsageError
from gonogo.format.model import Place, Problem, Severity

from . import options

if TYPE_CHECKING:
    from .checks.findings import Checked


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@options.inventories
@options.as_json
@click.option(
    "--format",
    "form",
    type=click.Choice(["human", "json", "github", "sarif"]),
    help="How mistakes are told: for people (the default), as JSON, as annotations, as SARIF 2.1.0.",
)
@click.option("--ours", is_flag=True, help="Pass over files that do not say `gonogo: 1`, named ones too.")
@click.option("--strict", "as_errors", is_flag=True, help="Warnings count as errors.")
def command(
    files: tuple[Path, ...],
    inventories: tuple[Path, ...],
    as_json: bool,
    form: str | None,
    ours: bool,
    as_errors: bool,
) -> None:
    """Find every mistake in runbooks, each with its place and mend. Runs nothing.

    FILES may be folders: their runbooks (`gonogo: 1`) are looked for in them. Exit code 2 when there is
    an error, else 0.
    """
    if as_json and form not in (None, "json"):
        raise UsageError(f"--json and --format {form} ask for two forms", "Take one of them out.")
    # What is loaded now stays: looking through it for garbage would take 9 ms of every start.
    gc.set_threshold(50_000)
    found = _check(files, inventories, ours=ours, strictly=as_errors)
    tell = importlib.import_module(f"gonogo.cli.forms.{'json' if as_json else form or 'human'}").tell
    tell(found)
    sys.exit(2 if any(checked.count(Severity.ERROR) for checked in found) else 0)


def _check(
    files: Sequence[Path], inventories: Sequence[Path], *, ours: bool, strictly: bool
) -> list[Checked]:
    from .checks.findings import Checked, check_file, strict
    from .checks.hosts import Inventories
    from .search import find

    found, given = [], Inventories(inventories)
    for path, named in find(files, ours=ours):
        if path.is_dir():
            message = "there is no runbook with `gonogo: 1` in this folder"
            problem = Problem(Place(str(path)), Severity.ERROR, "no-runbook", message, "Name its files.")
            found.append(Checked(str(path), (problem,)))
            continue
        checked = check_file(path, given)
        if named or checked.ours:
            found.append(checked)
    return [strict(checked) for checked in found] if strictly else found


def as_dict(problem: Problem) -> dict[str, object]:
    """Return a problem for JSON."""
    return {
        "line": problem.place.line,
        "column": problem.place.column,
        "severity": problem.severity.value,
        "code": problem.code,
        "message": problem.message,
        "mend": problem.mend,
    }
