"""Telling a past run again, or the part of it that was asked for: as lines, or record by record."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path

from msgspec import Struct

from gonogo.errors import UsageError
from gonogo.report.outputs import first_lines, span
from gonogo.report.story import Story
from gonogo.report.times import clock_of
from gonogo.run.client import new_state
from gonogo.run.monitors import Level
from gonogo.run.state import BAD, At, Record, RunState
from gonogo.text import clean_line
from gonogo.trail.reader import Reading

from .listing import when

_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?")
_OFFSET = re.compile(r"\+(\d{1,6})([smh])")
_UNITS = {"s": 1, "m": 60, "h": 3600}
_DECIDED = frozenset(
    {
        "gate.ask", "gate.answer", "gate.approve", "gate.expired", "step.settle", "jump", "pick-up", "edit",
        "plan.change", "deviation", "run.pause", "run.resume", "operator", "run.end", "test.begin",
        "test.result", "test.end", "test.baseline",
    }
)  # fmt: skip
_TROUBLE = frozenset(
    {
        "host.unknown",
        "host.cancelled",
        "gap",
        "seal.failed",
        "recovered",
        "clock.jump",
        "run.end",
        "monitor.change",
    }
)

Keep = Callable[[RunState, Record], bool]


class Part(Struct, frozen=True):
    """What of a run is told. Times are nanoseconds since it began."""

    begin: int | None = None
    end: int | None = None
    only: tuple[str, ...] = ()
    """Of `decisions`, `failures`, `notes`, `outages`; empty: all."""
    host: str | None = None
    """A name or a pattern with * and ?: only what this host did."""

    def has(self, state: RunState, record: Record) -> bool:
        """Tell whether a record is told; the state is right after it was folded in."""
        if (self.begin is not None and record["m"] < self.begin) or (
            self.end is not None and record["m"] > self.end
        ):
            return False
        if self.host is not None:
            return record["k"] == "host.exit" and fnmatchcase(clean_line(record["host"]), self.host)
        return not self.only or any(ONLY[word](state, record) for word in self.only)


def _is_failure(state: RunState, record: Record) -> bool:
    if record["k"] == "round.end":
        turn = state.turns[record["turn"]]
        return any(host.state in BAD and host.attempt == turn.attempt for host in turn.hosts.values())
    if record["k"] == "gate.ask":
        return bool(record["at"] == At.FAILURE)
    if record["k"] == "gate.answer":
        return bool(state.decisions) and state.decisions[-1].gate.at is At.FAILURE
    if record["k"] == "monitor.change":
        return record["level"] in (Level.ALARM, Level.FAILING)
    if record["k"] == "test.result":
        return not record["passed"]
    return record["k"] in _TROUBLE or (record["k"] == "host.exit" and record["state"] in BAD)


ONLY: dict[str, Keep] = {
    "decisions": lambda _, record: record["k"] in _DECIDED,
    "failures": _is_failure,
    "notes": lambda _, record: record["k"] == "note",
    "outages": lambda _, record: record["k"] in ("outage.begin", "outage.end"),
}
"""What can be asked for alone -> whether a record is of it."""


class Retelling:
    """One run, told once, with or without what its hosts printed.

    `state` and `reading` are what is known at the end.
    """

    def __init__(self, run: Path, part: Part, *, outputs: bool = True) -> None:
        self.run, self._part, self._outputs = run, part, outputs
        self.state = new_state(run)
        self.reading = Reading(run / "audit.jsonl")

    def lines(self) -> Iterator[str]:
        """Yield the story in plain lines."""
        story = Story(self.state, outputs=self._outputs)
        for record in self._records():
            told = story.feed(record)
            if self._part.has(self.state, record):
                yield from _of_host(self.state, record) if self._part.host is not None else told

    def records(self) -> Iterator[str]:
        """Yield the records as JSON lines."""
        for record in self._records():
            if self._part.has(self.state, record):
                yield json.dumps(record)

    def _records(self) -> Iterator[Record]:
        for record in self.reading.records():
            self.state.apply(record)
            yield record


def _of_host(state: RunState, record: Record) -> Iterator[str]:
    planned = state.plan.step_of(state.plan.turns[record["turn"]])
    why = f": {clean_line(record['why'])}" if record.get("why") else ""
    what = f" {clean_line(record['phase'])}" if record["phase"] != "run" else ""
    title, host = clean_line(planned.step.title), clean_line(record["host"])
    took = span(int(record.get("ns", 0)))
    yield f"{clock_of(record['t'])}  {host} {clean_line(record['state'])} in {took}{why}: {title}{what}"
    yield from (
        f"          {line}" for line in first_lines(record.get("excerpt", ""), record.get("lines", 0), 20)
    )


def moment_in(run: Path, text: str) -> int:
    """Return the nanoseconds since a run began that a person's time means.

    `+90m` after its begin, `16:42` or `16:42:10` (local, the first such time in the run), or a whole local
    date and time. Raises UsageError for anything else.
    """
    if found := _OFFSET.fullmatch(text):
        return int(found[1]) * _UNITS[found[2]] * 10**9
    start = next(Reading(run / "audit.jsonl").records(), {})
    utc = when(str(start.get("t", "")))
    if utc is None:
        raise UsageError("the run never began", "There is nothing to tell.")
    began = utc.astimezone()
    try:
        return round((_named(text, began) - began).total_seconds() * 10**9)
    except (ValueError, OverflowError):
        mend = "Write 16:42, 2026-11-20T16:42, or +90m after its begin."
        raise UsageError(f"{clean_line(text)!r} is no time", mend) from None


def _named(text: str, began: datetime) -> datetime:
    if found := _CLOCK.fullmatch(text):
        named = began.replace(
            hour=int(found[1]), minute=int(found[2]), second=int(found[3] or 0), microsecond=0
        )
        # 01:10 in a run that began at 22:00 is in the night that follows.
        return named if named >= began.replace(second=0, microsecond=0) else named + timedelta(days=1)
    return datetime.fromisoformat(text).astimezone()
