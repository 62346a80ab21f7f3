"""`gonogo resume RUN`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gonogo.errors import UsageError
from gonogo.trail.rundir import find_run

from . import options
from .answers import Answers, load_answers
from .ended import tell_end
from .front import is_terminal, show
from .keys import open_key
from .past import Past, read_past
from .questions import sudo_password
from .starting.edited import offer
from .starting.inputs import Gathering
from .starting.launch import Launch, who


@click.command()
@click.argument("run", default="open")
@click.option("--input", "inputs", multiple=True, metavar="NAME=VALUE", help="A secret input's value again.")
@options.sign_key
@click.option("--no-sign", is_flag=True, help="Go on without sealing, although the run began with a key.")
@options.edited
@options.yes
@options.answers
@options.plain
@options.ask_sudo
def command(
    run: str,
    inputs: tuple[str, ...],
    sign_key: str | None,
    no_sign: bool,
    edited: str,
    yes: bool,
    answers: Path | None,
    plain: bool,
    ask_sudo: bool,
) -> None:
    """Go on with RUN (a name, part of one, a path, `last` or `open`), whose process is gone.

    What was done stays done. Hosts whose command was out when the process died are unknown, and you are
    asked about them. Secrets are never kept, so they are asked for again. Was the runbook edited since, the
    difference is shown, and you say whether the run goes on with the new text.
    """
    if sign_key and no_sign:
        raise UsageError("--sign-key and --no-sign exclude each other")
    given = Answers(load_answers(answers) if answers else [], yes)
    directory = find_run(run)
    ask = is_terminal() or (plain and sys.stdin.isatty())
    # Before the past is read: the new process would carry it along.
    with Launch(ssh=True) as process:
        past = read_past(directory)
        order = _order(past, inputs, edited, given, ask=ask)
        key = None if no_sign else sign_key or past.start.get("sign_key")
        order |= open_key(key, ask=ask)
        if ask_sudo:
            order["become_password"] = sudo_password()
        process.order(directory, order)
    code = show(directory, given, plain=plain)
    tell_end(directory)
    sys.exit(code)


def _order(
    past: Past, inputs: tuple[str, ...], edited: str, given: Answers, *, ask: bool
) -> dict[str, object]:
    """Return what the process is told: who, the secrets again, and the runbook's new text if it is wanted."""
    state = past.state
    gathering = Gathering(inputs, state.plan.hosts, ask=ask)
    gathering.known(one.name for one in state.plan.inputs)
    for one in state.plan.inputs:
        # One that is asked for at a gate is asked for again only when it was given there.
        if one.secret and (not one.reached or one.name in state.inputs):
            value = gathering.value(one, again=True)
            if value is not None:
                gathering.secrets[one.name] = value
    order: dict[str, object] = {"by": who(), "secrets": gathering.secrets}
    found = None
    if state.result is None and past.start:
        found = offer(past, edited, ask=ask)
    given.check(found.planned.plan if found else state.plan)
    if found is not None:
        order["revision"] = found.store()
        order["secrets"] = {**gathering.secrets, **found.planned.secrets}
    return order
