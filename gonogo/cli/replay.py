"""`gonogo replay RUN`: tells a past run again. Reads only; executes and changes nothing."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from gonogo.garbage import spare
from gonogo.trail.reader import Verdict
from gonogo.trail.rundir import find_run

from . import options
from .ended import closing
from .front import is_terminal
from .retell import ONLY, Part, Retelling, moment_in
from .terminal import screen_left


@click.command()
@click.argument("run", default="last")
@options.plain
@click.option("--from", "begin", metavar="TIME", help="From then on: 16:42, 2026-11-20T16:42, or +90m.")
@click.option("--to", "end", metavar="TIME", help="Until then.")
@click.option("--only", multiple=True, type=click.Choice(list(ONLY)), help="Only these; may be given again.")
@click.option("--host", metavar="NAME", help="Only what this host did; * and ? stand for other characters.")
@options.as_json
def command(
    run: str,
    begin: str | None,
    end: str | None,
    only: tuple[str, ...],
    host: str | None,
    *,
    plain: bool,
    as_json: bool,
) -> None:
    """Show RUN (a name, part of one, a path, or `last`) again, from its trail alone.

    In a terminal it plays in the run's own screen, with a time line. Without one, with --plain, or when only
    a part is asked for, it is told in lines. With --json its records come as they are, one a line. The exit
    code is 4 when the trail cannot be trusted to its end: what stands before that is told.
    """
    directory = find_run(run)
    since, until = (moment_in(directory, time) if time else None for time in (begin, end))
    part = Part(since, until, only, host)
    if part == Part() and not plain and not as_json and is_terminal():
        sys.exit(asyncio.run(show(directory)))
    told = Retelling(directory, part)
    for line in told.records() if as_json else told.lines():
        click.echo(line)
    if not as_json and part == Part():
        for line in closing(told.state, directory):
            click.echo(line)
    if told.reading.verdict not in (Verdict.COMPLETE, Verdict.OPEN):
        click.echo(f"trust ends here: {told.reading.verdict}: {told.reading.why}", err=True)
        sys.exit(4)


async def show(run: Path) -> int:
    """Replay a run on the full screen until it is left; return the exit code."""
    from gonogo.run.replay.recorded import Recorded
    from gonogo.tui.apps.replay import ReplayApp
    from gonogo.tui.settings import load

    link = Recorded(run)
    app = ReplayApp(link, settings=load())
    app.settled = spare
    try:
        with screen_left():
            await app.run_async()
    finally:
        await link.close()
    if trust := link.index.trust:
        click.echo(f"trust ends at record {link.count}: {trust}", err=True)
        return 4
    return 0
