"""`gonogo note RUN TEXT`."""

from __future__ import annotations

import asyncio

import click

from gonogo.trail.rundir import find_run

from .starting.launch import who


@click.command()
@click.argument("run")
@click.argument("text")
@click.option("--tag", default="", help="A word to find the note by.")
@click.option("--link", default="", help="Where to read more: a ticket, a graph, a channel.")
def command(run: str, text: str, tag: str, link: str) -> None:
    """Write TEXT into the trail of RUN, from any terminal, while it goes on."""
    asyncio.run(_note(run, text, tag, link))


async def _note(run: str, text: str, tag: str, address: str) -> None:
    from gonogo.run.client import LiveLink

    directory = find_run(run)
    link = await LiveLink.connect(directory, who(), drive=False)
    try:
        await link.note(text, tag=tag, link=address)
    finally:
        await link.close()
    click.echo(f"written into {directory.name}")
