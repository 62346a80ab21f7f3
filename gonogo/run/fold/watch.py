"""The fold of what looks on while a run goes: monitors, and rounds of the test plan."""

from __future__ import annotations

import math
from operator import index
from typing import Any

from msgspec.structs import replace

from ..monitors import Level, Sample, Series
from ..rounds import NAMED, Compared, Result, TestRound
from ..rundata import Record, RunData
from ..words import BAD, HostState

_BAD = frozenset(state.value for state in BAD)


def monitor_sample(state: RunData, record: Record) -> None:
    """A monitor was looked at once."""
    sample = Sample(
        record["m"],
        _number(record.get("value")),
        Level(record["level"]),
        _text(record, "why"),
        _text(record, "host"),
    )
    name = _monitor(state, record)
    state.monitors[name] = state.monitors.get(name, Series()).sampled(sample)


def _number(value: str | None) -> float | None:
    """Return a number, which the trail holds as text: it has no floats; raise ValueError for what is none."""
    if value is None:
        return None
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(value)
    return number


def monitor_change(state: RunData, record: Record) -> None:
    """A monitor came to stand better or worse."""
    name = _monitor(state, record)
    series = state.monitors.get(name, Series())
    state.monitors[name] = series.changed(Level(record["level"]), record["m"])


def _monitor(state: RunData, record: Record) -> str:
    """Return the monitor's name; raise KeyError for one that the run's plans do not have."""
    name = str(record["monitor"])
    if name not in state.monitors and all(one.name != name for one in state.plan.monitors):
        raise KeyError(name)
    return name


def test_begin(state: RunData, record: Record) -> None:
    """A round of tests was asked for."""
    number, tests = index(record["round"]), index(record["tests"])
    if number != len(state.rounds) + 1 or state.testing is not None:
        raise ValueError(number)
    turn = state.gate.turn if state.gate else None
    state.rounds.append(TestRound(number, _text(record, "by"), record["m"], tests, turn))


def test_start(state: RunData, record: Record) -> None:
    """A test goes to these hosts as soon as this is on disk; a further record names more of them."""
    results = _round(state, record).results
    if results and results[-1].test == record["test"]:
        return
    test = index(record["test"])
    step = state.plan.tests[test].step
    begun = Result(test, step.id, step.title, record["m"])
    _change(state, results=(*results, begun))


def test_exit(state: RunData, record: Record) -> None:
    """One host is heard of."""
    results = _round(state, record).results
    one, came_to = results[-1], HostState(record["state"]).value
    counts = {**one.counts, came_to: one.counts.get(came_to, 0) + 1}
    bad = one.bad
    if came_to in _BAD and len(bad) < NAMED:
        bad = (*bad, (_text(record, "host"), _text(record, "why")))
    excerpt = one.excerpt or _text(record, "excerpt")
    _change(state, results=(*results[:-1], replace(one, counts=counts, bad=bad, excerpt=excerpt)))


def test_result(state: RunData, record: Record) -> None:
    """All hosts of a test are heard of, and their results are compared."""
    results = _round(state, record).results
    compared, passed = Compared(record["compared"]), bool(record["passed"])
    diff = _text(record, "diff")
    one = replace(results[-1], ended=record["m"], passed=passed, compared=compared, difference=diff)
    _change(state, results=(*results[:-1], one))


def test_end(state: RunData, record: Record) -> None:
    """The round is over."""
    _round(state, record)
    _change(state, ended=record["m"], against=_text(record, "against"), broken=_text(record, "why"))


def test_baseline(state: RunData, record: Record) -> None:
    """The operator chose a round that later ones are compared with."""
    number = index(record["round"])
    if number < 1 or not state.rounds[number - 1].complete:
        raise ValueError(number)
    state.baseline = number


def _text(record: Record, key: str) -> str:
    """Return a text that may be missing; raise TypeError for anything else."""
    found = record.get(key, "")
    if not isinstance(found, str):
        raise TypeError(key)
    return found


def _round(state: RunData, record: Record) -> TestRound:
    """Return the round that is out; raise ValueError when a record is of another one."""
    if state.testing is None or record["round"] != state.testing.number:
        raise ValueError(record["round"])
    return state.testing


def _change(state: RunData, **changes: Any) -> None:
    state.rounds[-1] = replace(state.rounds[-1], **changes)
