"""From a runbook file to a run that can be connected to."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gonogo import __version__
from gonogo.errors import RunbookError
from gonogo.format.model import Runbook, Severity
from gonogo.run.build import build
from gonogo.trail.rundir import create_run

from .inputs import gather
from .launch import Launch, who
from .provenance import provenance
from .sources import load_hosts, report


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for."""

    file: Path
    inventories: Sequence[Path] = ()
    inputs: Sequence[str] = ()
    pace: str = "step"
    ask: bool = False
    become_password: str | None = None


def start(wish: Wish) -> Path:
    """Check, plan and begin a run; return its directory. Nothing has run on a host yet."""
    with Launch() as process:
        return _start(wish, process)


def _start(wish: Wish, process: Launch) -> Path:
    runbook = _load(wish.file)
    inventory = load_hosts(runbook, wish.inventories)
    inputs, secrets = gather(runbook.inputs, wish.inputs, ask=wish.ask)
    plan = build(runbook, inventory, inputs, wish.pace)
    dumped = plan.dump()
    sources = (*runbook.sources, *(inventory.sources if inventory else ()))
    run = create_run(runbook.title, dumped, sources)
    record = {
        "title": runbook.title,
        "runbook": str(wish.file.absolute()),
        "argv": _argv(),
        "tool": __version__,
        "git": provenance(wish.file.absolute()),
        "plan": hashlib.sha256(dumped).hexdigest(),
        "sources": [[path, hashlib.sha256(data).hexdigest()] for path, data in sources],
        "inputs": {one.name: one.value for one in inputs},
        "hosts": len(plan.hosts),
        "pace": wish.pace,
    }
    order = {"by": who(), "start": record, "secrets": secrets, "become_password": wish.become_password}
    process.order(run, order)
    return run


def _argv() -> list[str]:
    """Return the command line; a secret given with --input is not kept."""
    found: list[str] = []
    for word in sys.argv[1:]:
        if word == "--start-fd":
            break
        name, equals, _ = word.partition("=")
        found.append(f"{name}=…" if equals else word)
    return found


def _load(file: Path) -> Runbook:
    from gonogo.format.load import load

    loaded = load(file)
    report(loaded.problems)
    errors = [problem for problem in loaded.problems if problem.severity is Severity.ERROR]
    if errors:
        count = f"{len(errors)} mistake{'s' if len(errors) != 1 else ''}"
        raise RunbookError(f"{file}: the runbook holds {count}; nothing was started")
    return loaded.runbook
