"""Take turns, take medians: how two ways are compared on a machine that is never quiet."""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Way = Callable[[], float]
"""Does the work once and gives its seconds."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a figure, what stands beside it, and what it should be at most."""

    what: str
    figure: str
    beside: str
    ratio: float | None
    target: str
    good: bool | None
    """Whether the target is met; None where there is none."""


def here() -> str:
    """Return what it is measured on. Which Python matters: one of the same version can take 15 % more."""
    python = f"Python {sys.version.split()[0]} ({os.path.realpath(sys.executable)})"
    return f"{python}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}"


def interleave(ways: Iterable[Way], rounds: int) -> list[list[float]]:
    """Run every way once a round, after one round that warms caches; give each way's seconds.

    In turns, so that a load that comes or goes falls on all of them alike.
    """
    ways = list(ways)
    for way in ways:
        way()
    taken: list[list[float]] = [[] for _ in ways]
    for _ in range(rounds):
        for way, seconds in zip(ways, taken, strict=True):
            seconds.append(way())
    return taken


def percentile(values: list[float], percent: int) -> float:
    """Give the value that `percent` per cent of them do not pass."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def milliseconds(seconds: float) -> str:
    """Write seconds as milliseconds for a person."""
    return f"{seconds * 1000:.1f} ms"


def compared(what: str, ours: list[float], name: str, theirs: list[float], most: float) -> Row:
    """Make a row of two ways' medians, with the most that their ratio should be."""
    mine, other = statistics.median(ours), statistics.median(theirs)
    ratio = mine / other
    return Row(
        what, milliseconds(mine), f"{name}: {milliseconds(other)}", ratio, f"<= {most:g}x", ratio <= most
    )
