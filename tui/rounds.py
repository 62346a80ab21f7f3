"""The rounds of the test plan as a table, and one test's result in full. No toolkit in here."""

from __future__ import annotations

from gonogo.run.rounds import Compared, Result, TestRound
from gonogo.run.state import HostState, RunState
from gonogo.text import clean, clean_line, many

from .lines import Line, Span, clip, fit, span, wrap
from .projection import folded
from .words import clock, counts, duration

COMPARED: dict[Compared, Span] = {
    Compared.FIRST: ("first", "dim"),
    Compared.SAME: ("= same", "ok"),
    Compared.DIFFERS: ("≠ differs", "odd"),
    Compared.NEWLY_FAILING: ("✗ newly failing", "bad"),
    Compared.MENDED: ("↺ mended", "ok"),
}
_COMPARED_CELLS = 15
TITLE = 40
"""Cells of a test's title."""
EXCERPT = 20
"""Lines told of what a test printed."""


def round_at(state: RunState, number: int) -> TestRound | None:
    """Return a round; the last one for 0, None when there is none."""
    if not state.rounds:
        return None
    return state.rounds[max(min(number or len(state.rounds), len(state.rounds)), 1) - 1]


def heading(state: RunState, one: TestRound) -> list[Line]:
    """Return which round is shown, and how it stands to the others."""
    first: list[Span] = [
        (f"Round {one.number} of {len(state.rounds)}", "title"),
        span(f"  by {one.by} at {clock(one.began)}", "dim"),
    ]
    if one.ended is None:
        first.append(
            (f"  ▸ {sum(result.ended is not None for result in one.results)} of {one.tests} done", "run")
        )
    else:
        first.append((f", {duration(one.ended - one.began)}", "dim"))
    if one.against:
        first.append(span(f"  compared with {one.against}", "dim"))
    if state.baseline == one.number:
        first.append(("  the baseline", "hand"))
    lines: list[Line] = [tuple(first)]
    if one.broken:
        lines.append((span(f"not complete: {one.broken}", "warn"),))
    return lines


def rows(state: RunState, one: TestRound) -> list[Result | None]:
    """Return a round's tests in the plan's order; None for those that have not begun."""
    known = {result.test: result for result in one.results}
    return [known.get(number) for number in range(max(one.tests, len(one.results)))]


def row(state: RunState, test: int, result: Result | None, cells: int) -> Line:
    """Return one test in one line."""
    if result is None:
        title = state.plan.tests[test].step.title if test < len(state.plan.tests) else ""
        return (("· ", "dim"), span(clip(title, cells - 2), "dim"))
    mark = ("▸ ", "run") if result.passed is None else ("✓ ", "ok") if result.passed else ("✗ ", "bad")
    took = duration(result.ended - result.began) if result.ended is not None else ""
    compared = COMPARED[result.compared] if result.compared is not None else ("", "")
    told = (fit(compared[0], _COMPARED_CELLS), compared[1])
    right = f"  {took:>7}"
    room = max(cells - 2 - _COMPARED_CELLS - len(right) - 2, 4)
    longest = max((len(clean_line(one.step.title)) for one in state.plan.tests), default=TITLE)
    name = max(min(room, longest, TITLE), 4)
    rest = clip(f"  {clean_line(result.difference)}", room - name) if room > name else ""
    return (
        mark,
        (fit(result.title, name), ""),
        ("  ", ""),
        told,
        (fit(rest, room - name), "odd"),
        (right, "dim"),
    )


def detail(result: Result, cells: int) -> list[Line]:
    """Return all that is known of one test: what differs, who is not well, what it printed."""
    lines: list[Line] = []
    states = {HostState(name): number for name, number in result.counts.items()}
    if states:
        lines.append((("    ", ""), *counts(states)))
    if result.difference:
        lines += wrap([("    differs: ", "dim"), span(result.difference, "odd")], cells, "      ")
    for why, hosts in _reasons(result):
        lines += wrap([("    ✗ ", "bad"), (folded(hosts), "title"), span(f"  {why}", "bad")], cells, "      ")
    told = clean(result.excerpt).split("\n")
    for text in told[:EXCERPT] if result.excerpt else ():
        lines += wrap([("    ▎ ", "dim"), span(text)], cells, "      ")
    if len(told) > EXCERPT:
        lines.append(((f"    … {many(len(told) - EXCERPT, 'more line')}", "dim"),))
    return lines or [(("    it has printed nothing", "dim"),)]


def _reasons(result: Result) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for host, why in result.bad:
        found.setdefault(clean_line(why), []).append(host)
    return list(found.items())


def last_round(state: RunState, cells: int) -> list[Line]:
    """Return the last round in a line or two, as evidence at a gate; nothing without one."""
    one = round_at(state, 0)
    if one is None:
        return []
    worse = any(result.compared is Compared.NEWLY_FAILING for result in one.results)
    odd = one.broken or any(result.compared is Compared.DIFFERS for result in one.results)
    style = "bad" if worse else "warn" if odd or one.failing else "ok"
    return wrap([("⊡ ", style), span(one.told(), style)], cells, "  ")
