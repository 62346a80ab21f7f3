"""`gonogo report`, `gonogo compare` and `gonogo replay` over runs that are on disk."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gonogo.cli import app, trust
from gonogo.cli.beside import beside
from gonogo.errors import GonogoError
from tests.report.made import SECOND, Made, plan_of, small, step_of


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where runs are looked for, with one in it."""
    monkeypatch.setenv("GONOGO_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    small(tmp_path / "runs")
    return tmp_path / "runs"


def gonogo(*words: str | Path, fails: bool = False) -> Result:
    """Run a command in this process; whoever fails says why and how to mend it."""
    found = CliRunner().invoke(app, [str(word) for word in words], standalone_mode=False)
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        assert isinstance(found.exception, GonogoError), found.exception
        assert fails, found.exception
    return found


def test_a_report_goes_to_a_new_file_in_the_form_of_its_name(runs: Path, tmp_path: Path) -> None:
    """The ending says which form."""
    begins = {
        "html": "<!doctype html>",
        "md": "# A change: GO",
        "json": "{",
        "csv": "run,",
        "cast": '{"version": 3',
    }
    for ending, begin in begins.items():
        gonogo("report", "last", "-o", tmp_path / f"out.{ending}")
        assert (tmp_path / f"out.{ending}").read_text().startswith(begin)
    assert gonogo("report").output.startswith("# A change: GO")


def test_a_file_that_is_there_stays_as_it_is(runs: Path, tmp_path: Path) -> None:
    """Unless it is to be replaced; a link is followed in no case."""
    (tmp_path / "out.md").write_text("mine")
    (tmp_path / "link.md").symlink_to(tmp_path / "out.md")
    for words in (
        ["-o", "out.md"],
        ["-o", "link.md"],
        ["-o", "link.md", "--force"],
        ["-o", "no/such/out.md"],
    ):
        at = [str(tmp_path / word) if word.endswith(".md") else word for word in words]
        assert isinstance(gonogo("report", *at, fails=True).exception, GonogoError)
    assert (tmp_path / "out.md").read_text() == "mine"
    gonogo("report", "-o", tmp_path / "out.md", "--force")
    assert (tmp_path / "out.md").read_text().startswith("# A change")
    assert sorted(os.listdir(tmp_path)) == ["link.md", "out.md", "runs"]


def test_a_run_that_cannot_be_trusted_to_its_end_is_told_and_the_exit_code_says_so(runs: Path) -> None:
    """Its report names where the trust ends."""
    trail = next(runs.glob("*/audit.jsonl"))
    trail.write_bytes(trail.read_bytes().replace(b'"all quiet"', b'"all loud!"'))
    found = gonogo("report")
    assert found.exit_code == 4
    assert "cannot be trusted to its end" in found.output
    assert "trust ends here: corrupt" in found.stderr
    assert gonogo("compare", "last", "last").exit_code == 4


def test_a_report_changes_nothing_of_the_run(runs: Path, tmp_path: Path) -> None:
    """No file of it is written, added or touched."""
    before = {path: path.stat().st_mtime_ns for path in runs.rglob("*")}
    for form in ("html", "md", "json", "csv", "cast", "junit"):
        gonogo("report", "--to", form)
    assert {path: path.stat().st_mtime_ns for path in runs.rglob("*")} == before


def test_earlier_runs_of_the_same_runbook_say_what_was_expected(runs: Path, tmp_path: Path) -> None:
    """Only earlier ones, of the same file, and with their number."""
    small(tmp_path / "runs", hour=18)
    small(tmp_path / "runs", hour=20, runbook="/srv/other.md")
    small(tmp_path / "runs", hour=21)
    by_hour = {run.name[9:11]: run.name for run in runs.iterdir()}
    steps = {
        hour: json.loads(gonogo("report", name, "--to", "json").output)["steps"][0]["expected"]
        for hour, name in by_hour.items()
    }
    assert steps["16"] is None
    assert steps["20"] is None
    assert (steps["18"]["runs"], steps["21"]["runs"], steps["21"]["usual"]) == (1, 2, 6.0)


def test_two_runs_are_compared_step_by_step(runs: Path, tmp_path: Path) -> None:
    """Results, durations, commands, outputs, and steps that only one has."""
    hosts = [f"cp{number:02}" for number in range(1, 7)]
    stop = step_of("stop", hosts, script="systemctl stop api2")
    made = Made(
        runs, plan_of(stop, step_of("new", hosts), step_of("check", hosts, script="uname -r")), hour=19
    )
    made.round(0, after=60 * SECOND)
    made.end(0, "warn")
    made.round(1)
    made.end(1)
    made.round(2, said=dict.fromkeys(hosts, "6.2.0"))
    made.end(2)
    second = made.close()
    first = next(run for run in runs.iterdir() if run != second)
    said = gonogo("compare", first, second).output
    assert "! Stop" in said
    assert "B warn, 6 ok, 1 min 01 s  (+55 s)" in said
    assert "command  -systemctl stop api\n    command  +systemctl stop api2" in said
    assert "> New  [new]\n    only in B" in said
    assert "< Last  [last]\n    only in A" in said
    assert "output   -6.1.0\n    output   +6.2.0" in said
    found = json.loads(gonogo("compare", first, second, "--to", "json").output)
    assert [step["id"] for step in found["steps"]] == ["stop", "new", "check", "last"]
    assert found["steps"][1]["runs"][0] is None
    for form in ("md", "html"):
        assert "systemctl stop api2" in gonogo("compare", first, second, "--to", form).output


def test_the_compare_screen_has_all_that_the_lines_have(runs: Path) -> None:
    """Both runs, what each step came to, failures on the way, batches, and how command and output differ."""
    hosts, first = [f"cp{number:02}" for number in range(1, 7)], next(runs.iterdir())
    made = Made(runs, plan_of(step_of("stop", hosts, script="systemctl stop api2", batches=2)), hour=19)
    made.round(0, bad={hosts[0]: "exit code 1"})
    made.round(0, attempt=2, hosts=hosts[:1])
    made.end(0)
    made.round(1)
    made.end(1)
    found = beside(first, made.close())
    assert [one.result for one in found.sides] == ["GO", "GO"]
    assert {twin.id: twin.mark for twin in found.twins} == {"stop": "~", "check": "<", "last": "<"}
    came = found.twins[0].second
    assert came is not None
    assert came.hosts == "6 ok, 1 failed on the way"
    assert came.failures == ("cp01: failed: exit code 1",)
    assert len(came.batches) == 2
    assert "+systemctl stop api2" in found.twins[0].command


def test_a_part_of_a_run_is_told_again(runs: Path) -> None:
    """By time, by kind, by host, and as the records themselves."""
    said = gonogo("replay", "--only", "failures").output
    assert "cp02: exit code 1" in said
    assert "all quiet" not in said
    assert "RETRY-FAILED" in said
    assert "cp02 failed in 1.0 s: exit code 1: Stop" in gonogo("replay", "--host", "cp02").output
    assert "cp02" not in gonogo("replay", "--host", "cp03").output
    late = gonogo("replay", "--from", "+40m").output
    assert "outage of api ends" in late
    assert "Stop on 3 hosts?" not in late
    assert "outage of api ends" not in gonogo("replay", "--to", "+20m").output
    (note,) = gonogo("replay", "--json", "--only", "notes").output.splitlines()
    assert json.loads(note)["text"] == "all quiet"
    assert "GO after" in gonogo("replay", "--plain").output


@pytest.mark.parametrize("time", ["25:00", "soon", "+1y", "2026-13-01", ""])
def test_a_time_that_is_none_is_refused(runs: Path, time: str) -> None:
    """And the error says how times are written."""
    found = gonogo("replay", "--from", time or " ", fails=True).exception
    assert isinstance(found, GonogoError)
    assert "16:42" in found.mend


def test_a_large_record_is_checked_in_a_process_beside(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same verdict."""
    (run,) = runs.iterdir()
    monkeypatch.setattr(trust, "LARGE", 0)
    with trust.trust_beside(run) as checked:
        assert checked() == trust.trust_of(run)


def test_a_run_that_goes_on_is_told_so_far(runs: Path) -> None:
    """Nothing of it is over, and the exit code is that of a good record."""
    made = Made(runs, plan_of(step_of("one", ["a"]), step_of("two", ["a"])), hour=22)
    made.round(0)
    made.end(0)
    made.ask(1, question="Two on 1 host")
    made.close(None)
    found = gonogo("report", "--to", "md")
    assert found.exit_code == 0
    assert found.output.startswith("# A change: NOT OVER")
    assert "Two on 1 host **no answer**" in found.output
    assert "| 2. Two | not-reached |" in found.output
