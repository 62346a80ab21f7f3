"""`gonogo attach RUN`."""

from __future__ import annotations

import sys

import click

from gonogo.trail.rundir import find_run

from . import options
from .answers import Answers
from .front import show


@click.command()
@click.argument("run", default="last")
@click.option("--take", is_flag=True, help="Take over from the operator who drives now; it is recorded.")
@options.plain
def command(run: str, take: bool, plain: bool) -> None:
    """Come back to RUN (a name, part of one, a path, or `last`), which goes on without a screen."""
    sys.exit(show(find_run(run), Answers(), plain=plain, take=take))
