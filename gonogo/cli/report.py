"""`gonogo report RUN`: the change told for those who were not there. Reads only."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from msgspec.structs import replace

from gonogo.trail.rundir import find_run

from . import export
from .trust import trust_beside

FORMS = {
    "html": "html",
    "md": "markdown",
    "json": "json",
    "csv": "csv",
    "cast": "cast",
    "cast2": "cast2",
    "junit": "junit",
}
"""Name -> module under gonogo.report.forms."""


@click.command()
@click.argument("run", default="last")
@click.option("--to", "form", type=click.Choice(list(FORMS)), help="Default: by the file's name, else md.")
@export.output
@export.force
def command(run: str, form: str | None, output: Path | None, *, force: bool) -> None:
    """Tell RUN (a name, part of one, a path, or `last`) as a document.

    \b
    html   one page without scripts, for reading, printing and mailing
    md     the first draft of a post-mortem
    json   everything, for machines (docs/report.schema.json)
    csv    a row for each host and step
    cast   a terminal recording for asciinema 3 and its web player
    cast2  the same for older asciinema
    junit  test results, for pipelines

    The exit code is 4 when the run's record cannot be trusted to its end; the document says so.
    """  # noqa: D301 - click's mark for lines that stay as they are
    directory = find_run(run)
    kind = FORMS[form or by_name(output)]
    damaged: list[str] = []
    export.put(_pieces(directory, kind, damaged), output, force=force)
    for why in damaged:
        click.echo(f"trust ends here: {why}", err=True)
    sys.exit(4 if damaged else 0)


def by_name(path: Path | None) -> str:
    """Return the form that a file's name stands for; Markdown when it stands for none."""
    endings = {"htm": "html", "xml": "junit", "markdown": "md"}
    ending = path.suffix[1:].lower() if path else ""
    ending = endings.get(ending, ending)
    return ending if ending in FORMS else "md"


def _pieces(run: Path, kind: str, damaged: list[str]) -> Iterator[str]:
    form = importlib.import_module(f"gonogo.report.forms.{kind}")
    if kind in ("cast", "cast2"):
        yield from form.render(run, damaged.append)
        return
    from gonogo.report.collect import read_summary
    from gonogo.report.history import before_run

    with trust_beside(run) as checked:
        summary = read_summary(run)
        trust = checked()
    summary = replace(summary, trust=trust, expected=before_run(run).steps)
    if summary.damage:
        damaged.append(summary.damage)
    elif trust.verdict not in ("complete", "open"):
        damaged.append(f"{trust.verdict}: {trust.why}")
    yield from form.render(summary)
