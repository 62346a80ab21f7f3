"""What earlier runs of a runbook took, as the screens count with it."""

from __future__ import annotations

from pathlib import Path

from gonogo.report.history import Origin, learned
from gonogo.run.state import Record
from gonogo.tui.pace import Usual


def usual(start: Record, beside: Path) -> Usual:
    """Look it up from `run.start`, in the directory that holds the runs; takes its time."""
    found = learned(Origin.of(start), before=str(start["t"]), beside=beside)
    return Usual(found.runs, {step: one.usual for step, one in found.steps.items()})
