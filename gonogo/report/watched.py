"""What looked on while a run went: monitors with their course, and rounds of the test plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gonogo.run.monitors import RANK, Bucket, Level, Series, thresholds
from gonogo.run.rounds import Compared, Result, TestRound
from gonogo.run.state import RunState
from gonogo.text import clean, clean_line, many

from .lookouts import number
from .names import named
from .summary import Round, Tested, Watched, When

BLOCKS = "▁▂▃▄▅▆▇█"
GAP = "·"
"""Where there was no number."""
NEAR = 4
"""A limit is drawn up to so many times the highest number: one far off would press the course flat."""


def watched_of(state: RunState) -> tuple[Watched, ...]:
    """Return the monitors of the run's plan that were looked at, in its order."""
    found = []
    for one in state.plan.monitors:
        series = state.monitors.get(one.name)
        if series is not None:
            hosts = tuple(clean_line(host) for host in one.hosts)
            options, unit = one.monitor.step.options, clean_line(one.monitor.unit)
            every = options.every or 0.0
            found.append(Watched(clean_line(one.name), named(hosts), every, unit, one.monitor.limits, series))
    return tuple(found)


def rounds_of(state: RunState, begun: Mapping[int, When]) -> tuple[Round, ...]:
    """Return the rounds of the test plan; `begun` says when each was asked for."""
    return tuple(_round(one, begun[one.number]) for one in state.rounds if one.number in begun)


def _round(one: TestRound, began: When) -> Round:
    return Round(
        number=one.number,
        by=clean_line(one.by),
        began=began,
        took=None if one.ended is None else one.ended - one.began,
        against=clean_line(one.against),
        told=clean_line(one.told()),
        broken=clean_line(one.broken),
        results=tuple(tested(result) for result in one.results),
    )


def tested(one: Result) -> Tested:
    """Return a test's result as a report tells it."""
    return Tested(
        id=clean_line(one.step),
        title=clean_line(one.title),
        passed=one.passed,
        compared="" if one.compared is None else one.compared.value,
        difference=clean_line(one.difference),
        counts={clean_line(state): number for state, number in one.counts.items()},
        failed=tuple((clean_line(host), clean_line(why)) for host, why in one.bad),
        text=clean(one.excerpt),
    )


def course(series: Series, columns: int) -> list[Bucket]:
    """Return the whole course in at most so many buckets."""
    size = max(-(-len(series.buckets) // columns), 1)
    return [_together(series.buckets[at : at + size]) for at in range(0, len(series.buckets), size)]


def _together(buckets: Sequence[Bucket]) -> Bucket:
    whole = buckets[0]
    for one in buckets[1:]:
        whole = whole.with_(one)
    return whole


def reach(one: Watched) -> tuple[float, float]:
    """Return the lowest and the highest number that is drawn: with zero, and with the limits near by."""
    least, most = one.series.least, one.series.most
    low, high = min(0.0, least or 0.0), max(0.0, most or 0.0)
    for value, _, _ in thresholds(one.limits):
        if most is None or value <= NEAR * high:
            high = max(high, value)
        low = min(low, value)
    return (low, high) if high / 2 > low / 2 else (low, low + 1.0)


def share(value: float, low: float, high: float) -> float:
    """Return where a number stands between two others, 0 to 1; halves, as a difference can be too large."""
    return max(0.0, min((value / 2 - low / 2) / (high / 2 - low / 2), 1.0))


def spark(one: Watched, columns: int = 40) -> str:
    """Return the course as a line of blocks, each as high as the highest number in it."""
    low, high = reach(one)
    blocks = []
    for bucket in course(one.series, columns):
        if bucket.most is None:
            blocks.append(GAP)
        else:
            at = int(share(bucket.most, low, high) * len(BLOCKS))
            blocks.append(BLOCKS[min(at, len(BLOCKS) - 1)])
    return "".join(blocks)


def span_text(one: Watched) -> str:
    """Return `0.08 to 0.9 s`, and whether a number was missing."""
    return f"{_span(one)}, at times without a number" if one.series.failing else _span(one)


def _span(one: Watched) -> str:
    least, most = one.series.least, one.series.most
    return number(least, one.unit) if least == most else f"{number(least)} to {number(most, one.unit)}"


def course_text(one: Watched) -> str:
    """Return `0.08 to 0.9 s in 123 samples, 2 without a number`."""
    missing = f", {one.series.failing:,} without a number" if one.series.failing else ""
    return f"{_span(one)} in {many(one.series.count, 'sample')}{missing}"


def worst(one: Watched) -> Level:
    """Return the worst that any sample came to."""
    return max((bucket.level for bucket in one.series.buckets), key=RANK.__getitem__, default=Level.OK)


def alarms(watched: Sequence[Watched], rounds: Sequence[Round]) -> Iterator[str]:
    """Yield what monitors and tests say went wrong, a sentence each."""
    for one in watched:
        if (came := worst(one)) in (Level.ALARM, Level.FAILING):
            what = "was in alarm" if came is Level.ALARM else "gave no number at times"
            yield f"Monitor {one.name} {what}: {course_text(one)}"
    for told in rounds:
        bad = [test.title for test in told.results if test.compared == Compared.NEWLY_FAILING]
        if bad:
            yield f"Tests, round {told.number}: newly failing: {', '.join(bad)}"


def verdict(test: Tested) -> str:
    """Return a test's result in one word or two: how it compares, or whether it passed."""
    if test.passed is None:
        return "not ended"
    if test.compared in ("", Compared.FIRST):
        return "ok" if test.passed else "failed"
    return test.compared if test.compared != Compared.SAME else "same" if test.passed else "still failing"


def differences(test: Tested) -> str:
    """Return which hosts are not well and why, hosts with one reason together, and what differs."""
    why: dict[str, list[str]] = {}
    for host, reason in test.failed:
        why.setdefault(reason, []).append(host)
    words = [f"{named(tuple(hosts))}: {reason}" for reason, hosts in why.items()]
    return "; ".join([*words, *([test.difference] if test.difference else [])])
