"""The time line of a replay: what stands out where, and what a place on it means. No toolkit in here."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from gonogo.run.replay.marks import Mark, Outage, Sort
from gonogo.run.replay.recorded import Recorded

from ..lines import Line, Span, clip, joined, width
from ..symbols import Look
from ..words import clock, duration

LOOKS: dict[Sort, Look] = {
    Sort.FAILURE: Look("✗", "failure", "bad"),
    Sort.END: Look("■", "the end", "title"),
    Sort.NOTE: Look("●", "note", "hand"),
    Sort.OUTAGE: Look("▼", "outage begins or ends", "warn"),
    Sort.DECISION: Look("◆", "decision", "ask"),
    Sort.BATCH: Look("▪", "batch", "run"),
    Sort.STEP: Look("╷", "step", "dim"),
}
"""Where two stand in one place the first of these is drawn."""
_RANK = {sort: rank for rank, sort in enumerate(LOOKS)}
PAST, AHEAD, AWAY, HERE = "━", "─", "═", "┃"


class Scale(Struct, frozen=True):
    """How the run lies on so many cells: by time, or record by record."""

    cells: int
    end: int
    """The run's length so far in nanoseconds."""
    count: int
    by_time: bool = True

    def cell(self, at: int, land: int) -> int:
        """Return the cell of a time and a number of records."""
        part, whole = (at, self.end) if self.by_time else (land, self.count)
        return max(0, min(part * self.cells // (whole + 1), self.cells - 1))

    def go(self, link: Recorded, cell: int) -> None:
        """Have a replay stand where a cell means."""
        part = max(0, min(cell, self.cells - 1))
        last = max(self.cells - 1, 1)
        if self.by_time:
            link.seek_time(self.end * part // last)
        else:
            link.seek(self.count * part // last)


def scale_of(link: Recorded, cells: int, *, by_time: bool) -> Scale:
    """Return the scale of what is known of a run so far."""
    return Scale(max(cells, 1), link.end, link.count, by_time)


def marks_line(marks: Sequence[Mark], scale: Scale) -> Line:
    """Return the line of what stands out."""
    drawn: list[Sort | None] = [None] * scale.cells
    for mark in marks:
        cell = scale.cell(mark.at, mark.land)
        there = drawn[cell]
        if there is None or _RANK[mark.sort] < _RANK[there]:
            drawn[cell] = mark.sort
    return joined((" ", "") if one is None else (LOOKS[one].symbol, LOOKS[one].style) for one in drawn)


def track_line(outages: Sequence[Outage], scale: Scale, at: int, position: int) -> Line:
    """Return the line with what is past, what is ahead, and when a service was away."""
    here = scale.cell(at, position)
    drawn: list[Span] = [(PAST, "run")] * here + [(AHEAD, "dim")] * (scale.cells - here)
    if scale.by_time:
        for one in outages:
            end = scale.end if one.end is None else one.end
            for cell in range(scale.cell(one.begin, 0), scale.cell(end, 0) + 1):
                drawn[cell] = (AWAY, "warn" if cell < here else "dim")
    drawn[here] = (HERE, "title")
    return joined(drawn)


def told_line(link: Recorded, cells: int) -> Line:
    """Return where the replay stands, in words: the clock, the record, and what is to know about it."""
    play = (f" ▶ {link.speed}x ", "badge-run") if link.playing else (" ❚❚ ", "badge-dim")
    at = f" {link.wall():%H:%M:%S %Z}" if link.position else ""
    spans: list[Span] = [play, (at, "title"), (f"  +{clock(link.now())}", "")]
    spans.append((f"  {link.position:,}/{link.count:,}", "dim"))
    if link.speed > 1 and not link.playing:
        spans.append((f"  {link.speed}x", "dim"))
    if link.follow:
        spans.append(("  follows" if link.read_so_far == 1 else "  to the end", "run"))
    room = cells - width(spans) - 2
    return (*spans, ("  ", ""), _word(link, max(room, 8)))


def _word(link: Recorded, cells: int) -> Span:
    """Return what matters most just now."""
    if trust := link.index.trust:
        return clip(f"trust ends at record {link.count:,}: {trust}", cells), "bad"
    here = [mark for mark in link.here() if mark.sort is not Sort.DECISION]
    words = [f"skipped {duration(link.skipped)} in which nothing happened"] if link.skipped else []
    style = "warn"
    if here:
        mark = min(here, key=lambda one: _RANK[one.sort])
        words.append(f"{LOOKS[mark.sort].symbol} {mark.text}")
        style = LOOKS[mark.sort].style
    if words:
        return clip(" · ".join(words), cells), style
    if link.read_so_far < 1:
        return clip(f"reading the trail: {link.read_so_far:.0%}", cells), "dim"
    return "", ""
