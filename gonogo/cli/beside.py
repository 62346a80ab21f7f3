"""Two runs for the compare screen, which knows no reports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gonogo.report.collect import read_summary
from gonogo.report.compare import Pair, compare
from gonogo.report.forms.comparison import about, facts
from gonogo.report.names import Names
from gonogo.report.phrases import counts_of, group_head, once_failed, result_word
from gonogo.report.summary import StepSummary, Summary
from gonogo.tui.beside import Beside, Came, Side, Twin

FAILURES = 12
"""Reasons that are told of one step in one run."""


def beside(first: Path, second: Path) -> Beside:
    """Read two runs and put them beside each other; raise GonogoError when one cannot be read."""
    one, two = read_summary(first), read_summary(second)
    found = compare(one, two)
    names = Names()
    twins = tuple(_twin(pair, names) for pair in found.pairs)
    return Beside(two.title, (_side(one), _side(two)), tuple(facts(found)), twins)


def _side(summary: Summary) -> Side:
    result = result_word(summary)
    return Side(summary.run, about(summary).removeprefix(result).strip(), result, summary.damage)


def _twin(pair: Pair, names: Names) -> Twin:
    first, second = (_came(step, names) if step else None for step in (pair.first, pair.second))
    return Twin(pair.id, pair.title, first, second, pair.mark, pair.script, pair.output)


def _came(step: StepSummary, names: Names) -> Came:
    failed = once_failed(step)
    hosts = counts_of(step) + (f", {failed:,} failed on the way" if failed else "")
    return Came(
        result=step.result,
        took=step.took,
        hosts=hosts,
        batches=tuple(batch.took for batch in step.batches),
        failures=tuple(_failures(step, names)),
        printed=tuple(_printed(step, names)),
    )


def _failures(step: StepSummary, names: Names) -> Iterator[str]:
    groups = [group for attempt in step.attempts for group in attempt.failed]
    for group in groups[:FAILURES]:
        yield group_head(group, names.of(group.hosts))
    if len(groups) > FAILURES:
        yield f"… and {len(groups) - FAILURES} more reasons"


def _printed(step: StepSummary, names: Names) -> Iterator[tuple[str, str]]:
    """Yield what hosts printed in the last attempt at the step's own script in each batch."""
    for batch in step.batches:
        own = [attempt for attempt in batch.attempts if attempt.phase == "run" and attempt.printed]
        for group in own[-1].printed if own else ():
            among = batch.hosts if len(step.batches) == 1 else ()
            yield names.of(group.hosts, among), group.text
