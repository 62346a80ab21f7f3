"""Two runs beside each other: what the compare screen shows of them, as plain values and lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from .lines import Line, Span, clip, fit, span, width, wrap
from .symbols import STEPS, Look
from .words import SECOND, duration

NAMES = ("A", "B")
LEAST_CHANGE = SECOND // 10
"""Nanoseconds below which two durations are the same for a person."""
_RESULTS = {
    "failed": Look("✗", "failed", "bad"),
    "unfinished": Look("◐", "not finished", "warn"),
    "not-reached": Look("·", "not reached", "dim"),
    "replaced": Look("–", "replaced by the edited runbook", "dim"),
    **{
        word: STEPS[word]
        for word in ("ok", "warn", "by-hand", "skipped", "left-out", "not-needed", "rolled-back")
    },
}
MARKS = {
    "!": ("another result", "bad"),
    "~": ("another command or output", "odd"),
    "<": ("only in A", "hand"),
    ">": ("only in B", "hand"),
    " ": ("", ""),
}
"""How a step differs: its mark, in words, and in which style."""
BAR = 36
"""Cells of a bar at most: two times are compared that stand near each other."""
_EIGHTHS = " ▏▎▍▌▋▊▉█"


class Side(Struct, frozen=True):
    """One of the two runs."""

    name: str
    about: str
    """One line: how it ended, how long it took, where and when."""
    result: str
    trouble: str = ""
    """Why its record cannot be trusted to its end, or empty."""


class Came(Struct, frozen=True):
    """What one step came to in one run."""

    result: str
    took: int
    """Nanoseconds that its commands were out on hosts."""
    hosts: str = ""
    """`38 ok, 2 failed`."""
    batches: tuple[int, ...] = ()
    """Nanoseconds of each."""
    failures: tuple[str, ...] = ()
    """Why hosts failed on the way, a line for each reason."""
    printed: tuple[tuple[str, str], ...] = ()
    """Hosts, and what all of these printed; the most common first."""


class Twin(Struct, frozen=True):
    """One step in both runs; None where a run has no such step."""

    id: str
    title: str
    first: Came | None
    second: Came | None
    mark: str
    """A key of MARKS."""
    command: tuple[str, ...] = ()
    """How B's command differs, as lines of a unified difference."""
    output: tuple[str, ...] = ()
    """How what most hosts printed differs."""

    @property
    def change(self) -> int:
        """Nanoseconds that B took longer; 0 when that is less than a tenth, or one of them ran nothing."""
        if self.first is None or self.second is None or not (self.first.took and self.second.took):
            return 0
        change = self.second.took - self.first.took
        return change if abs(change) >= max(self.first.took // 10, LEAST_CHANGE) else 0


class Beside(Struct, frozen=True):
    """Both runs and all of their steps."""

    title: str
    sides: tuple[Side, Side]
    facts: tuple[str, ...]
    """What else differs: inputs, hosts, files."""
    twins: tuple[Twin, ...]


class Columns(Struct, frozen=True):
    """How a line's cells are shared."""

    title: int
    bar: int
    time: int = 12
    change: int = 11

    @staticmethod
    def of(cells: int, longest: int) -> Columns:
        """Share so many cells: most of what is left over is for titles, as far as the longest needs it."""
        left = cells - 4 - 2 * 12 - 2 - 11
        least = max(3, min(BAR, (cells - 70) // 3))
        title = max(min(left - 2 * least, longest), 8)
        return Columns(title, max(min((left - title) // 2, BAR), 3))


def head_line(columns: Columns) -> Line:
    """Return the columns' names, where the lines under them have what they name."""
    side = columns.time + columns.bar + 1
    words = (
        " " * 2,
        fit("Step", columns.title + 1),
        fit("A", side),
        fit("B", side),
        "change".rjust(columns.change - 2),
    )
    return (("".join(words), "dim"),)


def twin_line(twin: Twin, columns: Columns, longest: int) -> Line:
    """Return one step's line; `longest` is the nanoseconds of a full bar."""
    _, style = MARKS[twin.mark]
    spans: list[Span] = [(f"{twin.mark} ", style), (f"{fit(twin.title, columns.title)} ", "")]
    for one, tone in ((twin.first, "dim"), (twin.second, _tone(twin.change))):
        spans += _came(one, columns.time)
        spans += [(bar(one.took if one else 0, longest, columns.bar), tone), (" ", "")]
    return (*spans, (changed(twin.change).rjust(columns.change - 2), _tone(twin.change)))


def _came(one: Came | None, cells: int) -> list[Span]:
    if one is None:
        return [(" " * cells, "")]
    look = _RESULTS.get(one.result, STEPS["pending"])
    return [(f"{look.symbol} ", look.style), (fit(duration(one.took) if one.took else "", cells - 2), "")]


def _tone(change: int) -> str:
    return "warn" if change > 0 else "ok" if change < 0 else "run"


def bar(taken: int, longest: int, cells: int) -> str:
    """Return a bar in exactly so many cells; what took any time has some of it."""
    eighths = max(taken * cells * 8 // max(longest, 1), 1 if taken else 0)
    full, rest = divmod(min(eighths, cells * 8), 8)
    return fit("█" * full + (_EIGHTHS[rest] if rest else ""), cells)


def changed(change: int) -> str:
    """Return `+12 s`, or nothing."""
    return f"{'+' if change > 0 else '-'}{duration(abs(change))}" if change else ""


def detail(twin: Twin, cells: int) -> list[Line]:
    """Return everything about one step."""
    lines: list[Line] = []
    for name, side in zip(NAMES, (twin.first, twin.second), strict=True):
        lines += _told(name, side, twin.change if name == "B" else 0, cells)
    lines += _batches(twin, cells)
    for words, text in (("command", twin.command), ("output of most hosts", twin.output)):
        if text:
            lines += [
                (),
                ((f"The {words} differs", "section"), ("  - A  + B", "dim")),
                *_difference(text, cells),
            ]
    for name, side in zip(NAMES, (twin.first, twin.second), strict=True):
        lines += _printed(name, side, cells)
    return lines


def _told(name: str, side: Came | None, change: int, cells: int) -> Iterator[Line]:
    if side is None:
        yield ((f"{name} ", "section"), ("has no such step", "dim"))
        return
    look = _RESULTS.get(side.result, STEPS["pending"])
    parts = [side.result, side.hosts, duration(side.took) if side.took else "", changed(change)]
    words = " · ".join(part for part in parts if part)
    yield from wrap([(f"{name} ", "section"), (f"{look.symbol} ", look.style), span(words)], cells, "  ")
    for why in side.failures:
        yield from wrap([("  ", ""), span(why, "bad")], cells, "    ")


def _batches(twin: Twin, cells: int) -> Iterator[Line]:
    """Yield a line for each batch, where there are several in one of the runs."""
    one, two = (side.batches if side else () for side in (twin.first, twin.second))
    if max(len(one), len(two)) < 2:
        return
    columns, longest = Columns.of(cells, len("batch 999")), max((*one, *two), default=1)
    yield ()
    for number in range(max(len(one), len(two))):
        sides = [Came("ok", side[number]) if number < len(side) else None for side in (one, two)]
        batch = Twin("", f"batch {number + 1}", sides[0], sides[1], " ")
        yield twin_line(batch, columns, longest)


def _difference(text: Sequence[str], cells: int) -> Iterator[Line]:
    styles = {"-": "bad", "+": "ok", "@": "dim"}
    for line in text:
        sign, rest = line[:1], line[1:]
        apart = "" if sign == "@" else " "
        yield from wrap([span(f"{sign}{apart}{rest}", styles.get(sign, "dim"))], cells, "    ")


def _printed(name: str, side: Came | None, cells: int) -> Iterator[Line]:
    """Yield what hosts printed in one run, each once."""
    for number, (hosts, text) in enumerate(side.printed if side else ()):
        if not number:
            yield ()
            yield ((f"What hosts printed in {name}", "section"),)
        yield from wrap([span(hosts, "title" if not number else "odd")], cells, "  ")
        for line in text.splitlines():
            yield from wrap([("  ", ""), span(line)], cells, "  ")


def summary(beside: Beside, cells: int) -> list[Line]:
    """Return the lines above the steps: both runs, what else differs, where trust ends."""
    lines: list[Line] = []
    for name, side in zip(NAMES, beside.sides, strict=True):
        style = {"GO": "badge-ok", "NO-GO": "badge-bad", "ABORTED": "badge-bad"}.get(side.result, "badge-dim")
        result: Span = (f" {side.result} ", style)
        room = max(cells - width([result]) - 4, 8)
        lines.append(((f" {name} ", "section"), result, (" ", ""), (clip(side.about, room), "")))
        if side.trouble:
            lines.append(((clip(f"   trust in {name} ends here: {side.trouble}", cells), "bad"),))
    lines += [((f"   {clip(fact, cells - 3)}", "dim"),) for fact in beside.facts]
    return lines


def titles(twins: Sequence[Twin]) -> int:
    """Return the cells of the longest title."""
    return max((width([span(one.title)]) for one in twins), default=0)


def counted(twins: Sequence[Twin]) -> str:
    """Return `3 of 17 steps differ`."""
    differing = sum(twin.mark != " " for twin in twins)
    return f"{differing} of {len(twins)} steps differ" if differing else f"none of {len(twins)} steps differs"
