"""`gonogo reload RUN`: a live run goes on with its edited runbook."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from gonogo.errors import UsageError
from gonogo.trail.rundir import find_run

from .past import read_past
from .starting.edited import Edited, offer
from .starting.launch import who


@click.command()
@click.argument("run", default="open")
@click.option("--take", is_flag=True, help="Do not ask; the difference is shown in any case.")
def command(run: str, take: bool) -> None:
    """Have RUN, which waits at a gate, go on with its runbook as it is now.

    What was done stays done: steps are matched by their ids. A step whose commands or settings changed begins
    anew, and asks before it runs where it ran before. All of it is recorded, with the difference.
    """
    directory = find_run(run)
    if not reload(directory, "take" if take else "ask", ask=sys.stdin.isatty()):
        click.echo("nothing new is taken: the run keeps to the runbook as it read it")


def reload(run: Path, how: str, *, ask: bool) -> bool:
    """Hand the edited runbook to a live run, if there is one and it is wanted; return whether that was done.

    `how` is take, keep or ask. Raise when it is wanted and cannot be gone on with.
    """
    past = read_past(run)
    if how == "keep" or past.state.result is not None or not past.start:
        return False
    found = offer(past, how, ask=ask)
    if found is None:
        return False
    if found.planned.secrets:
        raise UsageError(
            "the edited runbook has a new secret", "Stop the run, and give it with `gonogo resume`."
        )
    asyncio.run(_reload(found))
    click.echo("the run goes on with the new text")
    return True


async def _reload(found: Edited) -> None:
    from gonogo.run.client import LiveLink

    link = await LiveLink.connect(found.run, who())
    try:
        await link.revise(**found.store())
    finally:
        await link.close()
