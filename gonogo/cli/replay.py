"""`gonogo replay RUN`: tells a past run again. Reads only; executes and changes nothing."""

from __future__ import annotations

import sys

import click

from gonogo.report.story import Story
from gonogo.run.client import new_state
from gonogo.trail.reader import Reading, Verdict
from gonogo.trail.rundir import find_run

from .plain import closing


@click.command()
@click.argument("run", default="last")
def command(run: str) -> None:
    """Tell RUN (a name, part of one, a path, or `last`) again, from its trail alone."""
    directory = find_run(run)
    state = new_state(directory)
    story = Story(state)
    reading = Reading(directory / "audit.jsonl")
    for record in reading.records():
        state.apply(record)
        for line in story.feed(record):
            click.echo(line)
    for line in closing(state, directory):
        click.echo(line)
    if reading.verdict not in (Verdict.COMPLETE, Verdict.OPEN):
        click.echo(f"trust ends here: {reading.verdict}: {reading.why}", err=True)
        sys.exit(4)
