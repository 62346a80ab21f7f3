"""How long the rest will take: as in earlier runs, else at the hosts' pace. No toolkit in here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gonogo.format.model import Kind
from gonogo.run.state import Record, RunState, TurnState
from gonogo.text import many

from .outline import Outline
from .projection import progress
from .words import SECOND, duration


@dataclass(frozen=True, slots=True)
class Usual:
    """What earlier runs of the runbook took."""

    runs: int = 0
    steps: Mapping[str, int] = field(default_factory=dict)
    """Step id -> nanoseconds out on hosts, all its batches together."""


NOTHING = Usual()
Learn = Callable[[Record], Usual]
"""Looks up, from `run.start`, what earlier runs took; takes its time, so it is called in a thread."""


def usual_of(outline: Outline, usual: Usual, step: int) -> int | None:
    """Return what one batch of a step usually takes, in nanoseconds; None when nobody knows."""
    planned = outline.plan.steps[step].step
    if planned.kind is Kind.CONFIRM:
        return 0
    if planned.kind is Kind.WAIT:
        return None if planned.options.wait is None else int(planned.options.wait * SECOND)
    whole = usual.steps.get(planned.id)
    return None if whole is None else whole // len(outline.turns_of[step])


def turn_left(turn: TurnState, taken: int | None, now: int) -> int | None:
    """Return how long a running turn will go on: its usual time, else the pace of its hosts so far."""
    spent = now - (turn.started if turn.started is not None else now)
    if taken is not None:
        return max(taken - spent, 0)
    done = progress(turn)
    if not done.done or spent < SECOND:
        return None
    return spent * (done.total - done.done) // done.done


def work_left(outline: Outline, state: RunState, usual: Usual, now: int) -> tuple[int, bool]:
    """Return nanoseconds of work that are known to be left, and whether that is all of it.

    What people take to answer is not in it.
    """
    left, whole = 0, True
    for step in outline.steps:
        taken = usual_of(outline, usual, step)
        for index in outline.turns_of[step]:
            turn = state.turns[index]
            if turn.result is not None:
                continue
            more = turn_left(turn, taken, now) if turn.running else taken
            left, whole = left + (more or 0), whole and more is not None
    return left, whole


def left_words(outline: Outline, state: RunState, usual: Usual, now: int) -> str:
    """Return `~25 m left`, `>25 m left` where not all is known, or nothing."""
    if state.result is not None or not usual.runs:
        return ""
    left, whole = work_left(outline, state, usual, now)
    if left < SECOND:
        return ""
    return f"{'~' if whole else '>'}{duration(left)} left"


def expected(outline: Outline, state: RunState, usual: Usual) -> str:
    """Say before the first go how long it will take; nothing when nobody knows."""
    left, whole = work_left(outline, state, usual, 0)
    if left < SECOND or not usual.runs:
        return ""
    least = "" if whole else "at least "
    runs = many(usual.runs, "earlier run")
    return f"{least}{duration(left)} of work, as in {runs}; what people take to answer comes on top"
