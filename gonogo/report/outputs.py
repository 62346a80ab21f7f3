"""What hosts came to, in plain lines: counts, reasons, identical output once, differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gonogo.hosts import fold
from gonogo.hosts.here import LOCALHOST
from gonogo.run.state import BAD, HostRun, HostState
from gonogo.text import clean, clean_line, many

SHOWN_LINES = 6
"""Lines of a group's output that are told; all of it is in the run's output files."""
SHOWN_GROUPS = 6
SHOWN_CHANGES = 60
"""Lines of a difference that are told; all of it is in the trail."""


def counted(hosts: Mapping[str, HostRun]) -> str:
    """Return `38 ok, 2 failed` for hosts."""
    counts: dict[HostState, int] = {}
    for host in hosts.values():
        counts[host.state] = counts.get(host.state, 0) + 1
    return ", ".join(f"{number} {state}" for state, number in counts.items()) or "nothing ran"


def failures(hosts: Mapping[str, HostRun]) -> list[str]:
    """Return a line for each reason that hosts failed for, with the hosts folded."""
    why: dict[tuple[str, str], list[str]] = {}
    for name, host in hosts.items():
        if host.state in BAD:
            why.setdefault((host.state.value, host.why), []).append(name)
    return [f"{state}: {folded(names)}: {clean_line(reason)}" for (state, reason), names in why.items()]


def grouped(hosts: Mapping[str, HostRun]) -> list[str]:
    """Return identical outputs once each, the most common first, with the hosts folded."""
    groups: dict[str, list[str]] = {}
    for name, host in hosts.items():
        if host.excerpt:
            groups.setdefault(host.output, []).append(name)
    ordered = sorted(groups.values(), key=len, reverse=True)
    lines: list[str] = []
    for names in ordered[:SHOWN_GROUPS]:
        if names != [LOCALHOST]:
            lines.append(f"{folded(names)} ({len(names)}):")
        one = hosts[names[0]]
        lines += first_lines(one.excerpt, one.lines, SHOWN_LINES)
    if len(ordered) > SHOWN_GROUPS:
        lines.append(f"… {len(ordered) - SHOWN_GROUPS} more different outputs")
    return lines


def first_lines(excerpt: str, number: int, limit: int) -> list[str]:
    """Return an excerpt as lines behind a bar, at most so many, and how many more of `number` follow.

    `number` is 0 when the excerpt is all there is.
    """
    return [f"  | {line}" for line in beginning(clean(excerpt), number, limit)]


def beginning(text: str, number: int, limit: int) -> list[str]:
    """Return the first lines of a clean text, at most so many, and how many more of `number` follow.

    `number` is 0 when the text is all there is.
    """
    shown = text.splitlines()
    if number and shown[-1:] == ["…"]:
        shown.pop()
    more = (number or len(shown)) - len(shown[:limit])
    return [*shown[:limit], f"… {many(more, 'more line')}"] if more > 0 else shown[:limit]


def first_cut(hosts: Mapping[str, HostRun]) -> str:
    """Return a host of which `grouped` does not tell all, or nothing."""
    found = (name for name, host in hosts.items() if host.lines or host.excerpt.count("\n") >= SHOWN_LINES)
    return next(found, "")


def unkept(record: Mapping[str, Any]) -> str:
    """Return what a gap record tells; no bytes where nobody knows how many."""
    host, count = clean_line(record["host"]), int(record["bytes"])
    return f"{count:,} bytes of {host} are not kept" if count else f"what {host} printed could not be kept"


def folded(names: Sequence[str]) -> str:
    """Return host names folded for one line."""
    return clean_line(fold(names))


def hosts_of(names: Sequence[str]) -> str:
    """Return `this machine`, `cp07`, or `3 hosts, cp[07-09]`."""
    if list(names) == [LOCALHOST]:
        return "this machine"
    return folded(names) if len(names) == 1 else f"{len(names)} hosts, {folded(names)}"


def span(nanoseconds: int) -> str:
    """Return a duration for a person: `0.4 s`, `12 s`, `3 min 05 s`, `2 h 04 min`."""
    seconds = nanoseconds / 1e9
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{int(seconds) // 60} min {int(seconds) % 60:02d} s"
    return f"{int(seconds) // 3600} h {int(seconds) % 3600 // 60:02d} min"
