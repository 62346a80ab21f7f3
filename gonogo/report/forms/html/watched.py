"""Monitors as charts on the time line's own axis, and the rounds of the test plan as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from gonogo.report.lookouts import limits_text, number
from gonogo.report.markup import Markup, tag
from gonogo.report.outputs import span
from gonogo.report.scale import Scale
from gonogo.report.summary import Round, Summary, Tested, Watched
from gonogo.report.times import clock
from gonogo.report.watched import (
    course,
    course_text,
    differences,
    reach,
    share,
    verdict,
    worst,
)
from gonogo.run.monitors import Bucket, Level, thresholds
from gonogo.text import many

from .timeline import axis, scale_of
from .tones import badge

CHARTS = 60
"""Monitors that are drawn."""
COLUMNS = 240
"""Points of one chart."""
TALL = 60
"""Units of a chart's height."""
ROUNDS = 20
"""Rounds that have a column: the first one, and the last ones."""
TESTS = 300
"""Tests that have a row."""
TONES = {Level.OK: "ok", Level.WARN: "warn", Level.ALARM: "bad", Level.FAILING: "back"}
"""Which colour a level has; its words stand beside each chart."""


def monitors(summary: Summary) -> Iterator[Markup]:
    """Yield the section of charts."""
    if not summary.watched:
        return
    scale = scale_of(summary)
    yield tag("h2", "Monitors")
    rows = [axis(summary, scale), *(_chart(one, scale) for one in summary.watched[:CHARTS])]
    yield tag("div", rows, _legend(), cls="card")
    if len(summary.watched) > CHARTS:
        yield tag("p", f"… and {len(summary.watched) - CHARTS} more.", cls="soft small")


def _chart(one: Watched, scale: Scale) -> Markup:
    low, high = reach(one)
    found = course(one.series, COLUMNS)
    drawn = [*_beyond(found, scale), *_gaps(found, scale), *_limits(one, low, high)]
    for run in _runs(found):
        drawn += _line(run, scale, low, high)
    words = f"{one.name}: {course_text(one)}"
    view = f"0 0 1000 {TALL}"
    chart = tag(
        "svg", tag("title", words), drawn,
        viewBox=view, preserveAspectRatio="none", cls="chart", role="img", aria_label=words,
    )  # fmt: skip
    ends = tag("div", tag("span", number(high, one.unit)), tag("span", number(low)), cls="ends soft num")
    return tag("div", _label(one), tag("div", chart, ends, cls="plot"), cls="row")


def _label(one: Watched) -> Markup:
    came = worst(one)
    limits = limits_text(one.limits, one.unit)
    words = [course_text(one), *([limits] if limits else [])]
    rang = [f"rang {many(one.series.rang, 'time')}"] if one.series.rang else []
    name = tag("strong", one.name)
    mark = [" ", badge({Level.FAILING: "no number"}.get(came, came.value))] if came is not Level.OK else []
    where = tag("div", f"{one.where}, every {one.every:g} s", cls="soft small")
    return tag("div", name, mark, tag("div", "; ".join(words + rang), cls="small num"), where)


def _x(ns: int, scale: Scale) -> float:
    return scale.at(ns) * 10


def _y(value: float, low: float, high: float) -> float:
    return TALL - 2 - share(value, low, high) * (TALL - 4)


def _runs(found: Sequence[Bucket]) -> Iterator[list[Bucket]]:
    """Yield stretches in which each bucket has a number."""
    run: list[Bucket] = []
    for one in found:
        if one.most is None:
            if run:
                yield run
            run = []
        else:
            run.append(one)
    if run:
        yield run


def _line(run: Sequence[Bucket], scale: Scale, low: float, high: float) -> Iterator[Markup]:
    """Yield the band between the lowest and the highest numbers, and the line of the highest."""
    above, below = [], []
    for one in run:
        for ns in (one.begin, one.end) if one.end > one.begin else (one.begin,):
            above.append(f"{_x(ns, scale):.1f},{_y(one.most or 0.0, low, high):.1f}")
            below.append(f"{_x(ns, scale):.1f},{_y(one.least or 0.0, low, high):.1f}")
    if above != below:
        yield tag("polygon", points=" ".join((*above, *reversed(below))), cls="s-band")
    if len(above) == 1:
        at, y = above[0].split(",")
        above.append(f"{min(float(at) + 2, 1000):.1f},{y}")
    yield tag("polyline", points=" ".join(above), cls="s-line")


