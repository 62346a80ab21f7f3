"""What happens to a run besides steps, questions and notes, in a line each."""

from __future__ import annotations

from collections.abc import Callable

from gonogo.run.state import Record, RunState
from gonogo.text import clean_line

from .lookouts import baseline_text, begin_text, change_text, latest_text
from .outputs import folded, unkept
from .summary import Event, When


def event_text(state: RunState, record: Record, when: When) -> Event:
    """Return the event that a record of a kind in EVENTS tells."""
    return Event(when, record["k"], EVENTS[record["k"]](state, record))


def _by(record: Record) -> str:
    return clean_line(record["by"]) if record.get("by") else "the program"


def _why(record: Record) -> str:
    return f": {clean_line(record['reason'])}" if record.get("reason") else ""


def _steps(state: RunState, record: Record) -> str:
    numbers = dict.fromkeys(state.plan.turns[turn].step for turn in record["turns"])
    return ", ".join(clean_line(state.plan.steps[number].step.title) for number in numbers)


def _reached(state: RunState) -> str:
    """Return who could be reached before the first go."""
    good = sum(not why for why in state.reaches.values())
    bad = [name for name, why in state.reaches.items() if why]
    asked = state.reached.hosts if state.reached else len(state.reaches)
    return f"{good} of {asked} hosts could be reached" + (f"; not {folded(bad)}" if bad else "")


_JUMPS = {"forward": "went past", "again": "had run once more", "rollback": "rolled back"}

EVENTS: dict[str, Callable[[RunState, Record], str]] = {
    "run.resume": lambda _, record: f"{_by(record)} went on with the run",
    "run.pause": lambda _, record: f"paused by {_by(record)}: {clean_line(record['why'])}",
    "operator": lambda _, record: f"{_by(record)} took over from {clean_line(record['was'])}",
    "jump": lambda state, record: (
        f"{_by(record)} {_JUMPS.get(record['how'], clean_line(record['how']))} "
        f"{_steps(state, record)}{_why(record)}"
    ),
    "reach.end": lambda state, _record: _reached(state),
    "pick-up": lambda _, record: f"{_by(record)} picked up {folded(record['hosts'])}{_why(record)}",
    "edit": lambda state, record: (
        f"{_by(record)} ran another command than the document's in "
        f"{clean_line(state.plan.steps[record['number']].step.title)}{_why(record)}"
    ),
    "plan.change": lambda _, record: f"the runbook was edited; {_by(record)} went on with its new text",
    "monitor.change": change_text,
    "test.begin": lambda _, record: begin_text(record),
    "test.end": lambda state, _: latest_text(state),
    "test.baseline": lambda _, record: baseline_text(record),
    "shell.begin": lambda _, record: f"{_by(record)} opened a shell on {clean_line(record['host'])}",
    "shell.end": lambda _, record: f"{_by(record)} left the shell on {clean_line(record['host'])}",
    "host.unknown": lambda _, record: f"unknown: {folded(record['hosts'])}: {clean_line(record['why'])}",
    "host.cancelled": lambda _, record: f"cancelled: {folded(record['hosts'])}: {clean_line(record['why'])}",
    "gate.expired": lambda _, _record: "the signatures' time was over: the question was asked anew",
    "gap": lambda _, record: unkept(record),
    "seal.failed": lambda _, record: f"not sealed: {clean_line(record['why'])}",
    "recovered": lambda _, record: f"{int(record['bytes'])} bytes of a torn last line were cut off",
    "clock.jump": lambda _, record: f"the wall clock jumped by {record['wall_ms'] / 1000:.1f} s",
}
"""Kind -> what tells it, from the state right after the record was folded in."""
