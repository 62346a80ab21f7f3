"""Words that several forms of a report share."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from gonogo.text import many

from .names import named
from .outputs import span
from .summary import Attempt, Decided, Expected, Group, Outage, StepSummary, Summary
from .times import clock

RESULTS = {"go": "GO", "no-go": "NO-GO", "aborted": "ABORTED", "open": "NOT OVER"}
"""What a run's result is called."""
DIFFERENCE = 40
"""Lines of a difference between two outputs."""


def result_word(summary: Summary) -> str:
    """Return `GO`, `NO-GO`, `ABORTED` or `NOT OVER`."""
    return RESULTS.get(summary.result, summary.result)


def headline(summary: Summary) -> str:
    """Return one sentence about the whole run."""
    steps = len(summary.steps)
    done = sum(step.result in ("ok", "warn", "by-hand") for step in summary.steps)
    waited = f", of which {span(summary.waited)} waiting for people" if summary.waited >= 10**9 else ""
    hosts = many(len(summary.hosts), "host") if summary.hosts else "this machine"
    return f"{done} of {many(steps, 'step')} done on {hosts} in {span(summary.took)}{waited}"


def counts_of(step: StepSummary) -> str:
    """Return `38 ok, 2 failed`."""
    return ", ".join(f"{number:,} {state}" for state, number in step.counts().items())


def once_failed(step: StepSummary) -> int:
    """Return how many hosts failed in it that are no longer counted as such."""
    failed = {host for attempt in step.attempts for group in attempt.failed for host in group.hosts}
    ends = step.ends()
    return sum(
        host in ends and ends[host].state in ("ok", "warn", "by-hand", "rolled-back") for host in failed
    )


def group_head(group: Group, names: str) -> str:
    """Return `3 hosts, cp[07-09]: failed: exit code 1`."""
    why = f": {group.why}" if group.why else ""
    return f"{names}: {group.state}{why}"


def place(step: StepSummary) -> str:
    """Return a step's number and title; `before` for one of an older text of the runbook."""
    return f"{step.number or 'before'}. {step.title}"


def outage_text(outage: Outage) -> str:
    """Return how long a service was away."""
    return span(outage.ended.ns - outage.began.ns) if outage.ended else "it has not ended"


def still_away(summary: Summary) -> list[str]:
    """Return services that were not brought back, a sentence each."""
    more = "" if summary.result == "open" else ": it was not brought back"
    return [
        f"{one.service} is away since {clock(one.began)}{more}"
        for one in summary.outages
        if one.ended is None
    ]


def outages_in_all(summary: Summary) -> dict[str, str]:
    """Return how long each service was away in all, for those that were away more than once."""
    lengths: dict[str, list[int]] = {}
    for one in summary.outages:
        if one.ended:
            lengths.setdefault(one.service, []).append(one.ended.ns - one.began.ns)
    return {name: span(sum(found)) for name, found in lengths.items() if len(found) > 1}


def expected_text(expected: Expected | None) -> str:
    """Return `2.1 s to 3.4 s, usually 2.2 s (4 runs)`."""
    if expected is None:
        return ""
    runs = many(expected.runs, "run")
    if span(expected.least) == span(expected.most):
        return f"{span(expected.usual)} ({runs})"
    return f"{span(expected.least)} to {span(expected.most)}, usually {span(expected.usual)} ({runs})"


def answer_text(one: Decided) -> str:
    """Return the answer with what it was narrowed to."""
    if not one.answer:
        return "no answer"
    value = f" = {one.value}" if one.value else ""
    hosts = f" for {named(one.hosts)}" if one.hosts else ""
    return f"{one.answer}{value}{hosts}"


def difference(usual: str, odd: str) -> list[str]:
    """Return how an output differs from the most common one, as lines of a unified difference."""
    before, after = usual.splitlines()[:200], odd.splitlines()[:200]
    lines = list(difflib.unified_diff(before, after, lineterm="", n=1))[2:]
    more = [f"… {len(lines) - DIFFERENCE} more lines"] if len(lines) > DIFFERENCE else []
    return lines[:DIFFERENCE] + more


def oddness(usual: Group, odd: Group) -> list[str]:
    """Return how hosts' output differs from the most common one, as far as both are told."""
    return difference(usual.text, odd.text) or ["… no difference in what is told here"]


def failing(summary: Summary) -> Iterator[tuple[StepSummary, int, Attempt]]:
    """Yield each attempt in which hosts failed, with its step and batch."""
    for step in summary.steps:
        for batch in step.batches:
            for attempt in batch.attempts:
                if attempt.failed:
                    yield step, batch.number, attempt


def took(step: StepSummary) -> str:
    """Return how long a step took, `12 s`, or `×3 12 s` where a batch of it ran three times."""
    return f"×{step.tries} {span(step.took)}" if step.tries > 1 else span(step.took)


def outcome(step: StepSummary, attempt: Attempt) -> str:
    """Return what became of an attempt's failed hosts in the end."""
    ends = step.ends()
    found: dict[str, list[str]] = {}
    for host in (host for group in attempt.failed for host in group.hosts):
        if host in ends:
            found.setdefault(ends[host].state, []).append(host)
    if len(found) == 1:
        return f"in the end: {next(iter(found))}"
    return "in the end: " + ", ".join(f"{named(tuple(hosts))} {state}" for state, hosts in found.items())
