"""For machines: a list with one object a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from gonogo.format.model import Problem, Severity

from ..check import as_dict
from ..findings import Checked


def tell(found: Sequence[Checked]) -> None:
    """Print `[{"file", "errors", "warnings", "problems": […]}]`."""
    click.echo(json.dumps([_file(checked) for checked in found], indent=1))


def _file(checked: Checked) -> dict[str, Any]:
    return {
        "file": checked.file,
        "errors": checked.count(Severity.ERROR),
        "warnings": checked.count(Severity.WARNING),
        "problems": [_problem(checked, problem) for problem in checked.problems],
    }


def _problem(checked: Checked, problem: Problem) -> dict[str, Any]:
    end = problem.place.column + checked.length(problem)
    return {"file": problem.place.file, **as_dict(problem), "end_column": end}
