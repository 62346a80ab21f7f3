"""Which front a person gets: the full screen in a terminal, plain lines anywhere else."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gonogo.errors import RunError

from .ended import code_when_over

if TYPE_CHECKING:
    from .answers import Answers
    from .plain.screen import PlainScreen


def is_terminal() -> bool:
    """Return whether a person sits at a terminal that can show a full screen."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def show(
    run: Path,
    answers: Answers,
    *,
    plain: bool,
    drive: bool = True,
    take: bool = False,
    aside: bool = False,
    begun: bool = False,
    tied: bool = False,
) -> int:
    """Show a run until it ends or is left; return the exit code. `tell_end` has the last words.

    `aside`: tell it on standard error without what hosts print, for standard output gets that. `begun`: it
    was begun for this, and all of it is told even when it was over too soon to be followed.
    """
    try:
        return _shown(run, answers, plain=plain, drive=drive, take=take, aside=aside, tied=tied)
    except RunError:
        # With little left to do, the run's process can be over before its screen is there.
        if (ended := code_when_over(run, aside=aside, whole=begun)) is None:
            raise
        return ended


def _shown(
    run: Path, answers: Answers, *, plain: bool, drive: bool, take: bool, aside: bool, tied: bool
) -> int:
    if plain or not is_terminal() or answers.yes or answers.given:
        from .plain.screen import PlainScreen

        screen = PlainScreen(answers, interactive=sys.stdin.isatty(), aside=aside)
        return _plain(screen, run, drive=drive, take=take, tied=tied)
    from .opening import on_screen

    async def found(app: object) -> Path:
        return run

    return asyncio.run(on_screen(run.name, found, drive=drive, take=take))


def _plain(screen: PlainScreen, run: Path, *, drive: bool, take: bool, tied: bool) -> int:
    from .starting.launch import who

    try:
        return asyncio.run(screen.run(run, who(), drive=drive, take=take))
    except KeyboardInterrupt:
        if tied:
            click.echo("\n-- interrupted: the run is ended, and its hosts with it.", err=True)
            return 130
        click.echo("\n-- ctrl-c leaves, it stops nothing: the run goes on to its next question.", err=True)
        click.echo(f"   `gonogo attach {run.name}` comes back to it.", err=True)
        return 130
