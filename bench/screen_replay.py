"""A finished run of 300 steps on 2,000 hosts, opened on a real terminal."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from . import seek
from .measure import Row, milliseconds
from .startup import GONOGO
from .terminal import Terminal
from .watched import lag, lateness

STEPS, HOSTS = 300, 2_000
TITLE = "Update"
"""What each of its steps is called."""
ROUNDS = 5
MOST = 1.0
"""Seconds until it can be looked at."""


def _opened(run: Path) -> tuple[float, float]:
    """Open it; return the seconds until its checklist is painted, and those of processor."""
    with Terminal(GONOGO, "replay", str(run)) as terminal:
        wall = terminal.until(TITLE) - terminal.begun
        return wall, terminal.end()


def rows() -> list[Row]:
    """Open it some times; then go to its end, as soon as that is known."""
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as name:
        run, late = seek.write(Path(name, "wide"), STEPS, HOSTS), Path(name, "late")
        taken = sorted(_opened(run) for _ in range(ROUNDS))[ROUNDS // 2]
        with Terminal(sys.executable, "-m", "bench.watched", str(late), "replay", str(run)) as terminal:
            terminal.until(TITLE)
            terminal.rest(1.0)
            lag(terminal, late)
            terminal.rest(5.0)
            behind = lag(terminal, late)
            begun = time.perf_counter()
            terminal.press("$")
            end = terminal.until("✓ GO") - begun
    what = f"open {STEPS} steps x {HOSTS:,} hosts"
    told = f"CPU {milliseconds(taken[1])}"
    return [
        Row(what, milliseconds(taken[0]), told, None, f"<= {MOST:g} s", taken[0] <= MOST),
        Row("  to its end, while it is read", f"{end:.1f} s", "", None, "", None),
        lateness(behind),
    ]
