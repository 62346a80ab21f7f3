"""What is typed to go somewhere in a replay: a time, a step, a record. No toolkit in here."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from gonogo.run.replay.recorded import Recorded

from ..outline import Outline

HINT = "16:42 · 2026-11-20 16:42:30 · +1:30:00 since it began · 7 a step · #120 a record"
SECOND = 1_000_000_000
_CLOCK = re.compile(r"(?:(\d{4}-\d\d-\d\d)[ T])?(\d{1,2}):(\d\d)(?::(\d\d))?")
_SINCE = re.compile(r"\+(?:(\d{1,5}):)?(\d{1,5}):(\d\d)")
_NUMBER = re.compile(r"(#?)(\d{1,12})")


def goto(link: Recorded, outline: Outline, text: str) -> Callable[[], object] | str:
    """Return what goes to the place that is meant, or why there is none."""
    if found := _NUMBER.fullmatch(text):
        return _numbered(link, outline, int(found[2]), record=bool(found[1]))
    if found := _SINCE.fullmatch(text):
        hours, minutes, seconds = (int(one or 0) for one in found.groups())
        at = ((hours * 60 + minutes) * 60 + seconds) * SECOND
        if at > link.end:
            return "the run did not take so long"
        return lambda: link.seek_time(at)
    if found := _CLOCK.fullmatch(text):
        return _at_clock(link, found[1], (int(found[2]), int(found[3]), int(found[4] or 0)))
    return "it is no time, step or record"


def _numbered(link: Recorded, outline: Outline, number: int, *, record: bool) -> Callable[[], object] | str:
    if record:
        return (
            (lambda: link.seek(number)) if 1 <= number <= link.count else f"there are {link.count:,} records"
        )
    step = outline.steps.start + number - 1
    if step not in outline.steps:
        return f"there are {len(outline.steps)} steps"
    return (lambda: link.seek_step(step)) if link.reached(step) else "the run has not reached that step"


def _at_clock(link: Recorded, day: str | None, at: tuple[int, int, int]) -> Callable[[], object] | str:
    """Return the way to a time of day: on the day named, else on the day shown or one that is in the run."""
    begin, end, now = link.wall(0), link.wall(link.end), link.wall()
    try:
        then = datetime.fromisoformat(day) if day else now
        then = then.replace(hour=at[0], minute=at[1], second=at[2], microsecond=999_999, tzinfo=None)
    except ValueError:
        return "there is no such time"
    days = [then] if day else [then, then + timedelta(days=1), then - timedelta(days=1)]
    for one in (day.astimezone() for day in days):
        if begin <= one <= end or (one <= begin < one + timedelta(minutes=1)):
            return lambda: link.seek_wall(one)
    return f"the run went from {begin:%Y-%m-%d %H:%M:%S} to {end:%Y-%m-%d %H:%M:%S %Z}"
