"""The drawn time line: a row for each step, with what ran, what was waited for, and what was away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from gonogo.report.markup import Markup, tag
from gonogo.report.outputs import span
from gonogo.report.phrases import outage_text, place
from gonogo.report.scale import Scale
from gonogo.report.summary import Attempt, Decided, StepSummary, Summary
from gonogo.report.times import clock, moment

ROWS = 320
"""Steps that are drawn."""
BARS = 6_000
"""Bars in all: a step that was tried thousands of times is drawn in part."""
_LEAST = 0.25
"""Percent of the width that the shortest bar takes, so that it is seen."""
_TICKS = (
    (0, "start", ""),
    (25, "middle", "wide"),
    (50, "middle", ""),
    (75, "middle", "wide"),
    (100, "end", ""),
)


def timeline(summary: Summary) -> Iterator[Markup]:
    """Yield the section."""
    steps = [step for step in summary.steps if step.began or any(True for _ in _waits(summary, step))]
    if not steps:
        return
    scale = scale_of(summary)
    yield tag("h2", "Time line")
    rows = [axis(summary, scale), *_outages(summary, scale)]
    left = BARS
    for step in steps[:ROWS]:
        bars = list(_bars(summary, step, scale))[: max(left, 0)]
        left -= len(bars)
        rows.append(_row(place(step), bars, scale, step.number))
    if len(steps) > ROWS:
        rows.append(tag("p", f"… and {len(steps) - ROWS} more steps, told below.", cls="soft small"))
    yield tag("div", rows, _legend(), cls="card")
    for one in scale.breaks():
        yield tag("p", f"A pause of {span(one.taken)} is drawn shorter than it was.", cls="soft small")


def scale_of(summary: Summary) -> Scale:
    """Return the axis that everything on the page is drawn along."""
    return Scale(_moments(summary), _busy(summary))


def _moments(summary: Summary) -> Iterator[int]:
    yield summary.ended.ns
    for one in summary.decisions:
        yield one.asked.ns
        if one.answered:
            yield one.answered.ns


def _busy(summary: Summary) -> Iterator[tuple[int, int]]:
    for step in summary.steps:
        for attempt in step.attempts:
            yield attempt.began.ns, (attempt.ended or attempt.began).ns


def axis(summary: Summary, scale: Scale) -> Markup:
    """Return the row of times above what is drawn."""
    ticks: list[Markup] = []
    for percent, anchor, cls in _TICKS:
        words = _clock(summary, scale.moment(percent))
        at = f"{percent}%"
        ticks.append(tag("text", words, x=at, y=14, text_anchor=anchor, cls=cls or None))
        ticks.append(tag("line", x1=at, x2=at, y1=20, y2=30, cls="s-tick"))
    return tag("div", tag("div", cls="label"), tag("svg", ticks, cls="axis", aria_hidden="true"), cls="row")


def _clock(summary: Summary, ns: int) -> str:
    """Return the local time at a moment of the run: day too, when the run took longer than one."""
    began = moment(summary.began.utc)
    if began is None:
        return span(ns)
    found = (began + timedelta(microseconds=ns // 1000)).astimezone()
    return f"{found:%d %b %H:%M}" if summary.took > 86_400 * 10**9 else f"{found:%H:%M:%S}"


def _outages(summary: Summary, scale: Scale) -> Iterator[Markup]:
    for one in summary.outages[:40]:
        end = one.ended or summary.ended
        words = f"{one.service} away: {outage_text(one)}"
        yield _row(f"⚠ {words}", [_bar(scale, one.began.ns, end.ns, "bad", words)], scale, None)


def _row(label: str, bars: Iterable[Markup], scale: Scale, number: int | None) -> Markup:
    breaks = [
        tag("rect", x=_percent(one.left), width=_percent(one.width), y=0, height="100%", cls="s-break")
        for one in scale.breaks()
    ]
    track = tag("rect", x=0, y=5, width="100%", height=4, rx=2, cls="s-track")
    name = tag("a", label, href=f"#step-{number}") if number else label
    return tag(
        "div",
        tag("div", name, cls="label", title=label),
        tag("svg", [*breaks, track, *bars], cls="bar", role="img", aria_label=label),
        cls="row",
    )


def _bars(summary: Summary, step: StepSummary, scale: Scale) -> Iterator[Markup]:
    for one in _waits(summary, step):
        end = one.answered or summary.ended
        words = f"{clock(one.asked)} waited {span(end.ns - one.asked.ns)}: {one.question}"
        yield _bar(scale, one.asked.ns, end.ns, "wait", words)
    for batch in step.batches:
        for attempt in batch.attempts:
            end = attempt.ended or summary.ended
            where = f", batch {batch.number}" if len(step.batches) > 1 else ""
            counts = ", ".join(f"{number} {state}" for state, number in attempt.counts.items())
            heard = counts or "not heard of"
            words = f"{clock(attempt.began)} {attempt.phase}{where}: {heard}, {span(attempt.took)}"
            yield _bar(scale, attempt.began.ns, end.ns, _tone(attempt), words)
            if share := _failed(attempt):
                yield _bar(scale, attempt.began.ns, end.ns, "bad", words, share)


def _waits(summary: Summary, step: StepSummary) -> Iterator[Decided]:
    return (one for one in summary.decisions if one.step == step.id)


def _failed(attempt: Attempt) -> float:
    """Return the share of hosts that failed, so that it is seen; 0 when none did."""
    if attempt.ended is None:
        return 1.0
    failed = sum(len(group.hosts) for group in attempt.failed)
    return max(failed / max(sum(attempt.counts.values()), 1), 0.3) if failed else 0.0


def _tone(attempt: Attempt) -> str:
    if attempt.phase == "check":
        return "check"
    if attempt.phase == "rollback":
        return "back"
    return "warn" if "warn" in attempt.counts else "ok"


def _bar(scale: Scale, begin: int, end: int, tone: str, words: str, share: float = 1.0) -> Markup:
    """Return a bar; `share` of its height, from below."""
    left, right = scale.at(begin), scale.at(end)
    width = max(right - left, _LEAST)
    left = min(left, 100 - width)
    title = tag("title", words)
    tall = round(14 * min(share, 1.0))
    high = {"y": 14 - tall, "height": tall} if tone != "wait" else {"y": 4, "height": 6}
    return tag("rect", title, x=_percent(left), width=_percent(width), rx=2, cls=f"s-{tone}", **high)


def _percent(value: float) -> str:
    return f"{value:.2f}%"


def _legend() -> Markup:
    words = {
        "ok": "ran",
        "check": "checked",
        "warn": "ran, with warnings",
        "bad": "hosts failed, or service away",
        "back": "rolled back",
        "wait": "a question waited",
    }
    return tag("div", [_key(tone, word) for tone, word in words.items()], cls="legend")


def _key(tone: str, word: str) -> Markup:
    return tag("span", tag("svg", tag("rect", width=11, height=11, rx=2, cls=f"s-{tone}")), word)
