"""A run's monitors in the status line, on their own page, and before the first go. No toolkit in here."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.hosts.here import LOCALHOST
from gonogo.run.monitors import RANK, Level, Series, thresholds
from gonogo.run.plan import PlannedMonitor
from gonogo.run.state import RunState
from gonogo.text import clean_line, many

from .lines import Line, Span, clip, span, width, wrap
from .projection import folded
from .spark import chart, course, limit_label, number, recent, spark
from .symbols import LEVELS
from .words import clock, duration, limit

NAMED = 24
"""Cells of a monitor's name in the status line."""
DRAWN = 12
"""Cells of its course there, where there is room; none where there is not."""
ROWS = 8
"""Lines of a chart."""
AXIS = 9
"""Cells before a chart's columns."""
_NONE = Series()


def value_of(monitor: PlannedMonitor, series: Series) -> Span:
    """Return the latest number with its unit and the sign of where the monitor stands."""
    last = series.last
    look = LEVELS[series.level]
    if last is None:
        return "· no number yet", "dim"
    if last.value is None:
        return f"{LEVELS[Level.FAILING].symbol} no number", LEVELS[Level.FAILING].style
    unit = f" {clean_line(monitor.monitor.unit)}" if monitor.monitor.unit else ""
    return f"{look.symbol} {number(last.value)}{unit}", look.style if series.level is not Level.OK else ""


def strip(state: RunState, cells: int) -> Line:
    """Return all monitors in one line of so many cells; the worst ones are never those that are left out."""
    for drawn, named in ((DRAWN, NAMED), (DRAWN // 2, NAMED), (0, NAMED), (0, 10)):
        parts = [_part(one, state.monitors.get(one.name, _NONE), drawn, named) for one in state.plan.monitors]
        if sum(width(part) for part in parts) + 3 * len(parts) <= cells:
            return _joined(parts)
    return _worst(state, cells)


def _part(monitor: PlannedMonitor, series: Series, drawn: int, named: int) -> Line:
    name = span(clip(monitor.name, named), "dim")
    course = [*spark(recent(series, drawn), drawn, monitor.monitor.limits), (" ", "")] if drawn else []
    return (name, (" ", ""), *course, value_of(monitor, series))


def _joined(parts: list[Line]) -> Line:
    spans: list[Span] = [(" ", "")]
    for at, part in enumerate(parts):
        spans += [("   ", "")] if at else []
        spans += part
    return tuple(spans)


def _worst(state: RunState, cells: int) -> Line:
    """Return as many monitors as fit, the worst first, and how many others there are."""
    ranked = sorted(state.plan.monitors, key=lambda one: -RANK[state.monitors.get(one.name, _NONE).level])
    parts: list[Line] = []
    for one in ranked:
        part = _part(one, state.monitors.get(one.name, _NONE), 0, 10)
        if sum(width(known) + 3 for known in parts) + width(part) + len(" +99 ") > cells:
            break
        parts.append(part)
    rest = len(ranked) - len(parts)
    return (*_joined(parts), (f"   +{rest}", "dim"))


def _columns(state: RunState, cells: int) -> int:
    """Return the columns that every chart has beside its numbers and the words at its thresholds."""
    found = (beyond for one in state.plan.monitors for beyond in thresholds(one.monitor.limits))
    named = max((len(limit_label(words, value)) for value, words, _ in found), default=0)
    return max(min(cells - AXIS - named - 1, 400), 10)


def monitors_page(state: RunState, cells: int, now: int, *, whole: bool) -> list[Line]:
    """Return every monitor with its chart: of the whole course, or of the latest samples."""
    lines: list[Line] = []
    columns = _columns(state, cells)
    for one in state.plan.monitors:
        series, watched = state.monitors.get(one.name, _NONE), one.monitor
        lines.append((span(one.name, "section"), ("  ", ""), value_of(one, series), *_since(series, now)))
        if series.count:
            lines += chart(series, watched.limits, columns, ROWS, whole=whole)
            lines.append(_range(series, columns, now, whole=whole))
            lines += _why(series)
        lines += [*wrap(_about(one), cells, " " * AXIS), ()]
    return lines[:-1] or [(("This runbook has no monitors.", "dim"),)]


def _since(series: Series, now: int) -> Iterator[Span]:
    if series.count and series.since:
        look = LEVELS[series.level]
        yield f"  {look.word} for {duration(now - series.since)}", look.style
    if series.rang:
        yield f"  rang {many(series.rang, 'time')}", "dim"


def _range(series: Series, columns: int, now: int, *, whole: bool) -> Line:
    """Return the line under a chart: from when to when."""
    begin = series.buckets[0].begin if whole else series.recent[-columns:][0].at
    end = series.recent[-1].at
    drawn = len(course(series, columns) if whole else recent(series, columns))
    left, right = clock(begin), f"{clock(end)}, {duration(max(now - end, 0))} ago"
    return (
        (" " * AXIS, ""),
        (left, "dim"),
        (" " * max(drawn - len(left) - len(right), 2), ""),
        (right, "dim"),
    )


def _why(series: Series) -> list[Line]:
    last = series.last
    return [((" " * AXIS, ""), span(last.why, "bad"))] if last is not None and last.why else []


def _about(monitor: PlannedMonitor) -> Line:
    """Return how a monitor looks, and where it rings."""
    found, step = monitor.monitor, monitor.monitor.step
    unit = f" {clean_line(found.unit)}" if found.unit else ""
    rings = ", ".join(f"{words} {number(value)}{unit}" for value, words, _ in thresholds(found.limits))
    every = f"every {limit(step.options.every or 0)} on {_where(monitor)}"
    return ((" " * AXIS, ""), (f"{every}{f' · {rings}' if rings else ''}", "dim"))


def _where(monitor: PlannedMonitor) -> str:
    return "this machine" if monitor.hosts == (LOCALHOST,) else folded(monitor.hosts)


def ahead(state: RunState) -> Iterator[Line]:
    """Yield what will look on while the run goes, for the page before the first go."""
    for one in state.plan.monitors:
        found = one.monitor
        rings = ", ".join(f"{words} {number(value)}" for value, words, _ in thresholds(found.limits))
        every = limit(found.step.options.every or 0)
        tail = f"  every {every} on {_where(one)}" + (f"; {rings}" if rings else "")
        yield (("◷ ", "run"), span(one.name, "title"), span(tail, "dim"))
    if tests := state.plan.tests:
        yield (
            ("⊡ ", "run"),
            (many(len(tests), "test"), "title"),
            ("  at any gate, with ", "dim"),
            ("t", "key"),
        )
