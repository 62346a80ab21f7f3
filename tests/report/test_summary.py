"""The summary: what a run came to, from its records alone."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from gonogo.errors import TrailError
from gonogo.report.collect import read_summary
from gonogo.report.forms import csv, html, json, junit, markdown
from gonogo.report.phrases import took
from gonogo.report.summary import StepSummary, Summary
from gonogo.run.revise import revised

from .made import SECOND, Made, plan_of, small, step_of


@pytest.fixture
def summary(tmp_path: Path) -> Summary:
    """A small run's."""
    return read_summary(small(tmp_path))


def by_id(summary: Summary) -> dict[str, StepSummary]:
    """Return its steps."""
    return {step.id: step for step in summary.steps}


def test_a_step_counts_its_time_on_hosts_and_not_the_wait_for_people(summary: Summary) -> None:
    """Two batches and a second try took four seconds each; the ten minutes before are the question's."""
    stop = by_id(summary)["stop"]
    assert stop.took == 3 * 2 * SECOND
    assert [batch.number for batch in stop.batches] == [1, 2]
    assert summary.waited == 602 * SECOND
    assert summary.decisions[0].waited == 601 * SECOND


def test_a_step_counts_the_waits_between_its_tries(tmp_path: Path) -> None:
    """The document's half a minute before the second try is in it, a person's before the third is not."""
    made = Made(tmp_path, plan_of(step_of("up", ["a"], until=True)))
    made.round(0, bad={"a": "exit 1"})
    made.now += 29 * SECOND
    made.round(0, attempt=2, bad={"a": "exit 1"})
    made.ask(at="failure")
    made.now += 120 * SECOND
    made.answer("retry-failed")
    made.round(0, attempt=3)
    made.end(0)
    (up,) = read_summary(made.close()).steps
    assert (up.took, up.tries) == ((2 + 30 + 2 + 2) * SECOND, 3)
    assert took(up) == "×3 36 s"


def test_a_failure_that_was_made_good_is_still_told(summary: Summary) -> None:
    """The first attempt keeps its failed host, its reason and what it printed last."""
    first, second = by_id(summary)["stop"].batches[0].attempts
    (group,) = first.failed
    assert (group.hosts, group.why, group.text) == (("cp02",), "exit code 1", "no such unit\nFailed to stop")
    assert (second.failed, second.counts) == ((), {"ok": 1})
    assert by_id(summary)["stop"].result == "ok"


def test_of_a_failed_host_the_last_lines_are_told(tmp_path: Path) -> None:
    """However much it printed before: that is where the reason stands."""
    made = Made(tmp_path, plan_of(step_of("one", ["a"])))
    made.round(0, bad={"a": "exit code 1"}, said={"a": "".join(f"line {at}\n" for at in range(5000))})
    (group,) = read_summary(made.close("aborted")).steps[0].attempts[0].failed
    first, *lines = group.text.splitlines()
    assert (first, lines[-1], len(lines)) == ("…", "line 4999", 25)


def test_an_outage_has_its_length(summary: Summary) -> None:
    """It is measured from its two records."""
    (outage,) = summary.outages
    assert outage.ended is not None
    assert 45 * 60 <= (outage.ended.ns - outage.began.ns) / SECOND <= 46 * 60


def test_outputs_are_grouped_with_the_most_common_first(summary: Summary) -> None:
    """Five hosts agree and one does not."""
    usual, odd = by_id(summary)["check"].attempts[0].printed
    assert (len(usual.hosts), usual.text, odd.hosts, odd.text) == (5, "6.1.0", ("cp05",), "5.9.0")


def test_a_step_that_was_jumped_over_is_skipped(summary: Summary) -> None:
    """And the deviation says why."""
    assert by_id(summary)["last"].result == "skipped"
    assert [(one.what, one.reason) for one in summary.deviations] == [("skip", "not tonight")]
    assert [event.kind for event in summary.events] == ["jump"]


def test_an_open_run_is_told_as_far_as_it_went(tmp_path: Path) -> None:
    """What is not over says so, and what was not reached too."""
    made = Made(tmp_path, plan_of(step_of("one", ["a", "b"]), step_of("two", ["a", "b"])))
    made.round(0, bad={"b": "exit code 3"})
    found = read_summary(made.close(None))
    assert found.result == "open"
    assert [step.result for step in found.steps] == ["failed", "not-reached"]


