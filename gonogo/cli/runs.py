"""`gonogo runs`: the list of runs, and what keeps it small."""

from __future__ import annotations

import json
from typing import Any

import click

from gonogo.report.outputs import span
from gonogo.text import many
from gonogo.trail.rundir import list_runs, runs_directory

from . import options
from .listing import Wanted, about, day


@click.group(invoke_without_command=True)
@click.option(
    "--runbook", metavar="TEXT", help="Only of this runbook: part of its title or path, or a pattern."
)
@click.option("--host", metavar="NAME", help="Only runs on this host; * and ? stand for other characters.")
@click.option("--operator", metavar="TEXT", help="Only runs that somebody drove.")
@click.option(
    "--result", metavar="WORD", help="Only go, no-go, aborted, waiting, running, paused or unreadable."
)
@click.option("--since", metavar="DATE", help="Only from then on: 2026-11-20, or 7d for a week ago.")
@click.option("--until", metavar="DATE", help="Only until then, that day included.")
@click.option("--text", metavar="TEXT", help="Only runs in whose output, notes or reasons this stands.")
@options.as_json
@click.pass_context
def command(
    context: click.Context,
    runbook: str | None,
    host: str | None,
    operator: str | None,
    result: str | None,
    since: str | None,
    until: str | None,
    text: str | None,
    *,
    as_json: bool,
) -> None:
    """List runs, oldest first: what waits for you, what is over and how it ended."""
    if context.invoked_subcommand is not None:
        return
    wanted = Wanted(
        runbook,
        host,
        operator,
        result,
        day(since) if since else None,
        day(until, end=True) if until else None,
        text or None,
    )
    every = list_runs()
    found = [one for run in every if wanted.has(run, one := about(run))]
    if as_json:
        click.echo(json.dumps(found, indent=1))
        return
    if not found:
        click.echo(f"no runs in {runs_directory()}{' are like that' if every else ''}")
    for one in found:
        click.echo(f"{one['status']:<10} {one['run']}  {one['title']}{_facts(one)}")
        if one["waits_for"]:
            click.echo(f"{'':10} waits for you: {one['waits_for']}")


def _facts(one: dict[str, Any]) -> str:
    """Return on how many hosts, for how long, by whom, as far as that is known."""
    if "by" not in one:
        return ""
    hosts = [many(one["hosts"], "host")] if one["hosts"] else []
    return f" ({', '.join([*hosts, span(int(one['seconds'] * 1e9)), one['by']])})"


@command.command("pack")
@click.argument("names", nargs=-1, required=True, metavar="RUN...")
def pack_command(names: tuple[str, ...]) -> None:
    """Compress the output of runs that are over, with gzip. They replay and verify as before.

    RUN is a name, part of one, a path, or `last`. Whatever was packed can be unpacked with gunzip.
    """
    from .tidy import pack_runs

    for line in pack_runs(names):
        click.echo(line)


@command.command("prune")
@click.option(
    "--older-than", required=True, metavar="AGE", help="What ended longer ago: 90d, 26w, or a date."
)
@click.option(
    "--keep", default=1, show_default=True, type=click.IntRange(0), help="Latest runs of each runbook kept."
)
@click.option("--output-only", is_flag=True, help="Delete what hosts printed, and keep the records.")
@click.option("--yes", is_flag=True, help="Do it. Without this it only says what it would delete.")
def prune_command(older_than: str, keep: int, *, output_only: bool, yes: bool) -> None:
    """Delete old runs: only those that are over, whose record verifies, and whose end is sealed."""
    from .tidy import prune_runs

    for line in prune_runs(day(older_than), keep=keep, output_only=output_only, really=yes):
        click.echo(line)
