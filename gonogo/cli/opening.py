"""A run on the full screen: its frame at once, the run in it once it is there."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from gonogo.errors import RunError
from gonogo.garbage import spare

from .ended import code_when_over, tell_end
from .terminal import run_in_terminal, screen_left

if TYPE_CHECKING:
    from gonogo.run.client import LiveLink
    from gonogo.run.state import Record, RunState
    from gonogo.tui.apps.run import RunApp
    from gonogo.tui.mistakes import Mistake
    from gonogo.tui.pace import Usual

    from .questions import Wanted
    from .starting.beginner import Say

Find = Callable[["RunApp"], Awaitable[Path | None]]
"""Comes to a run that can be connected to; None when there is none, and why was said."""
LEFT = 130
"""The exit code of whoever leaves before there is a run."""


def open_run(title: str) -> int:
    """Have another process begin the run that our arguments ask for, and show it; return the exit code."""
    from .starting.beginner import Beginner

    beginner, runs = Beginner(), list[Path]()

    async def find(app: RunApp) -> Path | None:
        begun = await beginner.begun(app.suspend, lambda wanted, say: _ask(app, wanted, say))
        if begun is None:
            return None
        runs.append(begun.run)
        for line in begun.said:
            app.tell(line)
        return begun.run

    try:
        code = asyncio.run(on_screen(title, find))
    except RunError:
        # With little left to do, the run's process can be over before its screen is there.
        if not runs or (ended := code_when_over(runs[0])) is None:
            raise
        code = ended
    finally:
        failed = beginner.end()
    if not runs:
        if failed == LEFT:
            click.echo("Nothing was begun.", err=True)
        return failed
    tell_end(runs[0])
    return code


async def _ask(app: RunApp, wanted: Wanted, say: Say) -> bool:
    """Have a value given in a field on the screen."""
    from gonogo.tui.screens.ask import value_question

    question = value_question(wanted.text, wanted.default, wanted.choices, secret=wanted.secret)
    question = replace(question, enter="takes it", empty=wanted.default is not None)
    return await app.ask(question, say)


async def on_screen(title: str, find: Find, *, drive: bool = True, take: bool = False) -> int:
    """Show a run until it ends or is left; return the exit code. `title` stands there until the run does."""
    from gonogo.tui.apps.run import RunApp
    from gonogo.tui.settings import load

    links: list[LiveLink] = []

    async def lend(argv: Sequence[str], title: str) -> int:
        # A screen that is out of the way must not draw: the run waits to be read until it is back.
        with app.suspend():
            return run_in_terminal(argv, title)

    def learn(start: Record) -> Usual:
        return _learned(start, links[0].directory.parent)

    async def connect() -> LiveLink | None:
        # In a thread: whoever leaves meanwhile is not kept waiting.
        loading = asyncio.to_thread(importlib.import_module, "gonogo.run.client")
        run, _ = await asyncio.gather(find(app), loading)
        if run is None:
            return None
        from gonogo.run.client import LiveLink

        from .starting.launch import who

        links.append(await LiveLink.connect(run, who(), drive=drive, take=take, lend=lend))
        return links[0]

    app = RunApp(title=title, settings=load(), learn=learn, check=_mistakes, connect=connect)
    app.settled = spare
    try:
        with screen_left():
            await app.run_async()
    finally:
        for link in links:
            await link.close()
    if app.failure is not None:
        raise app.failure
    return _code(links[0].state) if links else LEFT


def _mistakes(start: Record) -> tuple[Mistake, ...] | None:
    # What checks a runbook is not loaded before the run is on the screen.
    from .mistaken import of_run

    return of_run(start)


def _learned(start: Record, beside: Path) -> Usual:
    from .usual import usual

    return usual(start, beside)


def _code(state: RunState) -> int:
    if state.trouble:
        return 4
    if state.result is None:
        return 3
    return 0 if state.result == "go" else 1
