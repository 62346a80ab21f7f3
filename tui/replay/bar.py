"""The top line and the bar of a replay: what was asked, what was answered, which keys there are."""

from __future__ import annotations

from gonogo.run.replay.marks import Sort
from gonogo.run.replay.recorded import Recorded
from gonogo.text import many

from ..asking import question
from ..banner import banner
from ..bar import Banner, rows
from ..evidence import about
from ..keys.replay import BAR, PAUSE, PLAY
from ..lines import Line, Span, clip, span, width, wrap
from ..outline import Outline
from ..sight import Sight, laid_out
from ..symbols import RESULTS
from ..words import clock, duration
from .line import LOOKS


def replay_head(link: Recorded, title: str, cells: int) -> Line:
    """Return the top line: the run, that it is a replay, what was away then, and the date."""
    state, now = link.state, link.now()
    lead: list[Span] = [(" REPLAY ", "badge-run"), ("  ", "")]
    if state.result is not None:
        lead.append(RESULTS.get(state.result, (f" {clip(state.result, 12)} ", "badge-dim")))
        lead.append(("  ", ""))
    away = [(name, begin) for name, (begin, end) in state.outages.items() if end is None]
    right = [(f" ▼ {clip(name, 20)} down {clock(now - begin)} ", "warn") for name, begin in away[:2]]
    if link.position:
        right.append((f" {link.wall():%Y-%m-%d} ", "dim"))
    name = clip(title or state.plan.title, max(cells - width(lead) - width(right) - 2, 6))
    gap = max(cells - width(lead) - width([(name, "")]) - width(right), 1)
    return (*lead, (name, "title"), (" " * gap, ""), *right)


def replay_banner(outline: Outline, link: Recorded, sight: Sight) -> Banner:
    """Return the bar for where a replay stands."""
    state = link.state
    if state.gate is not None:
        lines = [*question(state, state.gate, sight.cells), *about(state, state.gate, sight.cells)]
        lines += _answer(link, sight.cells)
        tone = "ask"
    else:
        plain = banner(outline, state, link.now(), sight)
        still = plain.tone == "dim" and not state.paused and state.result is None
        lines, tone = _ahead(link, sight.cells) if still else [*plain.lines], plain.tone
        if link.position <= 1:
            lines = [*_opening(link, sight.cells), *lines]
    keys = rows((PAUSE if link.playing else PLAY, *BAR), sight.cells)
    return laid_out(Banner(tuple(lines), keys, tone), sight)


def _opening(link: Recorded, cells: int) -> list[Line]:
    """Return what is known before anything has happened: who began, when, and how much follows."""
    if not link.position:
        return [((" EMPTY ", "badge-bad"), ("  No record is whole: this run never began.", "title"))]
    spans: list[Span] = [(" BEGINNING ", "badge-run"), ("  ", ""), span(link.state.operator, "title")]
    spans.append((f" began the run on {link.wall():%Y-%m-%d} at {link.wall():%H:%M:%S %Z}", ""))
    more = f" · {many(link.count - 1, 'record')} follow in {duration(link.end)}"
    return wrap([*spans, (more if link.read_so_far == 1 else "", "dim")], cells, "  ")


def _ahead(link: Recorded, cells: int) -> list[Line]:
    """Return what comes next, while nothing is asked and nothing runs."""
    mark = link.mark(1)
    if mark is None:
        more = "The trail is still being read." if link.read_so_far < 1 else "Here the trail ends."
        return [((" … ", "badge-dim"), (f"  {more}", "dim"))]
    look, after = LOOKS[mark.sort], duration(mark.at - link.now())
    told: list[Span] = [(" … ", "badge-dim"), (f"  in {after}  ", "dim"), (f"{look.symbol} ", look.style)]
    return wrap([*told, span(mark.text)], cells, "  ")[:2]


def _answer(link: Recorded, cells: int) -> list[Line]:
    """Return what was answered to the open question, if the next record says so."""
    told = [mark for mark in link.here() if mark.sort is Sort.DECISION]
    return wrap([("→ ", "ask"), span(told[0].text, "title")], cells, "  ") if told else []
