"""`gonogo hosts PATTERN`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gonogo.hosts import fold, load_inventory, resolve
from gonogo.text import clean_line

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
@options.as_json
def command(pattern: str, inventories: tuple[Path, ...], as_list: bool, as_json: bool) -> None:
    """Resolve the host PATTERN (`compute:&cell01:!bad`, `cell[01-40]`, `web[0:2]`, `~regex`) and count it."""
    names = resolve(pattern, load_inventory(inventories, run_programs=True))
    if as_json:
        found = {"pattern": pattern, "count": len(names), "hosts": names, "folded": fold(names)}
        click.echo(json.dumps(found))
    elif as_list:
        click.echo("\n".join(map(clean_line, names)))
    else:
        click.echo(clean_line(fold(names)))
        click.echo(f"{len(names)} host{'s' if len(names) != 1 else ''}")
