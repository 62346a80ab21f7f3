"""The operator's key that seals a trail, and the file that says who may sign."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click

from gonogo.errors import UsageError
from gonogo.format.model import Runbook

from .questions import prompt


def open_key(text: str | None, *, ask: bool) -> dict[str, Any]:
    """Return an order's fields for the key that `text` names, tried now: a passphrase is asked for here.

    Raise UsageError or a SignatureError when the key cannot sign.
    """
    from gonogo.trail.signing import load_signer

    if text is None:
        return {}
    said: list[str] = []

    def passphrase(about: str) -> str:
        if not ask:
            raise UsageError(
                f"{text}: the key wants a passphrase, and nobody is here to type it",
                "Load it with ssh-add and give --sign-key agent.",
            )
        said.append(prompt(about, secret=True))
        return said[-1]

    text = text if text.partition(":")[0] == "agent" else str(Path(text).expanduser().absolute())
    asyncio.run(load_signer(text, passphrase))
    return {"sign_key": text, "passphrase": said[-1] if said else None}


def signers_file(runbook: Runbook, given: Path | None) -> tuple[str, bytes] | None:
    """Return the path and the bytes of who may sign and approve; None when nobody is named."""
    from gonogo.trail.signers import parse_signers, read_signers

    if given is None and runbook.allowed_signers is None:
        return None
    path = given or Path(runbook.path).parent / str(runbook.allowed_signers)
    data = read_signers(path)
    for problem in parse_signers(data, str(path)).problems:
        click.echo(f"warning: {problem}", err=True)
    return str(path), data


def check_approvals(runbook: Runbook, *, signers: bool, key: bool) -> None:
    """Raise UsageError when a step waits for approvals that this run could never take."""
    step = next((step for _, step in runbook.steps() if step.options.gate == "approve"), None)
    if step is None:
        return
    if not signers:
        raise UsageError(
            f"{step.place}: the step {step.id!r} waits for approvals, but nobody may give any",
            "Add `allowed-signers: FILE` to the front matter, or give --allowed-signers FILE.",
        )
    if not key:
        raise UsageError(
            f"{step.place}: the step {step.id!r} waits for approvals of others: say which key is yours",
            "Give --sign-key FILE, or --sign-key agent.",
        )
