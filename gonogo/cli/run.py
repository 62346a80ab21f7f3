"""`gonogo run FILE`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .answers import Answers, load_answers
from .front import is_terminal, prepare, show
from .start import Wish, start


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-i",
    "--inventory",
    "inventories",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Inventory file or folder; may be given more than once. Default: the runbook's own.",
)
@click.option("--input", "inputs", multiple=True, metavar="NAME=VALUE", help="A value for an input.")
@click.option(
    "--pace",
    type=click.Choice(["step", "flow"]),
    default="step",
    show_default=True,
    help="step: every change waits for its go. flow: only the document's own gates do.",
)
@click.option("--yes", is_flag=True, help="Answer plain gates with go. Failures still wait for a person.")
@click.option("--answers", type=click.Path(path_type=Path), help="Answers given beforehand, a YAML file.")
@click.option("--plain", is_flag=True, help="Plain lines and prompts instead of the full screen.")
@click.option("--ask-sudo", is_flag=True, help="Ask once for the password that sudo wants on the hosts.")
def command(
    file: Path,
    inventories: tuple[Path, ...],
    inputs: tuple[str, ...],
    pace: str,
    yes: bool,
    answers: Path | None,
    plain: bool,
    ask_sudo: bool,
) -> None:
    """Start a run of the runbook FILE and step through it.

    The run is a process of its own: closing the screen leaves it waiting at its next gate.
    """
    given = Answers(load_answers(answers) if answers else [], yes)
    password = click.prompt("sudo password", hide_input=True) if ask_sudo else None
    prepare(plain=plain or yes or answers is not None)
    ask = is_terminal() or (plain and sys.stdin.isatty())
    run = start(Wish(file, inventories, inputs, pace, ask, password))
    sys.exit(show(run, given, plain=plain))
