"""`gonogo shell RUN HOST`."""

from __future__ import annotations

import asyncio
import sys

import click

from gonogo.errors import UsageError
from gonogo.trail.rundir import find_run

from .starting.launch import who
from .terminal import run_in_terminal


@click.command()
@click.argument("run")
@click.argument("host")
@click.option("--reason", default="", help="Why; it is recorded.")
def command(run: str, host: str, reason: str) -> None:
    """Open a shell on HOST of RUN, the way the run reaches it.

    That it was opened and left, by whom and why, goes into the trail as a deviation; what is typed there does
    not.
    """
    if not sys.stdin.isatty():
        raise UsageError("a shell needs a terminal", "Call it from one.")
    sys.exit(asyncio.run(_shell(run, host, reason)))


async def _shell(run: str, host: str, reason: str) -> int:
    from gonogo.run.client import LiveLink

    link = await LiveLink.connect(find_run(run), who(), drive=False)
    try:
        code = run_in_terminal(await link.shell(host, reason=reason), f"a shell on {host}")
        await link.shell_ended(host, code)
    finally:
        await link.close()
    return code if code >= 0 else 128 - code
