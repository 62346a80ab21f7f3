"""A gate's evidence in plain lines: what a person has to know before the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gonogo.format.moment import clock_time
from gonogo.run.state import At, Record
from gonogo.run.words import counted_steps
from gonogo.text import clean_line, many

from .outputs import folded, span

Evidence = Mapping[str, Any]


def evidence_lines(record: Record) -> list[str]:
    """Return what a `gate.ask` record has to tell beside its question."""
    evidence: Evidence = {**record.get("evidence", {}), "asked": record["t"]}
    tell = _TELL.get(record["at"])
    lines = tell(evidence) if tell else []
    if record["at"] == At.WAIT:
        lines += _batch(evidence) if "batch" in evidence else []
        left = f"it goes on by itself in {span(max(record['until'] - record['m'], 0))}"
        named = f", not before {clock_time(str(evidence['at']), record['t'])}" if "at" in evidence else ""
        lines.append(left + named)
    if "tests" in evidence:
        lines.append(clean_line(str(evidence["tests"])))
    return lines


def _batch(evidence: Evidence) -> list[str]:
    counts = ", ".join(f"{number} {clean_line(state)}" for state, number in evidence["counts"].items())
    lines = [f"batch {evidence['batch']}: {counts}"]
    if evidence["slowest_ns"]:
        lines[0] += f"; slowest {clean_line(evidence['slowest'])}, {span(evidence['slowest_ns'])}"
    if evidence["left_ns"]:
        lines[0] += f"; about {span(evidence['left_ns'])} left"
    if evidence["bad"]:
        lines.append(f"not ok: {folded(evidence['bad'])}")
    lines += [
        f"differs in {clean_line(odd['step'])}: {odd['number']} hosts, {folded(odd['hosts'])}"
        for odd in evidence["differs"]
    ]
    return lines


def _input(evidence: Evidence) -> list[str]:
    words = f"a value for {clean_line(evidence['input'])}"
    if evidence["choices"]:
        words += f", one of {clean_line(', '.join(evidence['choices']))}"
    elif evidence["type"] != "text":
        words += f", of type {clean_line(evidence['type'])}"
    return [words + (" (a secret: it is never written down)" if evidence["secret"] else "")]


def _approve(evidence: Evidence) -> list[str]:
    role = f" by {clean_line(evidence['role'])}" if evidence["role"] else ""
    count = evidence["approvers"]
    words = f"waits for {many(count, 'signature')}{role}"
    until = clock_time(str(evidence["expires"]), evidence["asked"])
    return [f"{words} until {until}", f"plan {clean_line(evidence['plan'])}"]


def _again(evidence: Evidence) -> list[str]:
    if evidence["result"] == "begun":
        return [f"it was not over when the runbook was edited, {span(evidence['ended'])} into the run"]
    by = f", by {clean_line(evidence['by'])}" if evidence["by"] else ""
    return [f"it ended {clean_line(evidence['result'])} {span(evidence['ended'])} into the run{by}"]


def _end(evidence: Evidence) -> list[str]:
    names = evidence.get("left_out", ())
    return [f"left out: {folded(names)}"] if names else []


def _start(evidence: Evidence) -> list[str]:
    lines = [counted_steps(evidence["steps"], evidence["changes"])]
    if found := evidence.get("reach"):
        words = f"{found['heard']:,} of {many(found['hosts'])} were asked for"
        lines.append(f"{words}; {found['unreached']:,} of those still counted on cannot be reached")
    return lines


_TELL: dict[str, Callable[[Evidence], list[str]]] = {
    At.START: _start,
    At.BATCH: _batch,
    At.CONFIRM: lambda evidence: _batch(evidence) if "batch" in evidence else [],
    At.INPUT: _input,
    At.APPROVE: _approve,
    At.AGAIN: _again,
    At.END: _end,
}
