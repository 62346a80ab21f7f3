"""Two runs side by side, step by step: rehearsal and production, or last time and this time."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from .phrases import difference, once_failed
from .summary import StepSummary, Summary

OUTPUTS = 200
"""Steps whose outputs are compared line by line."""


class Pair(Struct, frozen=True):
    """One step in both runs; None where a run has no such step."""

    id: str
    title: str
    first: StepSummary | None
    second: StepSummary | None
    script: tuple[str, ...]
    """How the second run's command differs, as lines of a unified difference."""
    output: tuple[str, ...]
    """How the most common output differs."""

    @property
    def results_differ(self) -> bool:
        """Whether both have it and it came to other things: result, states of hosts, failures on the way."""
        one, two = self.first, self.second
        return one is not None and two is not None and _came_to(one) != _came_to(two)

    @property
    def only_in(self) -> int:
        """1 or 2 for a step that only that run has; 0 for one in both."""
        return 0 if self.first and self.second else 1 if self.first else 2

    @property
    def mark(self) -> str:
        """`!`: another result; `~`: another command or output; `<`, `>`: only in one; a blank: alike."""
        if self.only_in:
            return "<>"[self.only_in - 1]
        return "!" if self.results_differ else "~" if self.script or self.output else " "


def _came_to(step: StepSummary) -> tuple[object, ...]:
    """How many hosts there were is not in it: a rehearsal has fewer."""
    return step.result, set(step.counts()), once_failed(step) > 0


class Comparison(Struct, frozen=True):
    """Both runs and their steps."""

    first: Summary
    second: Summary
    pairs: tuple[Pair, ...]
    inputs: Mapping[str, tuple[str | None, str | None]]
    """Inputs whose values differ."""
    hosts_only: tuple[tuple[str, ...], tuple[str, ...]]
    """Hosts that only the first, or only the second run has."""


def compare(first: Summary, second: Summary) -> Comparison:
    """Return both runs step by step, by id: in the second one's order, with what it lacks where it stood."""
    one, two = _by_id(first), _by_id(second)
    pairs: list[Pair] = []
    left = OUTPUTS
    for name in _order(list(one), list(two)):
        pair = _pair(name, one.get(name), two.get(name), with_output=left > 0)
        left -= bool(pair.output)
        pairs.append(pair)
    inputs = {
        name: (first.inputs.get(name), second.inputs.get(name))
        for name in dict.fromkeys((*first.inputs, *second.inputs))
        if first.inputs.get(name) != second.inputs.get(name)
    }
    known = set(first.hosts), set(second.hosts)
    only = (
        tuple(host for host in first.hosts if host not in known[1]),
        tuple(host for host in second.hosts if host not in known[0]),
    )
    return Comparison(first, second, tuple(pairs), inputs, only)


def _by_id(summary: Summary) -> dict[str, StepSummary]:
    """Return steps by id; of a step in several texts of the runbook the latest one."""
    return {step.id: step for step in summary.steps}


def _order(one: list[str], two: list[str]) -> list[str]:
    """Merge: the second run's steps in order, and before each the ones that only the first has there."""
    known = set(two)
    found: dict[str, None] = {}
    at = 0
    places = {name: place for place, name in enumerate(one)}
    for name in two:
        if name in places and places[name] >= at:
            found |= dict.fromkeys(missing for missing in one[at : places[name]] if missing not in known)
            at = places[name] + 1
        found[name] = None
    return list(found | dict.fromkeys(name for name in one if name not in known))


def _pair(name: str, first: StepSummary | None, second: StepSummary | None, *, with_output: bool) -> Pair:
    title = (second or first or _nothing(name)).title
    script: list[str] = []
    output: list[str] = []
    if first and second:
        script = difference(first.script, second.script)
        output = difference(_usual(first), _usual(second)) if with_output else []
    return Pair(name, title, first, second, tuple(script), tuple(output))


def _nothing(name: str) -> StepSummary:
    return StepSummary(0, name, name, (), "", "", "", edited=False, batches=(), began=None, ended=None)


def _usual(step: StepSummary) -> str:
    """Return what most hosts printed in the step's last attempt of its own script."""
    counts: dict[str, int] = {}
    last: dict[int, tuple[str, int]] = {}
    for batch in step.batches:
        for attempt in batch.attempts:
            if attempt.phase == "run" and attempt.printed:
                group = attempt.printed[0]
                last[batch.turn] = group.text, len(group.hosts)
    for text, hosts in last.values():
        counts[text] = counts.get(text, 0) + hosts
    return max(counts, key=lambda text: counts[text], default="")
