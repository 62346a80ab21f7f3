"""From the operator's go to the command's exec: two records on disk stand between them."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path

from gonogo.trail.writer import TrailWriter

from .measure import Row, milliseconds, percentile

ROUNDS = 300


async def through_trail(trail: TrailWriter) -> float:
    """Record the answer, then the start, each synced; start a command; give the seconds."""
    begun = time.perf_counter()
    trail.add("gate.answered", step="bench", answer="go", reason="")
    await trail.commit()
    trail.add("host.started", step="bench", host="cell01-compute-0001", attempt=1)
    await trail.commit()
    return spawned(begun)


def bare(descriptor: int) -> float:
    """Do the same with nothing around it: write and sync twice, start a command."""
    begun = time.perf_counter()
    for _ in range(2):
        os.write(descriptor, b"x" * 220 + b"\n")
        os.fdatasync(descriptor)
    return spawned(begun)


def spawned(begun: float) -> float:
    """Start a command, take the time, and wait for it outside of the time."""
    child = os.posix_spawn("/bin/sh", ["sh", "-c", ":"], {})
    taken = time.perf_counter() - begun
    os.waitpid(child, 0)
    return taken


async def measure(folder: Path) -> tuple[list[float], list[float]]:
    """Give the seconds of each round, ours and bare, in turns."""
    ours, theirs = [], []
    trail = TrailWriter.create(folder)
    descriptor = os.open(folder / "bare", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    try:
        for _ in range(ROUNDS):
            ours.append(await through_trail(trail))
            theirs.append(bare(descriptor))
    finally:
        os.close(descriptor)
        await trail.close()
    return ours, theirs


def rows() -> list[Row]:
    """Measure on the disk that holds this directory; a temporary one may be in memory."""
    with tempfile.TemporaryDirectory(dir=".", prefix=".bench-") as folder:
        ours, theirs = asyncio.run(measure(Path(folder)))
    table = []
    for name, percent in (("p50", 50), ("p99", 99)):
        mine, other = percentile(ours, percent), percentile(theirs, percent)
        beside = f"write, sync twice, spawn: {milliseconds(other)}"
        table.append(Row(f"confirm to exec, {name}", milliseconds(mine), beside, mine / other, "", None))
    return table
