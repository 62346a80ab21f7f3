"""A run with monitors and a test plan, for the eye and for tests."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from gonogo.format.model import Kind, Limits, Monitor, Options, Script, Step
from gonogo.run.plan import PlannedMonitor, PlannedStep
from gonogo.run.state import Answer

from .fake import PLACE, SECOND, FakeLink
from .story import plan

CONTROL = ("ctl1", "ctl2", "ctl3")
TESTS = ("Tokens are given", "A server boots", "Volumes attach", "Endpoints answer")


def monitor(name: str, unit: str = "", every: float = 30.0, **limits: float) -> PlannedMonitor:
    """Return a monitor on three hosts."""
    step = Step(name, name, Kind.RUN, PLACE, Options(hosts="control", every=every), Script("sample"))
    return PlannedMonitor(Monitor(step, unit=unit, limits=Limits(**limits)), CONTROL)


def test_of(title: str) -> PlannedStep:
    """Return one test of the plan."""
    step = Step(title.lower().replace(" ", "-"), title, Kind.RUN, PLACE, Options(read_only=True), Script("x"))
    return PlannedStep(step, (), CONTROL, (CONTROL,))


def link_of(run: Path) -> FakeLink:
    """Return a run at its first gate with three monitors, nothing looked at yet."""
    monitors = (
        monitor("Keystone load", "req/s", warn_above=80.0, alarm_above=95.0),
        monitor("Replication lag", "s", every=10.0, alarm_above=30.0),
        monitor("API errors", "", warn_above=1.0),
    )
    made = replace(plan(), monitors=monitors, tests=tuple(map(test_of, TESTS)))
    return FakeLink(made, run)


def sample(link: FakeLink, name: str, value: float | None, level: str = "ok", **more: Any) -> None:
    """Have a monitor looked at."""
    told = {} if value is None else {"value": f"{value:g}"}
    link.tell("monitor.sample", monitor=name, level=level, **told, **more)


def run_round(link: FakeLink, failed: str = "", differs: str = "", upto: int = 4) -> None:
    """Run the tests once, or some of them: one may fail, one may print something else."""
    number, first = len(link.state.rounds) + 1, not link.state.rounds
    link.tell("test.begin", round=number, by="alice", tests=len(TESTS))
    for at, title in enumerate(TESTS[:upto]):
        link.tell("test.start", round=number, test=at, step=title, hosts=list(CONTROL))
        for host in CONTROL:
            bad = title == failed and host != "ctl1"
            more = {"state": "failed", "why": "exit 1: HTTP 503"} if bad else {"state": "ok"}
            link.tell(
                "test.exit", round=number, test=at, host=host, how="exit", excerpt="all\nis well", **more
            )
        compared = "first" if first else "same"
        compared = "newly failing" if title == failed else "differs" if title == differs else compared
        diff = {"diff": "-catalog of 12 +catalog of 11"} if compared == "differs" else {}
        link.tell(
            "test.result",
            round=number,
            test=at,
            step=title,
            passed=title != failed,
            compared=compared,
            **diff,
        )
    if upto == len(TESTS):
        against = {} if first else {"against": "round 1"}
        link.tell("test.end", round=number, **against)


def watched(run: Path) -> FakeLink:
    """Stand at a gate after two rounds, one monitor over its alarm."""
    link = link_of(run)
    link.ask()
    for at in range(60):
        load = 40 + 20 * math.sin(at / 6) + max(at - 45, 0) * 5
        level = "alarm" if load > 95 else "warn" if load > 80 else "ok"
        sample(link, "Keystone load", load, level)
        sample(link, "Replication lag", at % 7 * 0.5)
        sample(link, "API errors", None if at in (20, 21) else 0, "failing" if at in (20, 21) else "ok")
        link.at += 27 * SECOND
    link.tell("monitor.change", monitor="Keystone load", level="alarm", was="warn", value="97")
    run_round(link)
    run_round(link, failed="A server boots", differs="Endpoints answer")
    return link


def testing(run: Path) -> FakeLink:
    """A round is out."""
    link = watched(run)
    run_round(link, upto=2)
    link.tell("test.start", round=3, test=2, step=TESTS[2], hosts=list(CONTROL))
    return link


def begun(run: Path) -> FakeLink:
    """Past the first gate, the monitors without a number yet."""
    link = link_of(run)
    link.ask()
    link.say(Answer.GO)
    return link
