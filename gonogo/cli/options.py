"""Options that several commands share, word for word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

F = TypeVar("F", bound=Callable[..., object])


def _inventories(more: str = "") -> Callable[[F], F]:
    words = f"Inventory file, folder or openstack:CLOUD; may be repeated.{more}"
    path = click.Path(path_type=Path)
    return click.option("-i", "--inventory", "inventories", multiple=True, type=path, help=words)


inventories = _inventories(" Default: the runbook's own.")
inventories_alone = _inventories()
as_json = click.option("--json", "as_json", is_flag=True, help="As JSON, for machines.")
plain = click.option("--plain", is_flag=True, help="Plain lines and prompts instead of the full screen.")
yes = click.option(
    "--yes", is_flag=True, help="Answer plain gates with go. Failures still wait for a person."
)
answers = click.option(
    "--answers", type=click.Path(path_type=Path), help="Answers given beforehand, a YAML file."
)
ask_sudo = click.option(
    "--ask-sudo", is_flag=True, help="Ask once for the password that sudo wants on the hosts."
)
inputs = click.option("--input", "inputs", multiple=True, metavar="NAME=VALUE", help="A value for an input.")
sign_key = click.option(
    "--sign-key",
    metavar="FILE|agent",
    help="Seal the trail with this SSH key, or with one of the agent's (agent, agent:SHA256:…).",
)
edited = click.option(
    "--edited",
    type=click.Choice(["ask", "take", "keep"]),
    default="ask",
    show_default=True,
    help="Was the runbook edited since: go on with the new text, or keep to the old.",
)


def narrowing(command: F) -> F:
    """Add the options that take some of the hosts only."""
    for option in (
        click.option("--odd-in", metavar="RUN", help="Only hosts whose output stood out in that run."),
        click.option("--failed-in", metavar="RUN", help="Only hosts that failed in that run."),
        click.option("--exclude", multiple=True, metavar="PATTERN", help="Not these hosts."),
        click.option("--limit", multiple=True, metavar="PATTERN", help="Only these hosts."),
    ):
        command = option(command)
    return command
