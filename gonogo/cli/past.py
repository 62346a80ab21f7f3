"""A run as its directory has it: the fold of its trail, and the records that say what it was made of."""

from __future__ import annotations

import contextlib
from pathlib import Path

from msgspec import Struct

from gonogo.run.client import new_state
from gonogo.run.state import Record, RunState
from gonogo.trail.reader import Reading


class Past(Struct, frozen=True):
    """What is on disk of a run, as far as it can be trusted."""

    run: Path
    state: RunState
    start: Record
    changes: list[Record]
    """Each `plan.change`."""


def read_past(run: Path) -> Past:
    """Fold a run's trail; raise RunError or TrailError when there is no such run."""
    past = Past(run, new_state(run), {}, [])
    with contextlib.suppress(KeyError):
        for record in Reading(run / "audit.jsonl").records():
            past.state.apply(record)
            if record["k"] == "run.start":
                past.start.update(record)
            elif record["k"] == "plan.change":
                past.changes.append(record)
    return past
