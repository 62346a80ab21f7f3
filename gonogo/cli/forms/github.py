"""For GitHub Actions: workflow commands that become annotations in a pull request."""

from __future__ import annotations

from collections.abc import Sequence

import click

from gonogo.format.model import Problem
from gonogo.text import clean

from ..checks.findings import Checked


def tell(found: Sequence[Checked]) -> None:
    """Print one `::error …::` or `::warning …::` line a mistake, and nothing else."""
    for checked in found:
        for problem in checked.problems:
            click.echo(_annotation(checked, problem))


def _annotation(checked: Checked, problem: Problem) -> str:
    place = problem.place
    keys = {"file": place.file, "line": place.line, "col": place.column}
    if length := checked.length(problem):
        keys["endColumn"] = place.column + length
    keys["title"] = f"gonogo {problem.code}"
    given = ",".join(f"{key}={_property(str(value))}" for key, value in keys.items())
    text = f"{problem.message}. {problem.mend}" if problem.mend else problem.message
    return f"::{problem.severity.value} {given}::{_data(text)}"


def _data(text: str) -> str:
    return clean(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
