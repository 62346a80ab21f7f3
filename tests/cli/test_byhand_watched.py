"""Monitors and rounds of tests in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.cli.plain.watched import monitors, rounds
from gonogo.errors import RunError
from gonogo.run.client import new_state
from gonogo.run.state import RunState
from gonogo.trail.reader import Reading
from tests.report.made import SECOND
from tests.report.test_watched import look, made, monitor


def _folded(run: Path) -> RunState:
    state = new_state(run)
    for record in Reading(run / "audit.jsonl").records():
        state.apply(record)
    return state


def test_a_monitor_is_told_in_words_and_numbers(tmp_path: Path) -> None:
    """Its number now and where it stands, its limits, its course; one without a number says why."""
    watched = (monitor("lag", "s", warn_above=5, alarm_above=10), monitor("agents"), monitor("la\x1bter"))
    run = made(tmp_path / "run", watched)
    for value, level in ((1, "ok"), (2.5, "ok"), (12, "alarm")):
        run.add("monitor.sample", monitor="lag", value=str(value), level=level)
    run.add("monitor.change", monitor="lag", level="alarm", was="ok", value="12")
    run.add("monitor.sample", monitor="agents", level="failing", why="db1: unreach\x1bable")
    state = _folded(run.close())
    told = "\n".join(monitors(state, state.monitors["lag"].since + 90 * SECOND))
    for words in (
        "lag: 12 s, alarm for 1 min 30 s, rang 1 time",
        "   alarm above 10 s, warns above 5 s; every 5s on db1",
        "   1 to 12 s in 3 samples\n   lately, the last one now: 1 2.5 12",
        "agents: no number",
        "   no limits; every 5s on db1\n   lately, the last one now: none\n",
        "   why: db1: unreach^[able",
        "la^[ter: no number yet",
    ):
        assert words in told


def test_rounds_are_listed_and_one_s_results_told(tmp_path: Path) -> None:
    """A line a round; of the last, or of the one that is wanted, each test by a word, and what is ill."""
    run = made(tmp_path / "run", (), ("login", "boot"))
    look(run, 1)
    look(run, 2, failing="boot", compared="newly failing")
    state = _folded(run.close())
    told = list(rounds(state, ""))
    assert [line.partition(" tests, ")[2][:8] for line in told[:2]] == ["round 1:", "round 2:"]
    assert told[2] == "round 2 by bob:"
    assert "newly failing: boot" in told[4].lower()
    assert "db[1-2]: exit code 7" in told[5]
    assert "round 1 by bob:" in list(rounds(state, "1"))
    with pytest.raises(RunError, match="there is no round '3'"):
        list(rounds(state, "3"))


def test_what_a_runbook_does_not_have_is_said(tmp_path: Path) -> None:
    """Neither is silence."""
    state = _folded(made(tmp_path / "none", ()).close())
    assert list(monitors(state, 0)) == ["This runbook has no monitors."]
    assert list(rounds(state, "")) == ["This runbook has no test plan."]
    planned = _folded(made(tmp_path / "planned", (), ("login",)).close())
    assert list(rounds(planned, "")) == ["The test plan was not run yet."]
