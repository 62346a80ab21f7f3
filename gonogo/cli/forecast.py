"""`gonogo show --plan FILE`: what would run where, batch by batch, and how long it took in earlier runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gonogo.hosts.here import LOCALHOST
from gonogo.report.history import Learned, Origin, learned
from gonogo.report.lookouts import planned_lines
from gonogo.report.names import named
from gonogo.report.outputs import span
from gonogo.report.phrases import expected_text
from gonogo.report.summary import Expected
from gonogo.run.plan import Plan, PlannedStep
from gonogo.text import clean_line, many

from .starting.planning import Planned, Wish, plan_of
from .starting.provenance import provenance


class Forecast:
    """The plan of a runbook, and what its earlier runs tell."""

    def __init__(self, file: Path, inventories: Sequence[Path], inputs: Sequence[str]) -> None:
        """Read and plan; raise what is wrong."""
        planned = plan_of(Wish(file, inventories, inputs))
        self._plan: Plan = planned.plan
        self._known: Learned = learned(_origin(file, planned))

    def lines(self) -> Iterator[str]:
        """Yield the plan for a person."""
        hosts = many(sum(name != LOCALHOST for name in self._plan.hosts))
        yield f"{clean_line(self._plan.title)}: {many(len(self._plan.steps), 'step')}, {hosts}"
        for number, planned in enumerate(self._plan.steps, 1):
            yield from self._step(number, planned)
        yield from (f"{'':5}{line}" for line in planned_lines(self._plan))
        yield ""
        yield self._all()

    def as_object(self) -> dict[str, Any]:
        """Return the plan for machines; durations are seconds."""
        steps = []
        for planned in self._plan.steps:
            step = planned.step
            batches = [
                {
                    "hosts": list(hosts),
                    "expected": _seconds(self._known.batches.get((clean_line(step.id), number))),
                }
                for number, hosts in enumerate(planned.batches, 1)
            ]
            expected = _seconds(self._known.steps.get(clean_line(step.id)))
            steps.append({"id": step.id, "title": step.title, "expected": expected, "batches": batches})
        monitors = [
            {"name": one.name, "hosts": list(one.hosts), "every": one.monitor.step.options.every}
            for one in self._plan.monitors
        ]
        tests = [{"id": one.step.id, "hosts": list(one.hosts)} for one in self._plan.tests]
        told = {"title": self._plan.title, "runs": self._known.runs, "steps": steps}
        return {**told, "monitors": monitors, "tests": tests}

    def _step(self, number: int, planned: PlannedStep) -> Iterator[str]:
        step = planned.step
        name = clean_line(step.id)
        yield f"{number:4} {clean_line(step.title)}  [{name}]"
        if planned.hosts:
            yield f"{'':5}on {named(planned.hosts)}"
        if found := self._known.steps.get(name):
            yield f"{'':5}took {expected_text(found)}"
        if len(planned.batches) > 1 and planned.hosts:
            for at, hosts in enumerate(planned.batches, 1):
                took = expected_text(self._known.batches.get((name, at)))
                yield f"{'':7}batch {at}: {named(hosts)}{f', took {took}' if took else ''}"

    def _all(self) -> str:
        """Return how long all steps took together."""
        if not self._known.runs:
            return "no earlier run of this runbook is known: nothing to tell of how long it takes"
        ids = [clean_line(planned.step.id) for planned in self._plan.steps if planned.step.script]
        found = [self._known.steps[name] for name in ids if name in self._known.steps]
        least, usual, most = (sum(getattr(one, word) for one in found) for word in ("least", "usual", "most"))
        words = f"{span(least)} to {span(most)}, usually {span(usual)}" if least != most else span(usual)
        new = len(ids) - len(found)
        rest = f"; {many(new, 'step')} not done in any of them" if new else ""
        return f"work on hosts in {many(self._known.runs, 'earlier run')}: {words}{rest}"


def _origin(file: Path, planned: Planned) -> Origin:
    signers = planned.runbook.allowed_signers
    path = file.absolute()
    git = provenance(path, planned.sources, signers)
    digest = hashlib.sha256(planned.sources[0][1]).hexdigest()
    return Origin.of({"runbook": str(path), "git": git, "sources": [[str(path), digest]]})


def _seconds(found: Expected | None) -> dict[str, Any] | None:
    if found is None:
        return None
    words = {"least": found.least, "usual": found.usual, "most": found.most}
    return {**{word: round(value / 1e9, 3) for word, value in words.items()}, "runs": found.runs}
