"""`gonogo resume RUN`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gonogo.run.client import load_plan
from gonogo.trail.rundir import find_run

from . import options
from .answers import Answers, load_answers
from .front import is_terminal, show
from .inputs import gather
from .launch import Launch, who


@click.command()
@click.argument("run", default="last")
@click.option("--input", "inputs", multiple=True, metavar="NAME=VALUE", help="A secret input's value again.")
@options.yes
@options.answers
@options.plain
@options.ask_sudo
def command(
    run: str, inputs: tuple[str, ...], yes: bool, answers: Path | None, plain: bool, ask_sudo: bool
) -> None:
    """Go on with RUN (a name, part of one, a path, or `last`), whose process is gone.

    What was done stays done. Hosts whose command was out when the process died are unknown, and you are
    asked about them. Secrets are never kept, so they are asked for again.
    """
    from gonogo.format.model import Input

    given = Answers(load_answers(answers) if answers else [], yes)
    directory = find_run(run)
    secret = [Input(one.name, secret=True) for one in load_plan(directory).inputs if one.secret]
    _, secrets = gather(secret, inputs, ask=is_terminal() or (plain and sys.stdin.isatty()))
    password = click.prompt("sudo password", hide_input=True) if ask_sudo else None
    order = {"by": who(), "secrets": secrets, "become_password": password}
    with Launch() as process:
        process.order(directory, order)
    sys.exit(show(directory, given, plain=plain))
