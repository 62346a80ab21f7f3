"""`gonogo approve [RUN]`: a second person's signature under what a run is about to do."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import click
from msgspec import Struct

from gonogo.errors import RunError, UsageError
from gonogo.run.state import At, Gate, RunState
from gonogo.text import clean_line
from gonogo.trail.approval import NAMESPACE, Asked, statement
from gonogo.trail.rundir import find_run
from gonogo.trail.sshsig import ARMOR_LIMIT

from .past import read_past
from .plain.step import told_inputs, told_scripts, told_step
from .questions import confirm
from .starting.launch import who


class _Open(Struct, frozen=True):
    """A run that waits for approvals, and the bytes to sign."""

    run: Path
    state: RunState
    gate: Gate
    statement: bytes


@click.command()
@click.argument("run", default="open")
@click.option(
    "--key",
    default="agent",
    metavar="FILE|agent",
    show_default=True,
    help="Sign with this private key, or with the agent: `agent:SHA256:...` or a .pub file choose its key.",
)
@click.option(
    "--print", "only_print", is_flag=True, help="Write the statement to standard output; sign nothing."
)
@click.option(
    "--signature",
    type=click.File("rb"),
    help="Hand in a signature made elsewhere from the printed statement; - reads it from standard input.",
)
@click.option("--yes", is_flag=True, help="Sign what is shown without asking.")
def command(run: str, key: str, only_print: bool, signature: BinaryIO | None, yes: bool) -> None:
    """Approve the step that RUN waits for (default: `open`), as somebody other than its operator.

    Shows the step, its hosts and its commands as they will run, signs their digest with your SSH key, and
    hands the signature to the run. Your key must be in the allowed signers that the run keeps.

    To sign on another machine: `gonogo approve RUN --print > s`, there
    `ssh-keygen -Y sign -n approve@gonogo -f KEY s`, and here `gonogo approve RUN --signature s.sig`.
    """
    if only_print and signature is not None:
        raise UsageError("--print and --signature exclude each other", "Print first, then hand in.")
    found = _open_gate(find_run(run))
    for line in _lines(found.state, found.gate):
        click.echo(line, err=only_print)
    if only_print:
        sys.stdout.buffer.write(found.statement)
        return
    given = _read(signature) if signature is not None else _sign(found, key, yes)
    needed, there = asyncio.run(_hand_in(found, given))
    click.echo(f"taken: {there} of {needed} approvals are there")


def _open_gate(run: Path) -> _Open:
    state = read_past(run).state
    gate = state.gate
    if state.result is not None or gate is None or gate.at is not At.APPROVE:
        raise RunError(
            f"{clean_line(run.name)} asks for no approval now", "`gonogo runs` says what each run waits for."
        )
    number = state.plan.turns[gate.turn].step
    asked = Asked(state.run, *(str(gate.evidence.get(name)) for name in ("step", "plan", "expires")))
    # What is signed must be what is shown, so the digest is worked out here again.
    if asked.plan != state.digest_of(number):
        raise RunError(
            f"{clean_line(run.name)} asks for an approval of something else than its plan holds",
            "Do not approve it; `gonogo verify` tells more.",
        )
    return _Open(run, state, gate, statement(asked))


def _lines(state: RunState, gate: Gate) -> Iterator[str]:
    """Everything that the approved digest covers, for a person to read."""
    number = state.plan.turns[gate.turn].step
    yield f"run:      {clean_line(state.run)}, driven by {clean_line(state.operator)}"
    yield from told_step(state.plan.steps[number])
    yield from told_inputs(state)
    yield from told_scripts(state, number)
    yield f"expires:  {clean_line(str(gate.evidence['expires']))}"
    for approval in state.approvals:
        yield f"approved: {clean_line(approval.by)}"


def _read(file: BinaryIO) -> str:
    with file:
        data = file.read(ARMOR_LIMIT + 1)
    try:
        return data.decode("ascii")
    except UnicodeDecodeError:
        raise UsageError(
            "that is no armored SSH signature", "Name the .sig file that ssh-keygen wrote."
        ) from None


def _sign(found: _Open, key: str, yes: bool) -> str:
    from gonogo.trail.signing import load_signer

    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("there is nobody to ask whether to sign this", "Say so with --yes.")
        confirm("Sign this?", abort=True)

    async def sign() -> str:
        signer = await load_signer(key, _passphrase)
        return await signer.sign(NAMESPACE, found.statement)

    return asyncio.run(sign())


def _passphrase(prompt: str) -> str:
    if not sys.stdin.isatty():
        raise UsageError("the key wants a passphrase, and nobody is here to type it", "Load it with ssh-add.")
    return str(click.prompt(prompt, hide_input=True))


async def _hand_in(found: _Open, signature: str) -> tuple[int, int]:
    """Return how many approvals the step needs and has now."""
    from gonogo.run.client import LiveLink

    link = await LiveLink.connect(found.run, who(), drive=False)
    try:
        await link.approve(found.gate.number, signature)
    finally:
        await link.close()
    return int(found.gate.evidence["approvers"]), len(read_past(found.run).state.approvals)
