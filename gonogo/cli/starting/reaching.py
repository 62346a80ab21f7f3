"""Whether hosts can be logged in to, told with the reasons of those that can't."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from gonogo.errors import RunError
from gonogo.hosts import fold
from gonogo.run.plan import Plan
from gonogo.run.ports import Target
from gonogo.run.reach import by_reason, reach, to_reach
from gonogo.text import clean_line


def knock(targets: Sequence[Target]) -> dict[str, str]:
    """Log in to every host; return why each can't be reached, "" for those that can."""
    from gonogo.executors import create
    from gonogo.loop import run

    return run(reach(create, targets))


def as_json(found: dict[str, str]) -> dict[str, Any]:
    """Return what `gonogo hosts --reach --json` says of reaching."""
    good = [host for host, why in found.items() if not why]
    return {
        "reachable": {"count": len(good), "folded": fold(good), "hosts": good},
        "unreachable": [
            {"why": why, "count": len(hosts), "folded": fold(hosts), "hosts": hosts}
            for why, hosts in by_reason(found)
        ],
    }


def tell(found: dict[str, str], *, err: bool = False) -> None:
    """Print how many can be reached, and the others by reason."""
    good = [host for host, why in found.items() if not why]
    click.echo(f"{len(good)} of {len(found)} hosts can be reached", err=err)
    for why, hosts in by_reason(found):
        click.echo(f"{len(hosts):6}  {clean_line(why)}", err=err)
        click.echo(f"        {clean_line(fold(hosts))}", err=err)


def check_reach(plan: Plan) -> None:
    """Log in to every host of a plan that SSH reaches; raise RunError when one can't be."""
    found = knock([Target(name, plan.hosts[name].connection) for name in to_reach(plan)])
    bad = [host for host, why in found.items() if why]
    if bad:
        tell(found, err=True)
        raise RunError(
            f"{len(bad)} of {len(found)} hosts cannot be reached; nothing was started",
            f"Mend them, or go without: --exclude '{clean_line(fold(bad))}'",
        )
