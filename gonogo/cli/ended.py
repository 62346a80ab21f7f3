"""What is said of a run that is over, or was left: how it ended, and where everything is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gonogo.text import many

if TYPE_CHECKING:
    from gonogo.run.state import RunState


def tell_end(run: Path) -> None:
    """Say where everything is of a run that was shown."""
    # 45 ms to load that the first paint does not wait for.
    from .past import read_past

    for line in closing(read_past(run).state, run):
        click.echo(line)


def code_when_over(run: Path, *, aside: bool = False, whole: bool = False) -> int | None:
    """Say how a run ended, or tell the whole of it, and return its exit code; None when it has not ended."""
    from .past import read_past
    from .retell import Part, Retelling

    result = read_past(run).state.result
    if result is None:
        return None
    over = [f"{run.name} is over: {result}. `gonogo replay {run.name}` tells it again."]
    for line in Retelling(run, Part(), outputs=not aside).lines() if whole else over:
        click.echo(line, err=aside)
    return 0 if result == "go" else 1


def closing(state: RunState, run: Path) -> Iterator[str]:
    """Yield the lines that say where everything is."""
    from gonogo.report.story import span
    from gonogo.run.wire import is_live

    word = {"go": "GO", "no-go": "NO-GO", "aborted": "ABORTED"}.get(state.result or "", "waiting")
    running = state.result is None and state.gate is None and is_live(run)
    # The last record's time: what is out since then has written none.
    how = "still running" if running else f"{word} after {span(state.now)}"
    yield ""
    decided, noted = many(len(state.decisions), "decision"), many(len(state.notes), "note")
    yield f"{how}: {decided}, {noted}, {many(len(state.deviations), 'deviation')}"
    yield f"trail:   {run / 'audit.jsonl'}"
    yield f"replay:  gonogo replay {run.name}"
    yield f"report:  gonogo report {run.name} --to html"
    yield f"verify:  gonogo verify {run.name}"
