"""Numbers drawn with blocks: a line of them, or a chart with its thresholds. No toolkit in here."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from gonogo.format.model import Limits
from gonogo.run.monitors import RANK, Bucket, Level, Sample, Series, thresholds

from .lines import Line, Span
from .symbols import LEVELS

BLOCKS = "▁▂▃▄▅▆▇█"
GAP = "·"
"""Where there was no number."""


class Point(Struct, frozen=True):
    """What one column shows: the highest number of some samples, and the worst they came to."""

    value: float | None
    level: Level


def number(value: float) -> str:
    """Return a number in few cells: `0.12`, `3.4`, `95`, `12.3k`, `4.5M`, `1e+12`."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if size <= abs(value) < 1e12:
            return f"{value / (1e3 if unit == 'k' else size):.1f}{unit}"
    return f"{value:.0f}" if value == int(value) and abs(value) < 1e4 else f"{value:.3g}"


def recent(series: Series, columns: int) -> list[Point]:
    """Return the latest samples, one to a column."""
    return [Point(one.value, one.level) for one in series.recent[-columns:]]


def course(series: Series, columns: int) -> list[Point]:
    """Return the whole course in at most so many columns, each of as many samples."""
    found: Sequence[Bucket | Sample] = series.buckets
    if series.count <= min(columns, len(series.recent)):
        return recent(series, columns)
    size = -(-len(found) // max(columns, 1))
    parts = [series.buckets[at : at + size] for at in range(0, len(series.buckets), size)]
    return [_together(part) for part in parts]


def _together(buckets: Sequence[Bucket]) -> Point:
    most = [one.most for one in buckets if one.most is not None]
    return Point(max(most, default=None), max((one.level for one in buckets), key=RANK.__getitem__))


def span_of(points: Sequence[Point], limits: Limits | None = None) -> tuple[float, float]:
    """Return the lowest and the highest number that is drawn: zero is always there, and near thresholds."""
    values = [one.value for one in points if one.value is not None]
    low, high = min([0.0, *values]), max([0.0, *values])
    for limit in thresholds(limits) if limits else ():
        # A threshold far off would press the course flat.
        if limit[0] <= 4 * high or not values:
            high = max(high, limit[0])
        if limit[0] < 0:
            low = min(low, limit[0])
    return (low, high) if high > low else (low, low + 1.0)


def spark(points: Sequence[Point], cells: int, limits: Limits | None = None) -> list[Span]:
    """Return points as one line of blocks, the latest at the right, coloured by what they came to.

    They stand as high as they are beside the thresholds, so that what is well looks calm.
    """
    shown = points[-cells:]
    low, high = span_of(shown, limits)
    spans: list[Span] = [(" " * (cells - len(shown)), "")] if len(shown) < cells else []
    for one in shown:
        style = LEVELS[one.level].style if one.level is not Level.OK else "run"
        spans.append((_block(one.value, low, high), style))
    return spans


def _block(value: float | None, low: float, high: float) -> str:
    if value is None:
        return GAP
    return BLOCKS[min(int((value - low) / (high - low) * len(BLOCKS)), len(BLOCKS) - 1)]


def limit_label(words: str, value: float) -> str:
    """Return what stands at a threshold's line."""
    return f" {words} {number(value)}"


def chart(series: Series, limits: Limits, columns: int, rows: int, *, whole: bool) -> list[Line]:
    """Return a chart of so many columns and rows: numbers at the left, thresholds as lines."""
    points = course(series, columns) if whole else recent(series, columns)
    low, high = span_of(points, limits)
    step = (high - low) / rows
    lines: dict[int, tuple[str, Level]] = {}
    for value, words, level in thresholds(limits):
        row = _row(value, low, step, rows)
        if row >= 0 and (row not in lines or RANK[level] > RANK[lines[row][1]]):
            lines[row] = (limit_label(words, value), level)
    found: list[Line] = []
    for row in range(rows - 1, -1, -1):
        label = number(high) if row == rows - 1 else number(low) if row == 0 else ""
        told = lines.get(row)
        style = LEVELS[told[1]].style if told else "dim"
        spans: list[Span] = [(f"{label:>7} ", "dim"), ("┤" if label else "│", "dim")]
        spans += [_cell(one, low + row * step, step, told, style) for one in points]
        if told:
            spans += [("╌" * (columns - len(points)), style), (told[0], style)]
        found.append(tuple(spans))
    return found


def _row(value: float, low: float, step: float, rows: int) -> int:
    """Return the row in which a number lies; -1 for none."""
    row = int((value - low) / step) if step else -1
    return min(row, rows - 1) if 0 <= row <= rows else -1


def _cell(one: Point, floor: float, step: float, told: object, style: str) -> Span:
    """Return a column's part in the row that begins at `floor`; a threshold shows where it is empty."""
    own = LEVELS[one.level].style if one.level is not Level.OK else "run"
    if one.value is None:
        return (GAP, own) if floor <= 0 < floor + step else ("╌" if told else " ", style)
    part = (one.value - floor) / step
    if part >= 1:
        return BLOCKS[-1], own
    if part <= 0:
        return ("╌" if told else BLOCKS[0] if floor == 0 == one.value else " ", style if told else own)
    return BLOCKS[min(int(part * len(BLOCKS)), len(BLOCKS) - 1)], own
