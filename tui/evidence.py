"""What a person has to know before an answer, in lines. No toolkit in here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gonogo.format.moment import clock_time
from gonogo.provenance.beginning import before_the_run
from gonogo.run.state import At, Gate, HostState, RunState
from gonogo.run.words import counted_steps
from gonogo.text import clean_line, many

from .lines import Line, Span, span, wrap
from .preflight import LOUD
from .projection import folded
from .symbols import STEPS, Look
from .words import counts, duration

BEGUN = Look("◐", "begun, not finished", "warn")
_NOT_KNOWN = {
    HostState.UNKNOWN: "The run's process died while it ran there. It may be done, or half done: look first.",
    HostState.LOST: "The connection broke while it ran there. It may be done, or still running: look first.",
}


def about(state: RunState, gate: Gate, cells: int) -> list[Line]:
    """Return a gate's evidence in lines of at most so many cells; none where the question says it all."""
    tell = _TELL.get(gate.at)
    told = tell(state, gate) if tell else [before(state, gate.turn)]
    if "batch" in gate.evidence:
        told = _batch(state, gate)
    elif gate.at is At.WAIT:
        told = []
    return [line for spans in told if spans for line in wrap(spans, cells, "  ")]


def _batch(state: RunState, gate: Gate) -> list[list[Span]]:
    found = gate.evidence
    first: list[Span] = [(f"batch {found['batch']}: ", "dim"), *_counted(found["counts"])]
    if found["slowest_ns"]:
        first.append((f" · slowest {clean_line(found['slowest'])}, {duration(found['slowest_ns'])}", "dim"))
    if found["left_ns"]:
        first.append((f" · about {duration(found['left_ns'])} left", "dim"))
    bad: list[Span] = [("not ok: ", "dim"), (folded(found["bad"]), "bad")] if found["bad"] else []
    return [first, bad, *(_odd(state, odd) for odd in found["differs"])]


def _counted(numbers: Mapping[str, int]) -> list[Span]:
    return counts({HostState(name): number for name, number in numbers.items()})


def _odd(state: RunState, odd: Mapping[str, Any]) -> list[Span]:
    steps = state.plan.steps[state.plan.first :]
    title = next((one.step.title for one in steps if one.step.id == odd["step"]), odd["step"])
    return [
        ("differs: ", "dim"),
        (f"{many(odd['number'])} ", "odd"),
        (folded(odd["hosts"]), "odd"),
        span(f" in {title}", "dim"),
    ]


def before(state: RunState, turn: int) -> list[Span]:
    """Return what the turn before this one came to, where it ran something; else nothing."""
    if turn == 0 or state.plan.turns[turn - 1].step < state.plan.first:
        return []
    last = state.turns[turn - 1]
    if not any(host.attempt for host in last.hosts.values()):
        return []
    planned = state.plan.step_of(state.plan.turns[turn - 1])
    spans: list[Span] = [("before this: ", "dim"), (clean_line(planned.step.title), ""), ("  ", "")]
    spans += counts(last.counts())
    kinds = len({host.output for host in last.hosts.values() if host.output})
    if kinds > 1:
        spans.append((f" · {kinds} different outputs", "odd"))
    return spans


def _input(state: RunState, gate: Gate) -> list[list[Span]]:
    found = gate.evidence
    one = next(one for one in state.plan.inputs if one.name == found["input"])
    spans: list[Span] = [("sets ", "dim"), span(f"${one.name}", "hand")]
    if one.choices:
        spans.append(span(f" · one of {', '.join(one.choices)}", "dim"))
    elif one.type != "text":
        spans.append(span(f" · {one.type}", "dim"))
    if one.default is not None and not one.secret:
        spans.append(span(f" · default {one.default}", "dim"))
    if one.secret:
        spans.append((" · a secret: not shown, never written down", "dim"))
    return [spans]


def missing(state: RunState, gate: Gate) -> int:
    """Return how many signatures an approve gate still waits for."""
    return max(int(gate.evidence["approvers"]) - len(state.approvals), 0)


