"""Monitors and rounds of tests in reports: charts, tables and lines, whatever was recorded."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import jsonschema
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gonogo.format.model import Kind, Limits, Monitor, Options, Script, Step
from gonogo.report.collect import read_summary
from gonogo.report.compare import compare
from gonogo.report.forms import comparison, html, markdown
from gonogo.report.forms import json as as_json
from gonogo.report.summary import Summary, Watched
from gonogo.report.watched import BLOCKS, reach, share, spark
from gonogo.run.monitors import Level, Sample, Series
from gonogo.run.plan import PlannedMonitor

from .made import PLACE, SECOND, Made, plan_of, step_of
from .test_forms import HOSTILE


def monitor(name: str, unit: str = "", hosts: tuple[str, ...] = ("db1",), **limits: float) -> PlannedMonitor:
    """Return a planned monitor."""
    step = Step(name, name, Kind.RUN, PLACE, Options(hosts="db", every=5.0, timeout=5.0), Script("sample"))
    return PlannedMonitor(Monitor(step, unit=unit, limits=Limits(**limits)), hosts)


def made(
    folder: Path, monitors: tuple[PlannedMonitor, ...], tests: tuple[str, ...] = (), **more: Any
) -> Made:
    """Begin a run with monitors and tests."""
    planned = tuple(step_of(name, ["db1", "db2"]) for name in tests)
    return Made(folder, replace(plan_of(step_of("one", ["a"])), monitors=monitors, tests=planned), **more)


def look(run: Made, number: int, failing: str = "", compared: str = "same") -> None:
    """Run the tests of a run once."""
    run.add("test.begin", round=number, by="bob", tests=len(run.plan.tests))
    for at, one in enumerate(run.plan.tests):
        same: dict[str, Any] = {"round": number, "test": at}
        run.add("test.start", **same, step=one.step.id, hosts=list(one.hosts))
        bad = one.step.id == failing
        for host in one.hosts:
            came: dict[str, Any] = {"state": "failed", "why": "exit code 7"} if bad else {"state": "ok"}
            run.add("test.exit", **same, host=host, how="exit", **came, excerpt="all well")
        words: dict[str, Any] = (
            {"compared": compared, "diff": "-well +ill"}
            if bad
            else {"compared": "same" if number > 1 else "first"}
        )
        run.add("test.result", **same, step=one.step.id, passed=not bad, **words)
    against: dict[str, Any] = {"against": "round 1"} if number > 1 else {}
    run.add("test.end", round=number, **against)


def evening(folder: Path, *, high: int = 12, hour: int = 16) -> Path:
    """Return a run in which a monitor came to be in alarm, one gave no number, and a test failed newly."""
    lag = monitor("lag", "s", warn_above=5, alarm_above=10)
    run = made(
        folder, (lag, monitor("agents", alarm_below=1), monitor("never")), ("tokens", "boots"), hour=hour
    )
    look(run, 1)
    for value in (1, 2, 6, high, 3):
        level = "ok" if value <= 5 else "warn" if value <= 10 else "alarm"
        run.add("monitor.sample", monitor="lag", value=str(value), level=level)
    run.add("monitor.change", monitor="lag", level="alarm", was="ok", value="12")
    run.add("monitor.sample", monitor="agents", level="failing", why="db1: unreachable")
    run.round(0)
    run.end(0)
    look(run, 2, "boots", "newly failing")
    return run.close()


def told(form: Any, summary: Summary) -> str:
    """Return a summary in a form."""
    return "".join(form.render(summary))


def test_the_page_draws_every_monitor_that_was_looked_at(tmp_path: Path) -> None:
    """Line, limits, stretches beyond them, and where there was no number; the words stand beside it."""
    page = told(html, read_summary(evening(tmp_path)))
    assert page.count('class="chart"') == 2
    assert page.count("<polyline") == 1
    assert page.count('class="limit') == 3
    assert 'class="s-bad beyond"' in page
    assert 'class="s-back missing"' in page
    assert "1 to 12 s in 5 samples" in page
    assert "alarm above 10 s, warns above 5 s" in page
    assert "Monitor lag was in alarm" in page.partition("What went wrong")[2]


def test_the_page_has_a_row_for_each_test_and_a_column_for_each_round(tmp_path: Path) -> None:
    """With how each compares, which hosts are not well and why, and what is different now."""
    page = told(html, read_summary(evening(tmp_path)))
    table = page.partition("<h2>Tests</h2>")[2].partition("</table>")[0]
    assert table.count("<tr>") == 3
    assert "✕ newly failing" in table
    assert table.count("✓ ok") == 2
    assert "Boots: 2 hosts, db[1-2]: exit code 7; -well +ill" in page
    assert "Tests, round 2: newly failing: Boots" in page


def test_markdown_has_a_line_of_blocks_and_the_table(tmp_path: Path) -> None:
    """Readable where nothing is drawn."""
    page = told(markdown, read_summary(evening(tmp_path)))
    assert "| lag on db1 | `▁▂▅█▃` | 1 to 12 s in 5 samples |" in page
    assert "| agents on db1 | `·` | – in 1 sample, 1 without a number | alarm below 1 |" in page
    assert "| Boots | ok | newly failing |" in page
    assert "- Monitor lag was in alarm" in page


def test_json_has_the_course_and_keeps_to_its_schema(tmp_path: Path, root: Path) -> None:
    """Numbers, limits and levels for machines; rounds with every result."""
    found = json.loads(told(as_json, read_summary(evening(tmp_path))))
    jsonschema.validate(found, json.loads((root / "docs" / "report.schema.json").read_text()))
    lag, agents = found["monitors"]
    assert (lag["least"], lag["most"], lag["last"], lag["rang"]) == (1, 12, 3, 1)
    assert lag["limits"] == {"alarm-above": 10, "warns-above": 5}
    assert [part["level"] for part in lag["course"]] == ["ok", "ok", "warn", "alarm", "ok"]
    assert (agents["most"], agents["without_number"]) == (None, 1)
    assert [one["compared"] for one in found["tests"][1]["results"]] == ["same", "newly failing"]


def test_two_runs_are_compared_by_their_monitors_and_tests(tmp_path: Path) -> None:
    """What each came to in both, where it differs."""
    one, two = (read_summary(evening(tmp_path / str(at), high=at, hour=at)) for at in (8, 12))
    said = "".join(comparison.text(compare(one, two)))
    assert "monitor lag: 1 to 8 s / 1 to 12 s" in said
    assert "agents" not in said
    assert "tests: " not in said


def test_a_long_run_is_drawn_in_bounded_space(tmp_path: Path) -> None:
    """A week of samples takes no more room than an hour of them."""
    sizes = []
    for number, samples in enumerate((600, 6_000)):
        run = made(tmp_path / str(number), (monitor("lag", "s", warn_above=5),))
        for at in range(samples):
            run.add("monitor.sample", monitor="lag", value=str(at % 7), level="ok" if at % 7 < 6 else "warn")
        sizes.append(len(told(html, read_summary(run.close()))))
    assert sizes[1] < 1.3 * sizes[0] < 120_000


def test_hostile_names_and_reasons_are_text_in_every_form(tmp_path: Path) -> None:
    """Nothing of them is markup, and no control character is left."""
    run = made(tmp_path, (monitor(HOSTILE, HOSTILE, (HOSTILE,), warn_above=-1e300),), (HOSTILE,), by=HOSTILE)
    run.add("monitor.sample", monitor=HOSTILE, value="1e308", level="warn", why=HOSTILE, host=HOSTILE)
    run.add("monitor.sample", monitor=HOSTILE, value="-1e308", level="ok")
    run.add("test.begin", round=1, by=HOSTILE, tests=1)
    run.add("test.start", round=1, test=0, step=HOSTILE, hosts=[HOSTILE])
    run.add(
        "test.exit", round=1, test=0, host=HOSTILE, state="failed", why=HOSTILE, how="exit", excerpt=HOSTILE
    )
    run.add("test.result", round=1, test=0, step=HOSTILE, passed=False, compared="first", diff=HOSTILE)
    run.add("test.end", round=1, why=HOSTILE)
    summary = read_summary(run.close())
    for form in (html, markdown, as_json):
        page = told(form, summary)
        assert not any(ord(char) < 32 and char != "\n" for char in page)
        assert "alert(1)" in page
    assert "<script>" not in told(html, summary)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.none(), min_size=1, max_size=60))
def test_any_numbers_can_be_drawn(values: list[float | None]) -> None:
    """However large, small or missing: each block is one, and each share is within bounds."""
    series = Series()
    for at, value in enumerate(values):
        series = series.sampled(Sample(at * SECOND, value, Level.FAILING if value is None else Level.OK))
    one = Watched("m", "here", 1.0, "", Limits(alarm_above=5.0), series)
    low, high = reach(one)
    assert low < high
    assert set(spark(one)) <= {*BLOCKS, "·"}
    assert all(0 <= share(value, low, high) <= 1 for value in values if value is not None)
    assert not math.isnan(low)
