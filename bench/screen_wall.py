"""Five thousand hosts that change five thousand times a second, on the screen of a real run."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from .measure import Row, milliseconds, percentile
from .played import driven, go, made
from .terminal import Terminal
from .watched import lag, lateness

HOSTS, STEPS = 5_000, 12
CHANGES = 5_000
"""Changes a second: 500 in each of ten repaints."""
SECONDS = 8.0
SHARE = 15
"""Per cent of a core."""
KEYS = 150
FIRST = "\x1b[H"
"""The key that goes to a pane's first line."""


def share(terminal: Terminal, seconds: float) -> float:
    """Return how much of a core a program takes, in per cent."""
    begun, before = time.perf_counter(), terminal.cpu()
    terminal.rest(seconds)
    return 100 * (terminal.cpu() - before) / (time.perf_counter() - begun)


def looked(terminal: Terminal, step: int) -> float:
    """Look at a step beside the one on the screen; return the seconds until it is painted."""
    begun = time.perf_counter()
    terminal.press("j" if step > 1 else "k")
    return terminal.until(f"step {step} of") - begun


def latencies(terminal: Terminal, count: int, pause: float) -> list[float]:
    """Go between two steps by a key, again and again; return the seconds from each key to its paint."""
    found = []
    for number in range(count):
        found.append(looked(terminal, 2 - number % 2))
        terminal.rest(pause)
    return found


def rows() -> list[Row]:
    """Look on while they change."""
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as name:
        os.environ["GONOGO_RUNS"] = str(Path(name, "runs"))
        run, file = made(Path(name), HOSTS, STEPS), Path(name, "late")
        words = ("-m", "bench.watched", str(file), "attach", str(run))
        with driven(run, CHANGES), Terminal(sys.executable, *words) as terminal:
            terminal.until("Before the first go")
            terminal.rest(3.0)
            idle = share(terminal, 3.0)
            asyncio.run(go(run))
            terminal.rest(2.0)
            lag(terminal, file)
            busy = share(terminal, SECONDS)
            late = lag(terminal, file)
            terminal.press(FIRST)
            terminal.until("step 1 of")
            keys = latencies(terminal, KEYS, 0.05)
    what = f"{HOSTS:,} cells, {CHANGES // 10} changes at 10 Hz"
    key = percentile(keys, 99)
    return [
        Row(what, f"{busy:.1f} % of a core", f"idle: {idle:.1f} %", None, f"<= {SHARE} %", busy <= SHARE),
        Row("  key to paint, p99", milliseconds(key), "", None, "<= 50 ms", key <= 0.05),
        lateness(late),
    ]
