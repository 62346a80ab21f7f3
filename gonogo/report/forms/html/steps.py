"""Each step with its command, its hosts and what they printed, folded away until it is wanted."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.report.markup import Markup, tag
from gonogo.report.names import Names
from gonogo.report.outputs import beginning, span
from gonogo.report.phrases import counts_of, expected_text, group_head, oddness, once_failed, outcome, took
from gonogo.report.summary import Attempt, Batch, Expected, StepSummary, Summary
from gonogo.report.times import clock

from .tones import badge

STEPS = 3_000
"""Steps that are told."""
ATTEMPTS = 40
"""Attempts of one batch that are told."""
LINES = 30
"""Lines of one output."""
TEXT = 6_000
"""Characters of one output."""


class Budget:
    """How many characters of scripts and outputs the page still takes: it stays mailable, whatever ran."""

    def __init__(self, left: int = 1_500_000) -> None:
        self._left = left
        self.names = Names()

    @property
    def spent(self) -> bool:
        """Whether nothing more is quoted."""
        return self._left <= 0

    def take(self, text: str, number: int = 0) -> str:
        """Return a text, cut to LINES, with a word about what is missing.

        `number` is how many lines all of it has, where the text is its beginning; else 0.
        """
        if self.spent:
            return "… not shown here: the page would grow too large. `gonogo report --to json` has it."
        told = "\n".join(beginning(text, number, LINES))
        kept = f"{told[:TEXT]}…" if len(told) > TEXT else told
        self._left -= len(kept)
        return kept


def steps(summary: Summary, budget: Budget) -> Iterator[Markup]:
    """Yield the section, step by step."""
    yield tag("h2", "Steps")
    above: tuple[str, ...] = ()
    for step in summary.steps[:STEPS]:
        if step.sections != above and step.sections:
            yield tag("h3", " › ".join(step.sections))
        above = step.sections
        yield _step(step, summary.expected.get(step.id), budget)
    if len(summary.steps) > STEPS:
        yield tag("p", f"… and {len(summary.steps) - STEPS} more steps.", cls="soft")


def _step(step: StepSummary, expected: Expected | None, budget: Budget) -> Markup:
    line = tag(
        "summary",
        tag("span", str(step.number or "–"), cls="n num"),
        tag("span", step.title),
        badge(step.result),
        tag("span", " · ".join(_meta(step, expected)), cls="meta"),
    )
    name = f"step-{step.number}" if step.number else None
    inside = tag("div", list(_inside(step, budget)), cls="inside")
    return tag("details", line, inside, id_=name)


def _meta(step: StepSummary, expected: Expected | None) -> Iterator[str]:
    if step.began:
        yield clock(step.began)
    if counts := counts_of(step):
        yield counts
    if failed := once_failed(step):
        yield f"{failed:,} failed on the way"
    if step.took:
        yield f"took {took(step)}"
    if len(step.batches) > 1:
        yield f"{len(step.batches)} batches"
    if step.edited:
        yield "command edited by the operator"
    if expected:
        yield f"earlier {expected_text(expected)}"


def _inside(step: StepSummary, budget: Budget) -> Iterator[Markup]:
    if step.script:
        yield tag("pre", budget.take(step.script))
    for batch in step.batches:
        yield from _batch(step, batch, budget)


def _batch(step: StepSummary, batch: Batch, budget: Budget) -> Iterator[Markup]:
    for attempt in batch.attempts[:ATTEMPTS]:
        words = [f"batch {batch.number}"] if len(step.batches) > 1 else []
        words += [attempt.phase] if attempt.phase != "run" else []
        words += [f"attempt {attempt.number}"] if attempt.number > 1 else []
        counts = ", ".join(f"{number:,} {state}" for state, number in attempt.counts.items())
        head = f"{clock(attempt.began)} {', '.join(words)} {counts or 'not heard of'}, {span(attempt.took)}"
        yield tag("p", head, cls="soft small num")
        yield from printed(step, batch, attempt, budget)
    if len(batch.attempts) > ATTEMPTS:
        yield tag("p", f"… {len(batch.attempts) - ATTEMPTS} more attempts", cls="soft small")


def printed(step: StepSummary, batch: Batch, attempt: Attempt, budget: Budget) -> Iterator[Markup]:
    """Yield an attempt's failures and outputs; what is not the most common one as a difference from it."""
    if budget.spent:
        yield tag("p", "Outputs are not shown here: the page would grow too large.", cls="soft small")
        return
    failed = {host for group in attempt.failed for host in group.hosts}
    for group in attempt.failed:
        head = group_head(group, budget.names.of(group.hosts, batch.hosts))
        yield tag("p", head, " ", tag("span", outcome(step, attempt), cls="soft"), cls="small t-bad")
        if group.text:
            yield tag("pre", budget.take(group.text, group.lines))
    for group in attempt.printed:
        if group.hosts[0] in failed:
            continue
        usual = attempt.printed[0]
        odd = group is not usual and len(usual.hosts) > 1
        yield tag("p", budget.names.of(group.hosts, batch.hosts), " (differs)" if odd else "", cls="small")
        told, number = ("\n".join(oddness(usual, group)), 0) if odd else (group.text, group.lines)
        yield tag("pre", budget.take(told, number))
    if attempt.more:
        yield tag("p", f"… and {attempt.more} more different outcomes", cls="soft small")
