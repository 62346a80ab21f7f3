"""`gonogo run FILE`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options

if TYPE_CHECKING:
    from .answers import Answers


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@options.inventories
@options.inputs
@options.narrowing
@click.option(
    "--pace",
    type=click.Choice(["step", "flow"]),
    default="step",
    show_default=True,
    help="step: every change waits for its go. flow: only the document's own gates do.",
)
@click.option(
    "--start-at", metavar="ID", help="Begin at this step or section; what stands before is skipped."
)
@click.option("--only", multiple=True, metavar="ID", help="Do only this step or section; may be repeated.")
@click.option("--tags", metavar="A,B", help="Do only the steps that have one of these tags.")
@click.option("--skip-tags", metavar="A,B", help="Do without the steps that have one of these tags.")
@click.option(
    "--blast-radius",
    type=click.IntRange(min=0),
    metavar="N",
    help="A change on more than N hosts asks for their number. Default: as the runbook says.",
)
@click.option("--baseline", metavar="RUN", help="Compare the tests with those of this earlier run.")
@click.option(
    "--reach",
    is_flag=True,
    help="Log in to every host first; start only if all can be reached, or you go without the others.",
)
@options.sign_key
@click.option(
    "--allowed-signers",
    type=click.Path(path_type=Path),
    help="OpenSSH's file of who may sign and approve. Default: as the runbook says.",
)
@options.yes
@options.answers
@options.plain
@options.ask_sudo
@click.option("--start-fd", type=int, hidden=True)
def command(
    file: Path,
    *,
    yes: bool,
    answers: Path | None,
    plain: bool,
    start_fd: int | None,
    **wishes: Any,
) -> None:
    """Start a run of the runbook FILE and step through it.

    The run is a process of its own: closing the screen leaves it waiting at its next gate.
    """
    from .ended import tell_end
    from .front import is_terminal, show

    screen = is_terminal() and not (plain or yes or answers)
    if screen and start_fd is None:
        from .opening import open_run

        sys.exit(open_run(file.name))
    from .answers import Answers, load_answers

    given = Answers(load_answers(answers) if answers else [], yes)
    ask = screen or is_terminal() or (plain and sys.stdin.isatty())
    attended = ask and not (yes or answers)
    if start_fd is None:
        run = _start(file, given, ask=ask, attended=attended, **wishes)
        code = show(run, given, plain=plain, begun=True)
        tell_end(run)
        sys.exit(code)
    from .starting.beginner import Telling

    telling = Telling(start_fd)
    with telling.quietly():
        telling.begun(_start(file, given, ask=ask, attended=attended, on_screen=True, **wishes))


def _start(
    file: Path,
    given: Answers,
    *,
    ask: bool,
    attended: bool,
    on_screen: bool = False,
    inventories: tuple[Path, ...],
    inputs: tuple[str, ...],
    pace: str,
    limit: tuple[str, ...],
    exclude: tuple[str, ...],
    failed_in: str | None,
    odd_in: str | None,
    start_at: str | None,
    only: tuple[str, ...],
    tags: str | None,
    skip_tags: str | None,
    blast_radius: int | None,
    sign_key: str | None,
    allowed_signers: Path | None,
    ask_sudo: bool,
    reach: bool,
    baseline: str | None,
) -> Path:
    from .questions import sudo_password
    from .starting.narrowing import Narrowing
    from .starting.selection import Selection
    from .starting.start import Begin, Wish, start

    password = sudo_password() if ask_sudo else None
    selection = Selection(start_at, only, _split(tags), _split(skip_tags))
    narrowing = Narrowing(limit, exclude, failed_in, odd_in)
    wish = Wish(
        file, inventories, inputs, pace, ask, blast_radius, allowed_signers, narrowing, on_screen=on_screen
    )
    return start(wish, Begin(selection, sign_key, password, reach, baseline, attended, given))


def _split(words: str | None) -> list[str]:
    return [word.strip() for word in (words or "").split(",") if word.strip()]
