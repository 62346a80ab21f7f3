"""`gonogo run FILE`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click

from . import options


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@options.inventories
@click.option("--input", "inputs", multiple=True, metavar="NAME=VALUE", help="A value for an input.")
@click.option(
    "--pace",
    type=click.Choice(["step", "flow"]),
    default="step",
    show_default=True,
    help="step: every change waits for its go. flow: only the document's own gates do.",
)
@options.yes
@options.answers
@options.plain
@options.ask_sudo
@click.option("--start-fd", type=int, hidden=True)
def command(
    file: Path,
    inventories: tuple[Path, ...],
    inputs: tuple[str, ...],
    pace: str,
    yes: bool,
    answers: Path | None,
    plain: bool,
    ask_sudo: bool,
    start_fd: int | None,
) -> None:
    """Start a run of the runbook FILE and step through it.

    The run is a process of its own: closing the screen leaves it waiting at its next gate.
    """
    from .answers import Answers, load_answers
    from .front import is_terminal, show

    screen = is_terminal() and not (plain or yes or answers)
    if screen and start_fd is None:
        sys.exit(_beside_the_screen())
    given = Answers(load_answers(answers) if answers else [], yes)
    password = click.prompt("sudo password", hide_input=True) if ask_sudo else None
    ask = screen or is_terminal() or (plain and sys.stdin.isatty())

    from .start import Wish, start

    run = start(Wish(file, inventories, inputs, pace, ask, password))
    if start_fd is not None:
        os.write(start_fd, os.fsencode(run))
    else:
        sys.exit(show(run, given, plain=plain))


def _beside_the_screen() -> int:
    """Have another process of ours check, plan and begin the run while this one loads the screen.

    Both take about 0.4 s of processor time, and a runbook's author waits for neither twice.
    """
    import importlib

    reader, writer = os.pipe()
    words = [sys.executable, "-P", "-m", "gonogo", *sys.argv[1:], "--start-fd", str(writer)]
    process = subprocess.Popen(words, pass_fds=[writer])
    os.close(writer)
    for name in ("gonogo.tui.app", "gonogo.cli.front", "gonogo.run.client"):
        importlib.import_module(name)
    with os.fdopen(reader, "rb") as pipe:
        run = pipe.read()
    if code := process.wait():
        return code

    from .answers import Answers
    from .front import show

    return show(Path(os.fsdecode(run)), Answers(), plain=False)
