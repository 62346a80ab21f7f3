"""The screen on a real terminal's other end: from exec to paint, under load, with a million lines."""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
from pathlib import Path

from gonogo.run.client import LiveLink
from gonogo.trail.rundir import list_runs

from . import screen_flood, screen_lines, screen_replay, screen_wall
from .measure import Row, compared, milliseconds
from .startup import GONOGO
from .terminal import Cost, Terminal, painted

WORD = "Whistle"
"""What a bare screen paints, and a step's title."""
ROUNDS = 9
MOST = 1.5

BARE = f"""
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("{WORD}")
Bare().run()
"""
RUNBOOK = f"""\
---
gonogo: 1
title: Bench
---
# Bench

### {WORD}

```sh
true
```
"""


async def leave(run: Path) -> None:
    """Ask a run's process to go: it outlives its screen by design."""
    link = await LiveLink.connect(run, "bench", take=True)
    await link.stop()
    await link.close()


def begun(runbook: Path) -> tuple[Cost, float]:
    """Begin a run with its screen, and end both; give the frame's cost, and the seconds to the run."""
    with Terminal(GONOGO, "run", str(runbook)) as terminal:
        frame = terminal.until(runbook.name) - terminal.begun
        cost = Cost(frame, terminal.cpu())
        whole = terminal.until(WORD) - terminal.begun
    asyncio.run(leave(list_runs()[-1]))
    return cost, whole


def _first_paints(folder: Path) -> list[Row]:
    """Compare `gonogo run FILE` and `gonogo` alone with a bare Textual app, taking turns."""
    runbook = folder / "bench.md"
    runbook.write_text(RUNBOOK)
    frames, wholes, homes, bares = list[Cost](), list[float](), list[Cost](), list[Cost]()
    for number in range(ROUNDS + 1):
        cost, whole = begun(runbook)
        home = painted("ype to find", GONOGO)  # the cursor is on its first letter
        bare = painted(WORD, sys.executable, "-c", BARE)
        if number:  # the first round warms caches
            frames.append(cost)
            wholes.append(whole)
            homes.append(home)
            bares.append(bare)
    name, rows = "bare Textual app", list[Row]()
    for what, ours in (("run: first paint", frames), ("Home: first paint", homes)):
        rows.append(compared(what, _walls(ours), name, _walls(bares), MOST))
        mine, other = [one.cpu for one in ours], [one.cpu for one in bares]
        rows.append(compared("  its processor time", mine, name, other, MOST))
    whole = statistics.median(wholes)
    ratio = whole / statistics.median(_walls(bares))
    return [*rows, Row("run: checked, planned, begun, in sight", milliseconds(whole), "", ratio, "", None)]


def _walls(costs: list[Cost]) -> list[float]:
    return [one.wall for one in costs]


def rows() -> list[Row]:
    """Measure the first paint, then the screen under each kind of load."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GONOGO_RUNS"] = str(Path(folder, "runs"))
        found = _first_paints(Path(folder))
    for bench in (screen_wall, screen_lines, screen_replay, screen_flood):
        found += bench.rows()
    return found
