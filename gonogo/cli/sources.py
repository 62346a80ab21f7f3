"""What a command is about: a runbook's inventory, and its mistakes told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from gonogo.errors import InventoryError
from gonogo.format.model import Problem, Runbook
from gonogo.hosts.model import Inventory


def report(problems: Sequence[Problem]) -> None:
    """Print problems to standard error."""
    for problem in problems:
        click.echo(str(problem), err=True)


def names_cloud(runbook: Runbook) -> bool:
    """Return whether the document's inventory is a cloud: asked for a run, not to check or show it."""
    from gonogo.hosts.program import CLOUD

    return (runbook.inventory or "").startswith(CLOUD)


def load_hosts(runbook: Runbook, given: Sequence[Path]) -> Inventory | None:
    """Return the inventory of the command line, else the document's own, else None."""
    from gonogo.hosts import load_inventory
    from gonogo.hosts.program import cloud_of, named_by

    if given:
        return load_inventory(list(given), run_programs=True)
    if runbook.inventory is None:
        return None
    path = named_by(runbook.path, runbook.inventory)
    if cloud_of(path) is None and not path.exists():
        raise InventoryError(
            f"{runbook.path}: its inventory {runbook.inventory} is not there ({path})",
            "Mend `inventory:` in the front matter, or give -i FILE.",
        )
    return load_inventory([path])
