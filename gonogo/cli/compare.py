"""`gonogo compare A B`: two runs side by side. Reads only."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gonogo.errors import UsageError
from gonogo.trail.rundir import find_run

from . import export
from .front import is_terminal
from .terminal import screen_left


@click.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="[B]", required=False)
@click.option(
    "--to",
    "form",
    type=click.Choice(["text", "md", "html", "json"]),
    help="Default: by the file's name; else the screen in a terminal, and text anywhere else.",
)
@export.output
@export.force
def command(first: str, second: str | None, form: str | None, output: Path | None, *, force: bool) -> None:
    """Compare the runs A and B, step by step.

    Each is a run's name, part of one, a path, or `last`; B is `last` when it is left out.

    Steps are matched by id: durations, results, hosts, batches, commands, and what most hosts printed. `!`
    marks another result, `~` another command or output, `<` a step only in A, `>` one only in B. In a
    terminal they are gone through on the full screen; with --to or -o they are told as a document.
    """
    runs = find_run(first), find_run(second or "last")
    if runs[0] == runs[1] and second is None:
        raise UsageError(f"{runs[0].name} is the last run itself", "Name B, too; `gonogo runs` lists them.")
    if form is None and output is None and is_terminal():
        sys.exit(show(*runs))
    from gonogo.report.collect import read_summary
    from gonogo.report.compare import compare
    from gonogo.report.forms import comparison

    render = {
        "text": comparison.text,
        "md": comparison.markdown,
        "html": comparison.html,
        "json": comparison.data,
    }
    one, two = (read_summary(run, ends=False) for run in runs)
    chosen = form or (output.suffix[1:].lower() if output else "text")
    export.put(render.get(chosen, comparison.text)(compare(one, two)), output, force=force)
    for name, summary in zip("AB", (one, two), strict=True):
        if summary.damage:
            click.echo(f"trust in {name} ends here: {summary.damage}", err=True)
    sys.exit(4 if one.damage or two.damage else 0)


def show(first: Path, second: Path) -> int:
    """Compare two runs on the full screen until it is left; return the exit code."""
    from gonogo.tui.apps.compare import CompareApp
    from gonogo.tui.settings import load

    from .beside import beside

    app = CompareApp(f"{first.name} and {second.name}", lambda: beside(first, second), load())
    with screen_left():
        app.run()
    if app.trouble is not None:
        raise app.trouble
    return 4 if any(one.trouble for one in app.sides) else 0