def _approve(state: RunState, gate: Gate) -> list[list[Span]]:
    found, lacks = gate.evidence, missing(state, gate)
    by = ", ".join(clean_line(one.by) for one in state.approvals)
    have: list[Span] = [
        (f"{len(state.approvals)} of {found['approvers']} signatures", "ok" if not lacks else "ask")
    ]
    have += [(f" · by {by}", "ok")] if by else []
    if found["role"]:
        who = ", ".join(state.plan.roles.get(found["role"], ())) or "nobody"
        have.append(span(f" · wanted from {found['role']}: {who}", "dim"))
    have.append((f" · until {clock_time(str(found['expires']), state.started_at, gate.asked)}", "dim"))
    tell: list[Span] = [
        ("Have them run  " if lacks else "All have signed. Your go starts it.", "dim"),
        *([span(f"gonogo approve {state.run}", "title")] if lacks else []),
    ]
    return [have, tell]


def _again(_: RunState, gate: Gate) -> list[list[Span]]:
    found = gate.evidence
    look = STEPS.get(found["result"], BEGUN)
    spans: list[Span] = [("last time: ", "dim"), (f"{look.symbol} {look.word}", look.style)]
    spans.append((f" {duration(found['ended'])} into the run", "dim"))
    if found["by"]:
        spans.append(span(f", by {found['by']}", "dim"))
    return [spans]


def _failure(state: RunState, gate: Gate) -> list[list[Span]]:
    turn = state.turns[gate.turn]
    told: list[list[Span]] = [[(_NOT_KNOWN[one], "warn")] for one in gate.of if one in _NOT_KNOWN]
    asked = set(gate.meant(turn))
    rest: dict[HostState, int] = {}
    for name in turn.bad():
        if name not in asked:
            rest[turn.hosts[name].state] = rest.get(turn.hosts[name].state, 0) + 1
    return [*told, [("asked about next: ", "dim"), *counts(rest)]] if rest else told


def _rolled_back(state: RunState, gate: Gate) -> list[list[Span]]:
    """Tell of the turn itself, where the question does not tell all of it."""
    found = state.turns[gate.turn].counts()
    return [counts(found)] if len(found) > 1 else []


def _end(state: RunState, _: Gate) -> list[list[Span]]:
    why: dict[str, list[str]] = {}
    for name, reason in state.left_out.items():
        why.setdefault(reason, []).append(name)
    return [
        [("left out: ", "dim"), (folded(names), "warn"), span(f"  {reason}", "dim")]
        for reason, names in list(why.items())[:6]
    ]


def _start(state: RunState, gate: Gate) -> list[list[Span]]:
    counted = counted_steps(gate.evidence["steps"], gate.evidence["changes"])
    loud = [line for line in before_the_run(state.start) if line.startswith(LOUD)]
    return [*([span(line, "warn")] for line in loud), [span(counted, "dim"), *_reached(state)]]


def _reached(state: RunState) -> list[Span]:
    """Return which hosts can be reached, once that was looked at; how many cannot is in the question."""
    if state.reached is None or state.reached.wanted:
        return []
    bad, good = state.unreached(), sum(not why for why in state.reaches.values())
    told = (f"⌀ out of reach: {folded(bad, 60)}", "bad")
    if not bad:
        told = (f"{good:,} of {many(state.reached.hosts)} can be reached", "ok")
    spans: list[Span] = [(" · ", "dim"), told]
    if unheard := state.reached.hosts - len(state.reaches):
        spans += [(" · ", "dim"), (f"{many(unheard)} not heard of", "warn")]
    return spans


_TELL: dict[At, Callable[[RunState, Gate], list[list[Span]]]] = {
    At.START: _start,
    At.BATCH: _batch,
    At.INPUT: _input,
    At.APPROVE: _approve,
    At.AGAIN: _again,
    At.FAILURE: _failure,
    At.ROLLED_BACK: _rolled_back,
    At.END: _end,
}
