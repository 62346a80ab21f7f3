"""What one attempt came to: failures and outputs, each once with its hosts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import replace

from gonogo.run.state import BAD, HostRun, TurnState
from gonogo.text import clean, clean_bytes, clean_line
from gonogo.trail.output import OutputReader, output_path

from .summary import Attempt, Group, StepSummary, Summary, When

GROUPS = 12
"""Groups of each kind that are kept of an attempt."""
FAILED_ATTEMPTS = 200
"""Attempts whose output files are read for what failed hosts printed last."""
SCANNED = 64 << 20
"""Bytes of one output file that are looked through."""
LINES = 25
"""Lines of it."""
TAIL = 4 << 10
"""Bytes that are told of what a failed host printed, its last ones: that is where the reason stands."""


def attempt_of(begun: Attempt, turn: TurnState, ended: When | None) -> Attempt:
    """Return an attempt with what its hosts came to, as the turn has it at the attempt's end."""
    mine = {
        name: host for name, host in turn.hosts.items() if host.attempt == begun.number and not host.carried
    }
    counts: dict[str, int] = {}
    for host in mine.values():
        counts[host.state.value] = counts.get(host.state.value, 0) + 1
    failed = _alike({name: host for name, host in mine.items() if host.state in BAD}, failed=True)
    printed = _alike({name: host for name, host in mine.items() if host.excerpt}, failed=False)
    return replace(
        begun,
        ended=ended,
        counts=counts,
        failed=tuple(_group(names, mine) for names in failed[:GROUPS]),
        printed=tuple(_group(names, mine) for names in printed[:GROUPS]),
        more=max(len(failed) - GROUPS, 0) + max(len(printed) - GROUPS, 0),
    )


def _alike(hosts: Mapping[str, HostRun], *, failed: bool) -> list[list[str]]:
    """Return the names of hosts that fared alike together, most first."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, host in hosts.items():
        key = (host.state.value, host.why, host.output) if failed else (host.output,)
        groups.setdefault(key, []).append(name)
    return sorted(groups.values(), key=len, reverse=True)


def _group(names: list[str], hosts: Mapping[str, HostRun]) -> Group:
    like = hosts[names[0]]
    return Group(
        like.state.value,
        clean_line(like.why),
        tuple(clean_line(name) for name in names),
        clean(like.excerpt),
        like.lines,
    )


def with_ends(run: Path, summary: Summary) -> Summary:
    """Return the summary with what failed hosts printed last, where the run's output is still kept."""
    left = FAILED_ATTEMPTS
    steps = []
    for step in summary.steps:
        failed = sum(bool(attempt.failed) for attempt in step.attempts)
        steps.append(_step_with_ends(run, step) if failed and left > 0 else step)
        left -= failed
    return replace(summary, steps=tuple(steps))


def _step_with_ends(run: Path, step: StepSummary) -> StepSummary:
    batches = []
    for batch in step.batches:
        attempts = tuple(
            _attempt_with_ends(run, batch.turn, one) if one.failed else one for one in batch.attempts
        )
        batches.append(replace(batch, attempts=attempts))
    return replace(step, batches=tuple(batches))


def _attempt_with_ends(run: Path, turn: int, attempt: Attempt) -> Attempt:
    ends = _ends(run, turn, attempt.number, {group.hosts[0] for group in attempt.failed})
    failed = (
        replace(group, text=end, lines=0) if (end := ends.get(group.hosts[0])) else group
        for group in attempt.failed
    )
    return replace(attempt, failed=tuple(failed))


def _ends(run: Path, turn: int, attempt: int, hosts: set[str]) -> dict[str, str]:
    """Return what these hosts printed last; nothing for those whose output is not there."""
    kept: dict[str, bytes] = {}
    cut: set[str] = set()
    for chunk in OutputReader(output_path(run, turn, attempt)).more(SCANNED):
        if chunk.host in hosts:
            data = kept.get(chunk.host, b"") + chunk.data
            if len(data) > TAIL:
                cut.add(chunk.host)
            kept[chunk.host] = data[-TAIL:]
    return {host: _last_lines(clean_bytes(data).rstrip(), cut=host in cut) for host, data in kept.items()}


def _last_lines(text: str, *, cut: bool) -> str:
    """Return the last LINES lines, behind a mark where there were others."""
    lines = text.splitlines()
    if cut or len(lines) > LINES:
        return "\n".join(["…", *lines[-LINES:]])
    return text
