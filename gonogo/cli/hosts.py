"""`gonogo hosts PATTERN`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from gonogo.hosts import fold, load_inventory, resolve
from gonogo.hosts.model import Host
from gonogo.text import clean_line, many

from . import options


@click.command()
@click.argument("pattern", default="all")
@click.option(
    "-i",
    "--inventory",
    "inventories",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path),
    help="Inventory: a file, a folder, a program or openstack:CLOUD; may be given more than once.",
)
@click.option("--list", "as_list", is_flag=True, help="One name a line.")
@click.option(
    "--reach", is_flag=True, help="Log in to each, and tell why those fail that do. Nothing is run."
)
@options.as_json
def command(pattern: str, inventories: tuple[Path, ...], as_list: bool, as_json: bool, reach: bool) -> None:
    """Resolve the host PATTERN (`compute:&cell01:!bad`, `cell[01-40]`, `web[0:2]`, `~regex`) and count it."""
    inventory = load_inventory(inventories, run_programs=True)
    names = resolve(pattern, inventory)
    if reach:
        sys.exit(_reach(pattern, [inventory.hosts[name] for name in names], as_json=as_json))
    if as_json:
        click.echo(json.dumps(_as_json(pattern, names)))
    elif as_list:
        click.echo("\n".join(map(clean_line, names)))
    else:
        click.echo(clean_line(fold(names)))
        click.echo(many(len(names)))


def _as_json(pattern: str, names: Sequence[str]) -> dict[str, Any]:
    return {"pattern": pattern, "count": len(names), "hosts": names, "folded": fold(names)}


def _reach(pattern: str, hosts: Sequence[Host], *, as_json: bool) -> int:
    """Tell which hosts can be reached; return 0 when all can, else 1."""
    from gonogo.run.build import connection_of
    from gonogo.run.ports import Target

    from .starting import reaching

    found = reaching.knock([Target(host.name, connection_of(host.vars)) for host in hosts])
    if as_json:
        names = [host.name for host in hosts]
        click.echo(json.dumps(_as_json(pattern, names) | {"reach": reaching.as_json(found)}))
    else:
        reaching.tell(found)
    return int(any(found.values()))
