"""What is said of monitors and of the test plan, in lines: in a plan, in a story, among a run's events."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.format.duration import duration_text
from gonogo.format.model import Limits
from gonogo.hosts.here import LOCALHOST
from gonogo.run.monitors import thresholds
from gonogo.run.plan import Plan, PlannedMonitor
from gonogo.run.rounds import Compared
from gonogo.run.state import Record, RunState
from gonogo.text import clean_line, many

from .names import named


def planned_lines(plan: Plan) -> Iterator[str]:
    """Yield what a plan does besides its steps: monitors, one a line, and the test plan."""
    yield from (monitor_line(one) for one in plan.monitors)
    if plan.tests:
        titles = "; ".join(clean_line(one.step.title) for one in plan.tests)
        yield f"test plan, at any gate: {titles}"


def monitor_line(one: PlannedMonitor) -> str:
    """Return what a monitor runs, how often, where, and its limits."""
    step = one.monitor.step
    where = "this machine" if one.hosts == (LOCALHOST,) else named(one.hosts)
    first = clean_line((step.script.text if step.script else "").strip().split("\n")[0])
    limits = limits_text(one.monitor.limits, one.monitor.unit)
    told = f"; {limits}" if limits else ""
    every = duration_text(step.options.every or 0.0)
    return f"monitor {clean_line(one.name)} runs every {every} on {where}: {first}{clean_line(told)}"


def limits_text(limits: Limits, unit: str) -> str:
    """Return `warns above 5 s, alarm above 10 s`."""
    return ", ".join(f"{words} {number(value, unit)}" for value, words, _ in thresholds(limits))


def number(value: float | None, unit: str = "") -> str:
    """Return a number as people write it, with its unit; `–` for none."""
    if value is None:
        return "–"
    text = f"{value:,.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:.4g}"
    return f"{text} {unit}" if unit else text


def change_text(state: RunState, record: Record) -> str:
    """Return where a monitor came to stand, and with which number."""
    name = str(record["monitor"])
    unit = next((one.monitor.unit for one in state.plan.monitors if one.name == name), "")
    value = f" at {record['value']} {unit}".rstrip() if record.get("value") is not None else ""
    host = f" on {record['host']}" if record.get("host") else ""
    why = f" ({record['why']})" if record.get("why") else ""
    said = f"monitor {name}: {str(record['level']).upper()}{value}{host}, was {record['was']}{why}"
    return clean_line(said)


def begin_text(record: Record) -> str:
    """Return that a round of tests was asked for."""
    tests = many(int(record["tests"]), "test")
    return clean_line(f"{record['by']} runs the test plan: round {record['round']}, {tests}")


def baseline_text(record: Record) -> str:
    """Return which round is compared with from now on."""
    return clean_line(f"{record['by']} compares later rounds of tests with round {record['round']}")


def result_lines(state: RunState) -> Iterator[str]:
    """Yield the last test's result, with what failed and what differs from the baseline."""
    one = state.rounds[-1].results[-1]
    title = clean_line(str(one.title))
    word = "ok" if one.passed else "FAILED"
    compared = "" if one.compared in (None, Compared.FIRST) else f", {one.compared}"
    yield f"{word}{compared}: {title}"
    if not one.passed:
        yield from (f"  {clean_line(f'{host}: {why}')}" for host, why in one.bad[:5])
    if one.difference and one.compared is not Compared.NEWLY_FAILING:
        yield f"  {clean_line(str(one.difference))}"


def latest_text(state: RunState) -> str:
    """Return the latest round in one line."""
    return clean_line(state.rounds[-1].told())
