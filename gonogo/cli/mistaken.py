"""What `check` finds, as the screens show it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from gonogo.format.model import Severity
from gonogo.run.state import Record
from gonogo.tui.mistakes import Mistake

from .checks.findings import Checked, check_file
from .checks.hosts import Inventories

MOST = 500
"""Mistakes that are handed on."""


def mistakes(checked: Checked) -> tuple[Mistake, ...]:
    """Return what was found, mistakes and warnings as they stand in the document."""
    return tuple(
        Mistake(one.severity is Severity.ERROR, str(one.place), one.message, one.mend)
        for one in checked.problems[:MOST]
    )


def of_run(start: Record) -> tuple[Mistake, ...] | None:
    """Check the runbook of a run that has just begun (`run.start`); None when its file is another by now."""
    path = Path(str(start.get("runbook", "")))
    sources = start.get("sources") or [["", ""]]
    try:
        same = hashlib.sha256(path.read_bytes()).hexdigest() == sources[0][1]
    except OSError:
        same = False
    if not same:
        return None
    given = [Path(name) for name in start.get("inventories", ())]
    # A program was run for the plan, and is not run once more for this.
    files = (
        given if all(one.is_dir() or (one.is_file() and not os.access(one, os.X_OK)) for one in given) else []
    )
    return mistakes(check_file(path, Inventories(files)))
