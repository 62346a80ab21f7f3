"""JUnit XML, for pipelines: a section is a suite, a step is a test case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby

from gonogo.report.names import Names
from gonogo.report.summary import Group, StepSummary, Summary

FAILED = frozenset({"failed", "rolled-back", "left-out"})
SKIPPED = frozenset({"skipped", "not-needed", "not-reached", "replaced", "unfinished"})
_TEXT = 4_000
"""Characters of output in one test case."""


def render(summary: Summary) -> Iterator[str]:
    """Yield the document. It fails where a step or a host of it failed and was not made good."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    names = Names()
    failed = sum(_failed(step) for step in summary.steps)
    yield (
        f'<testsuites name="{_text(summary.title)}" tests="{len(summary.steps)}" failures="{failed}" '
        f'time="{summary.took / 1e9:.3f}">\n'
    )
    for titles, steps in groupby(summary.steps, key=lambda step: step.sections):
        yield from _suite(summary, " / ".join(titles) or summary.title, list(steps), names)
    yield "</testsuites>\n"


def _suite(summary: Summary, name: str, steps: Sequence[StepSummary], names: Names) -> Iterator[str]:
    skipped = sum(step.result in SKIPPED for step in steps)
    began = next((step.began.utc for step in steps if step.began), summary.began.utc)
    yield (
        f' <testsuite name="{_text(name)}" tests="{len(steps)}" failures="{sum(map(_failed, steps))}" '
        f'errors="0" skipped="{skipped}" time="{sum(step.took for step in steps) / 1e9:.3f}" '
        f'timestamp="{_text(began[:19])}">\n'
    )
    for step in steps:
        yield from _case(name, step, names)
    yield " </testsuite>\n"


def _case(suite: str, step: StepSummary, names: Names) -> Iterator[str]:
    yield (
        f'  <testcase classname="{_text(suite)}" name="{_text(step.title)}" time="{step.took / 1e9:.3f}">\n'
    )
    words = ", ".join(f"{number} {state}" for state, number in step.counts().items()) or step.result
    if _failed(step):
        told = _told((group for attempt in step.attempts for group in attempt.failed), names)
        yield f'   <failure type="{_text(step.result)}" message="{_text(words)}">'
        yield f"{_text(told)}</failure>\n"
    elif step.result in SKIPPED:
        yield f'   <skipped message="{_text(step.result)}"/>\n'
    if told := _told((group for attempt in step.attempts for group in attempt.printed), names):
        yield f"   <system-out>{_text(told)}</system-out>\n"
    yield "  </testcase>\n"


def _failed(step: StepSummary) -> bool:
    """Whether the step failed, or hosts were left out because they failed in it."""
    if step.result in FAILED:
        return True
    own = {host for attempt in step.attempts for group in attempt.failed for host in group.hosts}
    ends = step.ends()
    return any(host in ends and ends[host].state == "left-out" for host in own)


def _told(groups: Iterable[Group], names: Names) -> str:
    """Return what hosts came to and printed, as much as there is room for."""
    lines: list[str] = []
    left = _TEXT
    for group in groups:
        if left <= 0:
            lines.append("…")
            break
        why = f": {group.why}" if group.why else ""
        lines.append(f"{names.of(group.hosts)} {group.state}{why}\n{group.text}"[:left])
        left -= len(lines[-1])
    return "\n".join(lines)


def _text(text: str) -> str:
    """Escape; what XML 1.0 cannot hold at all becomes a question mark."""
    kept = text.replace("\ufffe", "?").replace("\uffff", "?")
    return escape(kept.encode("utf-8", "replace").decode())
