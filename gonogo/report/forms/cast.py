"""An asciicast (version 3): the run's story as a terminal recording, for asciinema players."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from gonogo.errors import TrailError
from gonogo.report.collect import nothing
from gonogo.report.story import Story
from gonogo.report.times import moment
from gonogo.run.client import new_state
from gonogo.run.state import Record
from gonogo.text import clean_line
from gonogo.trail.reader import Reading, Verdict

WIDTH, HEIGHT = 110, 32
IDLE = 2.0
"""Seconds that a pause plays at most; the clock in the lines says how long it was."""
LINES = 200_000
"""Lines of a recording at most."""


Event = tuple[float, str, str]
"""Seconds since the event before, `o` for output or `m` for a mark, the text; no code: the run begins."""


def render(run: Path, damaged: Callable[[str], None] = lambda why: None) -> Iterator[str]:
    """Yield the recording, line by line; `damaged` hears why the record cannot be trusted to its end."""
    return recording(run, damaged, version=3)


def recording(run: Path, damaged: Callable[[str], None], *, version: int) -> Iterator[str]:
    """Yield it in version 2 or 3: that one counts seconds from the begin, this one from event to event."""
    reading = Reading(run / "audit.jsonl")
    left, at = LINES, 0.0
    try:
        for pause, code, data in _events(run, reading):
            if not code:
                yield _head(reading.last, version)
                continue
            at += pause
            left -= data.count("\n")
            text = data if left >= 0 else "… the rest of the story is too long for a recording\r\n"
            yield json.dumps([round(pause if version == 3 else at, 3), code, text]) + "\n"
            if left < 0:
                return
    except TrailError as error:
        if not reading.count:
            raise
        damaged(clean_line(error.what))
    if not reading.count:
        raise nothing(run, reading)
    if reading.verdict not in (Verdict.COMPLETE, Verdict.OPEN, Verdict.EMPTY):
        damaged(f"{reading.verdict}: {clean_line(reading.why)}")


def _events(run: Path, reading: Reading) -> Iterator[Event]:
    state = new_state(run)
    story = Story(state)
    before = 0
    for record in reading.records():
        state.apply(record)
        if not record["n"]:
            yield 0.0, "", ""
        if not (lines := story.feed(record)):
            continue
        pause = min(max(record["m"] - before, 0) / 1e9, IDLE)
        before = max(before, record["m"])
        if mark := _mark(record):
            yield pause, "m", mark
            pause = 0.0
        yield pause, "o", "".join(f"{line}\r\n" for line in lines)


def _head(record: Record, version: int) -> str:
    began = moment(record["t"])
    size = {"term": {"cols": WIDTH, "rows": HEIGHT}} if version == 3 else {"width": WIDTH, "height": HEIGHT}
    head = {
        "version": version,
        **size,
        "timestamp": int(began.timestamp()) if began else 0,
        "idle_time_limit": IDLE,
        "title": clean_line(str(record.get("title", ""))),
    }
    return json.dumps(head) + "\n"


def _mark(record: Record) -> str:
    """Return what a player can jump to: questions, ends, notes."""
    match record["k"]:
        case "gate.ask":
            return clean_line(record["question"])
        case "note":
            return "note"
        case "run.end":
            return clean_line(f"end: {record['result']}")
    return ""
