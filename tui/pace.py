"""How long the rest will take: as in earlier runs, else at the hosts' pace. No toolkit in here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct, field

from gonogo.format.model import Kind
from gonogo.run.state import Record, RunState, TurnState
from gonogo.text import many

from .outline import Outline
from .projection import progress
from .words import SECOND, duration


class Usual(Struct, frozen=True):
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


class _Rest(Struct, frozen=True):
    """What is left at one place of a run, but for the turns that are out on hosts there."""

    place: tuple[object, ...]
    left: int
    whole: bool
    out: tuple[tuple[TurnState, int | None], ...]
    """Those turns, with what they usually take."""


class Remaining:
    """What a run has before it. Turns are looked through only when it goes on to another one."""

    def __init__(self) -> None:
        self._rest: _Rest | None = None

    def at(self, outline: Outline, state: RunState, usual: Usual, now: int) -> tuple[int, bool]:
        """Return nanoseconds of work that are known to be left, and whether that is all of it.

        What people take to answer is not in it.
        """
        turn = state.current
        running = turn is not None and state.turns[turn.index].running
        place = (state, outline, usual, turn, running, state.gates, state.gate, state.result)
        if self._rest is None or not _same(self._rest.place, place):
            self._rest = _rest(outline, state, usual, place)
        left, whole = self._rest.left, self._rest.whole
        for one, taken in self._rest.out:
            more = turn_left(one, taken, now)
            left, whole = left + (more or 0), whole and more is not None
        return left, whole


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Compare places: states, outlines and times are the same only if they are the very same."""
    return (
        all(mine is theirs for mine, theirs in zip(one[:4], other[:4], strict=True)) and one[4:] == other[4:]
    )


def _rest(outline: Outline, state: RunState, usual: Usual, place: tuple[object, ...]) -> _Rest:
    left, whole = 0, True
    out: list[tuple[TurnState, int | None]] = []
    for step in outline.steps:
        taken = usual_of(outline, usual, step)
        open_turns = [turn for index in outline.turns_of[step] if (turn := state.turns[index]).result is None]
        idle = [turn for turn in open_turns if not turn.running]
        out += [(turn, taken) for turn in open_turns if turn.running]
        left, whole = left + (taken or 0) * len(idle), whole and (taken is not None or not idle)
    return _Rest(place, left, whole, tuple(out))


def work_left(outline: Outline, state: RunState, usual: Usual, now: int) -> tuple[int, bool]:
    """Return the same once, with nothing kept for the next look."""
    return Remaining().at(outline, state, usual, now)


def left_words(
    outline: Outline, state: RunState, usual: Usual, now: int, remaining: Remaining | None = None
) -> str:
    """Return `~25 m left`, `>25 m left` where not all is known, or nothing."""
    if state.result is not None or not usual.runs:
        return ""
    left, whole = (remaining or Remaining()).at(outline, state, usual, now)
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
