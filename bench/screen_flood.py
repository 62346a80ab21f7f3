"""Two thousand rehearsal hosts that print 20,000 lines a second in all: how long a key takes to the screen.

The lab is a real one: 2,000 SSH servers on loopback, a process of its own on every host. So is the run.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from gonogo.executors.lab import start
from gonogo.run.client import LiveLink
from gonogo.run.words import Answer
from gonogo.trail.output import output_path
from gonogo.trail.rundir import list_runs

from .measure import Row, milliseconds, percentile
from .screen_wall import FIRST, latencies, share
from .terminal import Terminal
from .watched import lag, lateness

HOSTS, LINES = 2_000, 10
"""Lines that each host prints every second."""
SECONDS = 60
KEYS = 200
_LINE = 'join "", map { "line $_ of second $n\\n" } 1..' + str(LINES)
_PRINT = f"perl -e '$| = 1; for $n (1..{SECONDS}) {{ print {_LINE}; sleep 1 }}'"
_BOOK = """---
gonogo: 1
title: Flood
---
# Flood

### Look first

```sh {{hosts=all read-only}}
true
```

### Print

```sh {{hosts=all read-only parallel={hosts} timeout=10m}}
{script}
```
"""


async def _go(run: Path, at: int) -> None:
    """Answer with go until a turn has begun."""
    link = await LiveLink.connect(run, "bench@here", take=True)
    async for _ in link.changes():
        gate = link.state.gate
        if gate is not None and gate.turn <= at:
            await link.answer(gate.number, Answer.GO)
        if link.state.turns[at].started is not None:
            break
    await link.close()


def _size(run: Path) -> int:
    file = output_path(run, 1, 1)
    return file.stat().st_size if file.exists() else 0


def _rate(terminal: Terminal, run: Path, seconds: float) -> float:
    """Return the lines that were kept in a second."""
    begun, before = time.perf_counter(), _size(run)
    terminal.rest(seconds)
    # A piece of ten lines and its head.
    piece = LINES * len("line 10 of second 10\n") + 40
    return (_size(run) - before) / piece * LINES / (time.perf_counter() - begun)


def _until_all_print(terminal: Terminal, run: Path) -> None:
    """Wait until as much comes in a second as all hosts print."""
    for _ in range(60):
        if _rate(terminal, run, 1.0) > 0.7 * HOSTS * LINES:
            return
    raise RuntimeError("the hosts do not come to print so much here")


def rows() -> list[Row]:
    """Press keys while they print."""
    if shutil.which("perl") is None:
        return [Row("key to paint in a flood", "no perl here", "", None, "<= 50 ms", None)]
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as name:
        folder = Path(name)
        os.environ["GONOGO_RUNS"] = str(folder / "runs")
        (folder / "book.md").write_text(_BOOK.format(hosts=HOSTS, script=_PRINT))
        (folder / "hosts.ini").write_text("".join(f"node{number:04}\n" for number in range(HOSTS)))
        lab = start(folder / "hosts.ini", None, folder / "lab")
        # In life they are other machines: here they must not take the processor from who is measured.
        os.setpriority(os.PRIO_PGRP, lab.pid, 15)
        try:
            return _measured(folder, lab.inventory)
        finally:
            lab.stop()


def _measured(folder: Path, inventory: Path) -> list[Row]:
    late = folder / "late"
    words = ("-m", "bench.watched", str(late), "run", str(folder / "book.md"), "-i", str(inventory))
    with Terminal(sys.executable, *words, "--pace", "flow") as terminal:
        terminal.until("START?")
        run = list_runs()[-1]
        asyncio.run(_go(run, 1))
        _until_all_print(terminal, run)
        terminal.press(FIRST)
        terminal.until("step 1 of")
        lag(terminal, late)
        keys = latencies(terminal, KEYS, 0.03)
        late_by = lag(terminal, late)
        rate, busy = _rate(terminal, run, 5.0), share(terminal, 5.0)
        asyncio.run(_leave(run))
    key, told = percentile(keys, 99), f"{rate:,.0f} lines/s, median {milliseconds(percentile(keys, 50))}"
    return [
        Row(
            f"{HOSTS:,} hosts print: key to paint, p99",
            milliseconds(key),
            told,
            None,
            "<= 50 ms",
            key <= 0.05,
        ),
        lateness(late_by),
        Row("  the screen's share", f"{busy:.1f} % of a core", "", None, "", None),
    ]


async def _leave(run: Path) -> None:
    """Have the run's process go, and all that is out with it."""
    link = await LiveLink.connect(run, "bench@here", take=True)
    await link.stop()
    await link.cancel()
    await link.close()
