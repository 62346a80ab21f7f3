"""`gonogo attach RUN`."""

from __future__ import annotations

import sys

import click

from gonogo.errors import RunError
from gonogo.trail.rundir import find_run

from . import options
from .answers import Answers
from .ended import code_when_over, tell_end
from .front import is_terminal, show
from .reload import reload


@click.command()
@click.argument("run", default="open")
@click.option("--take", is_flag=True, help="Take over from the operator who drives now; it is recorded.")
@options.edited
@options.plain
def command(run: str, take: bool, edited: str, plain: bool) -> None:
    """Come back to RUN (a name, part of one, a path, `last` or `open`), which goes on without a screen."""
    directory = find_run(run)
    try:
        reload(directory, edited, ask=is_terminal() or (plain and sys.stdin.isatty()))
        code = show(directory, Answers(), plain=plain, take=take)
        tell_end(directory)
    except RunError:
        # It may have ended while this was on its way.
        if (ended := code_when_over(directory)) is None:
            raise
        code = ended
    sys.exit(code)
