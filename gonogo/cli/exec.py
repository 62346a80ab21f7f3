"""`gonogo exec PATTERN -- COMMAND`: one command on many hosts, recorded like any run."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import click

from gonogo.errors import UsageError
from gonogo.format.keys import KEYS
from gonogo.format.model import Kind, Options, Place, Runbook, Script, Step
from gonogo.hosts import fold
from gonogo.report import printed
from gonogo.text import clean, clean_bytes

from . import options
from .answers import Answers
from .ended import closing
from .front import show
from .past import Past, read_past
from .questions import sudo_password
from .starting.narrowing import Narrowing
from .starting.start import Begin, Wish, start
from .unheard import silence

OUTPUT_LIMIT = 1 << 20
"""Bytes of each group's output in the JSON; the run's directory has all of it."""


@click.command()
@click.argument("pattern")
@click.argument("command_line", metavar="COMMAND...", nargs=-1, required=True)
@options.inventories_alone
@options.narrowing
@click.option("--as", "run_as", metavar="USER", help="Become this user with sudo.")
@click.option("--batch", metavar="SIZES", help="In batches: 10, 10% or a ramp such as 1,10,50%.")
@click.option("--parallel", type=click.IntRange(min=1), metavar="N", help="At most N hosts at the same time.")
@click.option("--timeout", metavar="DURATION", help="End the command on a host after this long, e.g. 90s.")
@click.option("--read-only", is_flag=True, help="It changes nothing, so it needs no go.")
@options.sign_key
@options.yes
@options.as_json
@options.ask_sudo
def command(
    pattern: str,
    command_line: tuple[str, ...],
    inventories: tuple[Path, ...],
    limit: tuple[str, ...],
    exclude: tuple[str, ...],
    failed_in: str | None,
    odd_in: str | None,
    *,
    yes: bool,
    as_json: bool,
    ask_sudo: bool,
    sign_key: str | None,
    **how: Any,
) -> None:
    """Run COMMAND on the hosts of PATTERN, and tell identical output once with the hosts that said it.

    One word is taken as a line for the shell (`-- 'uname -r | cut -c1-4'`), several as they are. A terminal
    gets the first lines of each output, a file or a pipe all of it. The run is recorded: `gonogo replay`
    tells it again. Exit code 0 only if the command ended 0 on every host.
    """
    script = command_line[0] if len(command_line) == 1 else shlex.join(command_line)
    narrowing = Narrowing(limit, exclude, failed_in, odd_in)
    ask = sys.stdin.isatty() and sys.stderr.isatty()
    if not (ask or yes or how["read_only"]):
        raise UsageError("nobody is at a terminal to say go", "--yes says it, --read-only needs none.")
    runbook = _runbook(pattern, script, _options(pattern, asks=ask and not yes, **how))
    wish = Wish(Path(runbook.path), inventories, ask=ask, narrowing=narrowing, runbook=runbook)
    password = sudo_password() if ask_sudo else None
    run = start(wish, Begin(sign_key=sign_key, become_password=password))
    whole = not sys.stdout.isatty()
    aside = as_json or whole
    code = show(run, Answers(yes=yes), plain=True, aside=aside, begun=True)
    past = read_past(run)
    for line in closing(past.state, run):
        click.echo(line, err=aside)
    if as_json:
        click.echo(json.dumps(_as_json(past), indent=1))
    elif whole:
        _print(past)
    sys.exit(code or int(not _all_ok(past)))


def _options(
    pattern: str,
    *,
    asks: bool,
    run_as: str | None,
    batch: str | None,
    parallel: int | None,
    timeout: str | None,
    read_only: bool,
) -> Options:
    given = {"hosts": pattern, "as": run_as, "batch": batch, "timeout": timeout}
    found: dict[str, Any] = {}
    for key, text in given.items():
        field, read = KEYS[key]
        try:
            found |= {field: read(text)} if text is not None else {}
        except ValueError as error:
            raise UsageError(f"{key}: {error}") from None
    return Options(
        **found,
        parallel=parallel,
        read_only=read_only,
        on_failure="ask" if asks else "stop",
        between="ask" if asks else "go",
    )


def _runbook(pattern: str, script: str, options: Options) -> Runbook:
    if not script.strip() or "\0" in script:
        raise UsageError("there is no command")
    place = Place("command line", 0)
    step = Step(
        "exec", script.strip().splitlines()[0][:200], Kind.RUN, place, options, Script(script, "sh", place)
    )
    return Runbook(
        title=f"exec {step.title}"[:200],
        path="command line",
        ours=True,
        children=(step,),
        sources=(("command.sh", script.encode()),),
    )


def _all_ok(past: Past) -> bool:
    return all(host.code == 0 for turn in past.state.turns for host in turn.hosts.values())


def _print(past: Past) -> None:
    """Print all output. A reader that goes away has seen enough."""
    try:
        for group in printed.whole(past.run, past.state):
            click.echo(group)
    except BrokenPipeError:
        silence(sys.stdout)


def _as_json(past: Past) -> dict[str, Any]:
    """Return what `docs/running.md` describes."""
    groups = printed.alike(past.state)
    return {
        "run": past.run.name,
        "result": past.state.result,
        "groups": [
            {
                "state": group.host.state.value,
                "code": group.host.code,
                "why": clean(group.host.why),
                "number": len(group.names),
                "folded": fold(group.names),
                "hosts": group.names,
                "output": clean_bytes(bytes(data)),
            }
            for group, data in zip(groups, printed.read(past.run, groups, OUTPUT_LIMIT), strict=True)
        ],
    }
