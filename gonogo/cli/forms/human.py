"""For people: the place, the mistake, the line with the offending text underlined, the mend."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence

import click

from gonogo.format.model import Problem, Severity
from gonogo.text import clean_line, many

from ..checks.findings import Checked, cover

_BEFORE, _MARKED, _AFTER = 60, 80, 40
"""Columns of a long line that are shown: before the mark, of it, and behind it."""


def tell(found: Sequence[Checked]) -> None:
    """Print every mistake, and how many there are."""
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    for checked in found:
        for problem in checked.problems:
            click.echo("\n".join(_lines(checked, problem)), color=colour)
    errors = sum(checked.count(Severity.ERROR) for checked in found)
    warnings = sum(checked.count(Severity.WARNING) for checked in found)
    said = f"{many(errors, 'error')}, {many(warnings, 'warning')}" if errors or warnings else "no problems"
    click.echo(f"{many(len(found), 'file')}: {said}")


def _lines(checked: Checked, problem: Problem) -> Iterator[str]:
    colour = "red" if problem.severity is Severity.ERROR else "yellow"
    place = click.style(clean_line(str(problem.place)), bold=True)
    severity = click.style(problem.severity.value, fg=colour, bold=True)
    yield f"{place}: {severity}: {clean_line(problem.message)} {click.style(f'[{problem.code}]', dim=True)}"
    before, marked, after = _pieces(checked, problem)
    if marked:
        number = str(problem.place.line)
        yield f"  {click.style(f'{number} |', dim=True)} {before}{marked}{after}"
        carets = " " * _width(before) + click.style("^" * max(_width(marked), 1), fg=colour, bold=True)
        yield f"  {' ' * len(number)} {click.style('|', dim=True)} {carets}"
    if problem.mend:
        yield f"  {clean_line(problem.mend)}"


def _pieces(checked: Checked, problem: Problem) -> tuple[str, str, str]:
    """Return the line in three: before the offending text, that text, and what follows; clean and short."""
    line = checked.source.line(problem.place) if checked.source else ""
    start = problem.place.column - 1
    if start == 0:
        start = len(line) - len(line.lstrip())
    end = min(problem.place.column - 1 + max(checked.length(problem), 1), len(line))
    line = cover(line, checked.secrets)
    before, marked, after = clean_line(line[:start]), clean_line(line[start:end]), clean_line(line[end:])
    if len(before) > _BEFORE:
        before = f"…{before[1 - _BEFORE :]}"
    if len(marked) > _MARKED:
        marked, after = f"{marked[: _MARKED - 1]}…", ""
    if len(after) > _AFTER:
        after = f"{after[: _AFTER - 1]}…"
    return before, marked, after


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
