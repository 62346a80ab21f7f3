"""`gonogo demo`: the main job on an embedded fleet."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from importlib.resources import as_file, files
from pathlib import Path

import click

from . import options
from .answers import Answers, load_answers
from .ended import tell_end
from .front import is_terminal, show
from .starting.start import Wish, start
from .terminal import held_back
from .tether import Tether


@click.command()
@options.plain
@click.option("--auto", is_flag=True, help="Answer every gate as the story has it, also in a terminal.")
def command(plain: bool, auto: bool) -> None:
    """Step through a shipped runbook on 40 simulated hosts, over real SSH on this machine alone.

    Without a terminal it runs through by itself, with the answers that are shipped beside the runbook.
    Who leaves finds run and hosts again; a demo that is ended or killed ends both.
    """
    interactive = not auto and (is_terminal() or (plain and sys.stdin.isatty()))
    with as_file(files("gonogo") / "runbooks") as folder:
        sys.exit(_demo(folder, plain=plain, interactive=interactive))


def _demo(folder: Path, *, plain: bool, interactive: bool) -> int:
    from gonogo.executors.lab import start as start_lab

    answers = Answers() if interactive else Answers(load_answers(folder / "demo" / "answers.yaml"), yes=True)
    directory = Path(tempfile.mkdtemp(prefix="gonogo-demo-"))
    click.echo(f"starting 40 simulated hosts on loopback ({directory})", err=True)
    lab = start_lab(folder / "demo" / "inventory.yaml", folder / "demo" / "lab.yaml", directory, passing=True)
    tether, left = Tether(), False
    try:
        with held_back():
            run = start(Wish(folder / "demo.md", [lab.inventory]))
            tether.tie(run)
        code = show(run, answers, plain=plain, begun=True, tied=not interactive)
        tell_end(run)
        if left := interactive and code in (3, 130):
            tether.cut()
    finally:
        tether.pull()
        if not left:
            lab.stop()
    if left:
        lab.release()
        click.echo(f"the hosts stay up for `gonogo attach {run.name}`; `kill {lab.pid}` ends them")
    if shutil.which("gonogo") is None and Path(sys.argv[0]).name == "gonogo":
        click.echo(f"gonogo is not on your PATH; from here it is {os.path.relpath(sys.argv[0])}")
    return code
