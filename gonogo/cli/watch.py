"""`gonogo watch RUN`."""

from __future__ import annotations

import sys

import click

from gonogo.trail.rundir import find_run

from .answers import Answers
from .ended import tell_end
from .front import show


@click.command()
@click.argument("run", default="open")
@click.option("--plain", is_flag=True, help="Plain lines instead of the full screen.")
def command(run: str, plain: bool) -> None:
    """Look on at RUN without driving it; as many as like may."""
    directory = find_run(run)
    code = show(directory, Answers(), plain=plain, drive=False)
    tell_end(directory)
    sys.exit(code)