def _beyond(found: Sequence[Bucket], scale: Scale) -> Iterator[Markup]:
    """Yield the stretches beyond a limit, behind the line."""
    return _stretches(found, scale, (Level.WARN, Level.ALARM), TALL, "beyond")


def _gaps(found: Sequence[Bucket], scale: Scale) -> Iterator[Markup]:
    """Yield a strip at the bottom where there was no number."""
    return _stretches(found, scale, (Level.FAILING,), 6, "missing")


def _stretches(
    found: Sequence[Bucket], scale: Scale, levels: Sequence[Level], tall: int, cls: str
) -> Iterator[Markup]:
    """Yield a rectangle for neighbours of one level, up to where the next ones begin."""
    for level, run in groupby(enumerate(found), key=lambda pair: pair[1].level):
        if level not in levels:
            continue
        places = [place for place, _ in run]
        behind = found[places[-1] + 1].begin if places[-1] + 1 < len(found) else found[-1].end
        left, right = _x(found[places[0]].begin, scale), _x(behind, scale)
        width = max(right - left, 4.0)
        at = {"x": f"{min(left, 1000 - width):.1f}", "width": f"{width:.1f}"}
        yield tag("rect", y=TALL - tall, height=tall, cls=f"s-{TONES[level]} {cls}", **at)


def _limits(one: Watched, low: float, high: float) -> Iterator[Markup]:
    for value, _, level in thresholds(one.limits):
        if low <= value <= high:
            y = f"{_y(value, low, high):.1f}"
            yield tag("line", x1=0, x2=1000, y1=y, y2=y, cls=f"limit l-{TONES[level]}")


def _legend() -> Markup:
    words = {"warn": "warning", "bad": "alarm", "back": "no number"}
    keys = [
        tag("span", tag("svg", tag("rect", width=11, height=11, rx=2, cls=f"s-{tone}")), word)
        for tone, word in words.items()
    ]
    return tag("div", keys, tag("span", "dashed: limits"), cls="legend")


def tests(summary: Summary) -> Iterator[Markup]:
    """Yield the table of rounds and tests, and under it what differs."""
    if not summary.rounds:
        return
    yield tag("h2", "Tests")
    shown = _shown(summary.rounds)
    if len(shown) < len(summary.rounds):
        words = f"The first and the last {ROUNDS - 1} of {len(summary.rounds)} rounds."
        yield tag("p", words, cls="soft small")
    yield tag("div", tag("table", _table(shown)), cls="card scroll")
    items = [tag("li", f"{clock(one.began)} by {one.by}: {one.told}", _differences(one)) for one in shown]
    yield tag("ul", items, cls="small")


def _shown(rounds: Sequence[Round]) -> Sequence[Round]:
    return rounds if len(rounds) <= ROUNDS else (rounds[0], *rounds[-ROUNDS + 1 :])


def _table(rounds: Sequence[Round]) -> Iterator[Markup]:
    heads = [tag("th", f"{one.number}", tag("div", clock(one.began), cls="soft num")) for one in rounds]
    yield tag("tr", tag("th", "Test"), heads)
    names = dict.fromkeys((test.id, test.title) for one in rounds for test in one.results)
    known = [{test.id: test for test in one.results} for one in rounds]
    for name, title in list(names)[:TESTS]:
        yield tag("tr", tag("td", title), [_cell(found.get(name)) for found in known])


def _cell(test: Tested | None) -> Markup:
    if test is None:
        return tag("td", "–", cls="soft")
    return tag("td", badge(verdict(test)))


def _differences(one: Round) -> list[Markup]:
    found = ((test.title, differences(test)) for test in one.results)
    lines = [tag("li", f"{title}: {words}") for title, words in found if words]
    if one.took is not None:
        lines.append(tag("li", f"took {span(one.took)}", cls="soft"))
    return [tag("ul", lines)] if lines else []
