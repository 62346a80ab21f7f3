"""For machines: one object."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from gonogo.format.model import Problem, Severity

from ..check import as_dict
from ..checks.findings import Checked


def tell(found: Sequence[Checked]) -> None:
    """Print `{"files": [...], "errors": n, "warnings": n, "problems": [...]}`."""
    told = {
        "files": [checked.file for checked in found],
        "errors": sum(checked.count(Severity.ERROR) for checked in found),
        "warnings": sum(checked.count(Severity.WARNING) for checked in found),
        "problems": [_problem(checked, problem) for checked in found for problem in checked.problems],
    }
    click.echo(json.dumps(told, indent=1))


def _problem(checked: Checked, problem: Problem) -> dict[str, Any]:
    end = problem.place.column + checked.length(problem)
    return {"file": problem.place.file, **as_dict(problem), "end_column": end}