def test_a_process_that_died_leaves_an_attempt_without_an_end(tmp_path: Path) -> None:
    """Its hosts are unknown, and its duration is not guessed."""
    made = Made(tmp_path, plan_of(step_of("one", ["a", "b"])))
    made.add("step.plan", turn=0, phase="run", attempt=1, step="one", script="", hosts=2, plan="")
    made.add("host.start", turn=0, phase="run", attempt=1, hosts=["a", "b"])
    made.add("run.resume", by="bob@ops", secrets=[])
    made.add("host.unknown", turn=0, hosts=["a", "b"], why="the process died")
    found = read_summary(made.close(None))
    (attempt,) = found.steps[0].attempts
    assert (attempt.ended, attempt.took, attempt.counts) == (None, 0, {"unknown": 2})
    assert found.operators == ("alice@ops", "bob@ops")


def test_a_damaged_trail_is_told_up_to_the_damage(tmp_path: Path) -> None:
    """And the summary says where the trust ends."""
    run = small(tmp_path)
    data = (run / "audit.jsonl").read_bytes().splitlines(keepends=True)
    (run / "audit.jsonl").write_bytes(b"".join([*data[:-3], data[-3].replace(b"skip", b"slip"), *data[-2:]]))
    found = read_summary(run)
    assert found.damage.startswith("corrupt: at byte")
    assert found.result == "open"
    assert by_id(found)["check"].result == "ok"


def test_records_that_fit_no_plan_end_the_trust(tmp_path: Path) -> None:
    """A record about a turn that is not there is no traceback."""
    made = Made(tmp_path, plan_of(step_of("one", ["a"])))
    made.add("step.end", turn=9, step="one", result="ok", counts={})
    assert "does not fit" in read_summary(made.close()).damage


@pytest.mark.parametrize("fields", [{}, {"by": 1, "text": 2}, {"by": "a", "text": None}])
def test_a_note_of_any_shape_is_no_traceback(tmp_path: Path, fields: dict[str, Any]) -> None:
    """It ends the trust as damage does."""
    made = Made(tmp_path, plan_of(step_of("one", ["a"])))
    made.add("note", **fields)
    assert "cannot be told" in read_summary(made.close()).damage


def test_an_edited_runbook_keeps_what_was_done_with_the_step_that_stayed(tmp_path: Path) -> None:
    """A step whose commands are the same has its attempts; a changed one begins anew beside the old one."""
    hosts = ["a", "b"]
    old = plan_of(step_of("one", hosts), step_of("two", hosts), step_of("three", hosts))
    new = plan_of(step_of("zero", hosts), step_of("one", hosts), step_of("two", hosts, script="other"))
    made = Made(tmp_path, old)
    made.round(0)
    made.end(0)
    made.round(1, bad={"b": "exit code 1"})
    joined = revised(old, new)
    (made.run / "runbook" / "plan-2.json").write_bytes(joined.dump())
    made.add("plan.change", file="plan-2.json", plan="", diff="-true\n+other", sources=[], by="alice@ops")
    made.plan = joined
    made.round(3)
    made.end(3)
    found = read_summary(made.close("aborted"))
    assert [(step.number, step.id, step.result, len(step.attempts)) for step in found.steps] == [
        (0, "two", "replaced", 1),
        (1, "zero", "ok", 1),
        (2, "one", "ok", 1),
        (3, "two", "not-reached", 0),
    ]
    assert [len(step.batches) for step in found.steps] == [1, 1, 1, 1]
    assert found.damage == ""
    for form in (html, markdown, json, csv, junit):
        assert "".join(form.render(found))


def test_an_empty_trail_is_no_run(tmp_path: Path) -> None:
    """The error says so."""
    run = small(tmp_path)
    (run / "audit.jsonl").write_bytes(b"")
    with pytest.raises(TrailError, match="empty"):
        read_summary(run)


def test_what_many_hosts_printed_is_not_held(tmp_path: Path) -> None:
    """Of 10,000 hosts' ends with 500 characters each, a summary takes 5 MB at most, ends included."""
    hosts = [f"node{number:03}" for number in range(200)]
    plan = plan_of(*(step_of(f"step-{number}", hosts) for number in range(50)))
    made = Made(tmp_path, plan)
    for turn in range(50):
        made.round(turn, said={host: f"{host} {turn} ".ljust(500, ".") for host in hosts})
        made.end(turn)
    run = made.close()
    read_summary(run)  # what is loaded for the first is not counted
    tracemalloc.start()
    summary = read_summary(run)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(len(step.ends()) for step in summary.steps) == 10_000
    assert most < 5_000_000
