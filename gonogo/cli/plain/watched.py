"""What looks on while a run goes, told in words: monitors with their course, rounds of the test plan."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.errors import RunError
from gonogo.report.lookouts import limits_text, number
from gonogo.report.names import named
from gonogo.report.outputs import span
from gonogo.report.summary import Watched
from gonogo.report.watched import course_text, differences, tested, verdict, watched_of
from gonogo.run.monitors import Level, Series
from gonogo.run.rounds import TestRound
from gonogo.run.state import RunState
from gonogo.text import clean_line, many
from gonogo.tui.symbols import LEVELS
from gonogo.tui.words import clock, limit

LATELY = 8
"""Latest numbers of a monitor that are told one by one."""


def monitors(state: RunState, now: int) -> Iterator[str]:
    """Yield each monitor: its number now and where it stands, its limits, its course in numbers.

    `now` is nanoseconds since the run began.
    """
    known = {one.name: one for one in watched_of(state)}
    for planned in state.plan.monitors:
        name, found = clean_line(planned.name), planned.monitor
        one = known.get(name)
        last = one.series.last if one else None
        if one is None or last is None:
            yield f"{name}: no number yet"
        else:
            value = number(last.value, one.unit) if last.value is not None else "no number"
            yield f"{name}: {value}, {_stands(one.series, now)}"
        limits = limits_text(found.limits, clean_line(found.unit)) or "no limits"
        every = limit(found.step.options.every or 0)
        yield f"   {limits}; every {every} on {clean_line(named(planned.hosts))}"
        if one is not None and last is not None:
            yield from (f"   {line}" for line in _course(one))
    if not state.plan.monitors:
        yield "This runbook has no monitors."


def _stands(series: Series, now: int) -> str:
    look = LEVELS[series.level].word
    rang = f", rang {many(series.rang, 'time')}" if series.rang else ""
    return f"{look} for {span(max(now - series.since, 0))}{rang}"


def _course(one: Watched) -> Iterator[str]:
    series = one.series
    if series.least is not None:
        yield course_text(one)
    told = [number(each.value) if each.value is not None else "none" for each in series.recent[-LATELY:]]
    yield f"lately, the last one now: {' '.join(told)}"
    if series.recent[-1].why and series.recent[-1].level is Level.FAILING:
        yield f"why: {clean_line(series.recent[-1].why)}"


def rounds(state: RunState, wanted: str) -> Iterator[str]:
    """Yield every round of the test plan in a line; then each test of one, the last if none is wanted."""
    if not state.rounds:
        yield "The test plan was not run yet." if state.plan.tests else "This runbook has no test plan."
        return
    asked_for = (one for one in state.rounds if str(one.number) == wanted)
    chosen = next(asked_for, None) if wanted else state.rounds[-1]
    if chosen is None:
        raise RunError(f"there is no round {clean_line(wanted)[:80]!r}", "`rounds` lists them.")
    for one in state.rounds:
        base = ", the baseline" if state.baseline == one.number else ""
        yield f"{clock(one.began)} {clean_line(one.told())}{base}"
    yield from _results(chosen)


def _results(one: TestRound) -> Iterator[str]:
    """Yield a round's tests by number, each with its result by a word, and what is not as it should be."""
    yield f"round {one.number} by {clean_line(one.by)}:"
    for place, result in enumerate(map(tested, one.results), 1):
        yield f"   {place}. {verdict(result)}: {result.title}"
        if told := differences(result):
            yield f"      {told}"
