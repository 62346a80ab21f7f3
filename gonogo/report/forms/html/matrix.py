"""Hosts by steps. Hosts that fared alike share a row, so that 2,000 of them stay readable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from gonogo.report.markup import Markup, tag
from gonogo.report.names import named
from gonogo.report.summary import StepSummary, Summary
from gonogo.text import many

from .tones import SIGNS, tone

ROWS = 80
"""Rows of hosts that are drawn, those with trouble first."""
SIGNED = 60
"""Columns up to which a cell has room for its sign."""
_ABSENT = ""


def matrix(summary: Summary) -> Iterator[Markup]:
    """Yield the section."""
    steps = [step for step in summary.steps if step.ends() and step.result != "not-reached"]
    rows = _rows(summary, steps)
    if not steps or not rows:
        return
    alike = sum(len(hosts) for _, hosts in rows)
    yield tag("h2", "Hosts and steps")
    words = f"{many(alike, 'host')} in {many(len(rows), 'row')}: hosts that fared alike share one."
    yield tag("p", words, cls="soft small")
    drawn = [_row(steps, states, hosts) for states, hosts in rows[:ROWS]]
    if len(rows) > ROWS:
        rest = sum(len(hosts) for _, hosts in rows[ROWS:])
        drawn.append(
            tag("p", f"… and {many(rest, 'host')} in {len(rows) - ROWS} more rows.", cls="soft small")
        )
    yield tag("div", _numbers(steps), drawn, _legend(rows), cls="card matrix")


def _rows(summary: Summary, steps: Sequence[StepSummary]) -> list[tuple[tuple[str, ...], list[str]]]:
    """Return the states of hosts in each step, and the hosts that have these; the worst first."""
    ends = [step.ends() for step in steps]
    found: dict[tuple[str, ...], list[str]] = {}
    for host in summary.hosts:
        states = tuple(end[host].state if host in end else _ABSENT for end in ends)
        if any(states):
            found.setdefault(states, []).append(host)
    return sorted(found.items(), key=lambda row: (-_trouble(row[0]), -len(row[1])))


def _trouble(states: Sequence[str]) -> int:
    weights = {"bad": 100, "back": 10, "warn": 5, "hand": 5}
    return sum(weights.get(tone(state), 3 if state == "left-out" else 0) for state in states)


def _row(steps: Sequence[StepSummary], states: Sequence[str], hosts: Sequence[str]) -> Markup:
    cells: list[Markup] = []
    for state, run in groupby(enumerate(states), key=lambda pair: pair[1]):
        columns = [column for column, _ in run]
        if state != _ABSENT:
            cells += _cells(steps, state, columns)
    cuts = _cuts(len(steps)) if len(steps) <= 150 else []
    label = named(tuple(hosts))
    return tag(
        "div",
        tag("div", label, cls="label mono", title=label),
        tag("svg", [*cells, *cuts], cls="bar", role="img", aria_label=_spoken(steps, states)),
        cls="row",
    )


def _cells(steps: Sequence[StepSummary], state: str, columns: Sequence[int]) -> Iterator[Markup]:
    """Yield one rectangle for neighbours that are alike, and a sign in each where there is room."""
    share = 100 / len(steps)
    first, last = columns[0], columns[-1]
    where = steps[first].title if first == last else f"steps {steps[first].number} to {steps[last].number}"
    words = tag("title", f"{where}: {state}")
    at = {"x": f"{first * share:.3f}%", "width": f"{len(columns) * share:.3f}%"}
    kind = tone(state) if state not in ("not-needed", "pending") else "faint"
    yield tag("rect", words, y=1, height=15, cls=f"s-{kind}", **at)
    sign = SIGNS.get(tone(state), "–" if state == "left-out" else "")
    if sign and kind != "ok" and len(steps) <= SIGNED:
        for column in columns:
            middle = f"{(column + 0.5) * share:.3f}%"
            yield tag("text", sign, x=middle, y=13, text_anchor="middle", cls=f"mark m-{kind}")


def _cuts(number: int) -> list[Markup]:
    """Return the lines between columns."""
    marks = (f"{column * 100 / number:.3f}%" for column in range(1, number))
    return [tag("line", x1=at, x2=at, y1=0, y2=17, cls="s-cut") for at in marks]


def _spoken(steps: Sequence[StepSummary], states: Sequence[str]) -> str:
    """Return the row in words, for those who do not see it."""
    bad = [f"{step.title}: {state}" for step, state in zip(steps, states, strict=True) if _trouble([state])]
    return "; ".join(bad[:20]) or "all well"


def _numbers(steps: Sequence[StepSummary]) -> Markup:
    every = max(len(steps) // 12, 1)
    share = 100 / len(steps)
    texts = [
        tag(
            "text",
            str(step.number or "–"),
            x=f"{(column + 0.5) * share:.3f}%",
            y=13,
            text_anchor="middle",
            cls="wide" if column % (every * 2) else None,
        )
        for column, step in enumerate(steps)
        if column % every == 0
    ]
    head = tag("div", "step", cls="label soft")
    return tag("div", head, tag("svg", texts, cls="axis bar", aria_hidden="true"), cls="row")


def _legend(rows: Sequence[tuple[Sequence[str], Sequence[str]]]) -> Markup:
    states = dict.fromkeys(state for row, _ in rows for state in row if state != _ABSENT)
    keys = []
    for state in states:
        kind = tone(state) if state not in ("not-needed", "pending") else "faint"
        square = tag("svg", tag("rect", width=11, height=11, rx=2, cls=f"s-{kind}"))
        keys.append(tag("span", square, f"{SIGNS.get(tone(state), '')} {state}".strip()))
    return tag("div", keys, cls="legend")
