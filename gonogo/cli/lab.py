"""`gonogo lab`: a simulated fleet for rehearsals."""

from __future__ import annotations

import shlex
import sys
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gonogo.errors import UsageError
from gonogo.hosts import load_inventory
from gonogo.hosts.model import Host, Inventory
from gonogo.text import clean_line

if TYPE_CHECKING:
    from gonogo.executors.lab.papers import Ready

HOSTS_LIMIT = 5000


@click.command()
@click.option(
    "-i",
    "--inventory",
    "inventories",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Your inventory, file or folder: its hosts and groups are simulated.",
)
@click.option("--hosts", "count", type=click.IntRange(1, HOSTS_LIMIT), help="Without -i: so many hosts.")
@click.option(
    "--faults",
    type=click.Path(path_type=Path),
    help="Scenario file (YAML): what is on the hosts, and what goes wrong.",
)
@click.option("--dir", "directory", type=click.Path(path_type=Path), help="Folder for the lab's files.")
@click.option("--no-isolation", is_flag=True, help="Run commands unisolated: they can touch this machine.")
@click.option("--json", "as_json", is_flag=True, help="Say where everything is as one line of JSON.")
@click.option("--leash", is_flag=True, hidden=True)
@click.option("--passing", is_flag=True, hidden=True)
def command(
    inventories: tuple[Path, ...],
    count: int | None,
    faults: Path | None,
    directory: Path | None,
    no_isolation: bool,
    as_json: bool,
    leash: bool,
    passing: bool,
) -> None:
    """Run a simulated fleet on loopback, over real SSH, until Ctrl-C.

    Without --faults, a `lab.yaml` beside the inventory is the scenario.
    """
    from gonogo.executors.lab.main import Wish, run
    from gonogo.executors.lab.scenario import load

    inventory = _inventory(inventories, count)
    scenario = faults or _beside(inventories)
    folder = (directory or Path(tempfile.mkdtemp(prefix="gonogo-lab-"))).absolute()
    sys.exit(
        run(
            Wish(
                inventory=inventory,
                scenario=load(scenario, inventory),
                directory=folder,
                isolated=not no_isolation,
                harmless=_is_demo(inventories),
                say=_say_json if as_json else _say,
                leashed=leash,
                passing=passing,
            )
        )
    )


def _inventory(paths: tuple[Path, ...], count: int | None) -> Inventory:
    if bool(paths) == bool(count):
        raise UsageError("give an inventory with -i, or a number of hosts with --hosts")
    inventory = load_inventory(paths, run_programs=True) if paths else _numbered(count or 0)
    for name in inventory.hosts:
        if "/" in name or name in (".", "..") or len(name) > 200:
            raise UsageError(f"{clean_line(name)!r} cannot be the name of a host in the lab")
    return inventory


def _numbered(count: int) -> Inventory:
    names = tuple(f"host{number:03}" for number in range(1, count + 1))
    return Inventory({name: Host(name) for name in names}, {"all": names})


def _beside(paths: tuple[Path, ...]) -> Path | None:
    found = [path.parent / "lab.yaml" for path in paths if (path.parent / "lab.yaml").is_file()]
    return found[0] if found else None


def _is_demo(paths: tuple[Path, ...]) -> bool:
    """Whether this is the demo's fleet: its runbook names no path, so it may run where nothing isolates."""
    own = files("gonogo.runbooks") / "demo" / "inventory.yaml"
    return [path.resolve() for path in paths] == [Path(str(own)).resolve()]


def _say_json(ready: Ready) -> None:
    click.echo(ready.line())


def _say(ready: Ready) -> None:
    inventory, config = shlex.quote(ready.inventory), shlex.quote(ready.ssh_config)
    click.echo(f"{ready.hosts} hosts listen on loopback; everything is in {ready.directory}\n")
    click.echo(f"  a runbook:  gonogo run RUNBOOK -i {inventory}")
    click.echo(f"  one host:   ssh -F {config} {shlex.quote(ready.first)}")
    click.echo(f"  what ran:   {ready.journal}\n")
    if not ready.isolated:
        click.secho(
            "THE HOSTS ARE NOT ISOLATED: an absolute path in a runbook is a path of this machine, "
            f"and it has its network ({ready.why}).",
            bold=True,
            err=True,
        )
    click.echo("Ctrl-C ends it.")
