"""Plain words for times, counts and results."""

from __future__ import annotations

from collections.abc import Mapping

from gonogo.run.words import HostState

from .lines import Span
from .symbols import HOSTS

SECOND = 1_000_000_000


def duration(ns: int) -> str:
    """Return nanoseconds in the two largest units: `0.4 s`, `12 s`, `3 m 05 s`, `2 h 07 m`."""
    seconds = max(ns, 0) / SECOND
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} m {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} m"


def clock(ns: int) -> str:
    """Return a length of time as `h:mm:ss`, or `m:ss` below an hour."""
    whole = max(ns, 0) // SECOND
    hours, rest = divmod(whole, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def limit(seconds: float) -> str:
    """Return a document's duration as it is written there: `30s`, `15m`, `2h`."""
    for size, unit in ((3600, "h"), (60, "m")):
        if seconds >= size and seconds % size == 0:
            return f"{int(seconds // size)}{unit}"
    return f"{seconds:g}s"


def counts(found: Mapping[HostState, int], *, brief: bool = False) -> list[Span]:
    """Return `✓ 36 ok  ✗ 3 failed` as spans, or if brief `✓36  ✗3`. What is nowhere is not told."""
    spans: list[Span] = []
    for state, look in HOSTS.items():
        if number := found.get(state, 0):
            if spans:
                spans.append(("  ", ""))
            told = f"{look.symbol}{number:,}" if brief else f"{look.symbol} {number:,} {look.word}"
            spans.append((told, look.style))
    return spans


def size(number: int) -> str:
    """Return bytes as `640 B`, `12 kB`, `3.4 MB`."""
    if number < 1000:
        return f"{number} B"
    return f"{number / 1000:.0f} kB" if number < 1_000_000 else f"{number / 1e6:.1f} MB"
