"""The checklist's rows, and where each step stands. No toolkit in here."""

from __future__ import annotations

from msgspec import Struct

from gonogo.format.model import Kind
from gonogo.run.plan import Plan
from gonogo.run.state import WHOLE, At, RunState, TurnState
from gonogo.text import clean_line

from .symbols import DONE, STEPS, TODO, Look
from .words import duration

STRIP = 8
"""Batches drawn one by one; more are drawn as shares of so many cells."""
_WORST = ("rolled-back", "by-hand", "warn", "ok", "left-out", "skipped", "not-needed")
"""A step is shown as the first of these that one of its batches came to."""


class Row(Struct, frozen=True):
    """One line of the checklist: a section's heading (`step` None) or a step."""

    title: str
    depth: int
    step: int | None = None
    inside: tuple[int, ...] = ()
    """The rows of the sections that hold it, outermost first."""


class Outline:
    """The plan's current steps as checklist rows. Made once for a plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.steps = range(plan.first, len(plan.steps))
        """The steps of the document as it is now; those before it was edited have no row."""
        self.rows: list[Row] = []
        self.row_of: dict[int, int] = {}
        self.sections: dict[int, range] = {}
        """Row of a section -> its steps."""
        self.least = min((len(plan.steps[number].sections) for number in self.steps), default=0)
        """How many sections hold each step at least."""
        self.turns_of: list[list[int]] = [[] for _ in plan.steps]
        for turn in plan.turns:
            self.turns_of[turn.step].append(turn.index)
        above: tuple[str, ...] = ()
        inside: tuple[int, ...] = ()
        for number in self.steps:
            planned = plan.steps[number]
            same = 0
            while same < min(len(above), len(planned.sections)) and above[same] == planned.sections[same]:
                same += 1
            inside = inside[:same]
            for depth in range(same, len(planned.sections)):
                self.rows.append(Row(clean_line(planned.sections[depth]), depth, None, inside))
                inside = (*inside, len(self.rows) - 1)
            above = planned.sections
            for row in inside:
                self.sections[row] = range(self.sections.get(row, range(number, number)).start, number + 1)
            self.row_of[number] = len(self.rows)
            self.rows.append(Row(clean_line(planned.step.title), len(planned.sections), number, inside))

    def place(self, step: int) -> str:
        """Return `3 of 17`: a step's place in the document as it is now."""
        return f"{step - self.plan.first + 1} of {len(self.steps)}"

    def nearest(self, step: int) -> int:
        """Return the step, or the nearest one that has a row."""
        return max(self.steps.start, min(step, self.steps.stop - 1))

    def above(self, step: int) -> tuple[int, ...]:
        """Return the rows of the sections that hold a step, outermost first."""
        row = self.row_of.get(step)
        return () if row is None else self.rows[row].inside

    def current(self, state: RunState) -> int | None:
        """Return the turn that the run is at: the open gate's, the running one's, or the next."""
        if state.gate is not None:
            return state.gate.turn
        turn = state.current
        return None if turn is None else turn.index

    def turn_to_show(self, state: RunState, step: int) -> int:
        """Return the turn of a step that matters now: the current one, else the last begun."""
        turns = self.turns_of[step]
        current = self.current(state)
        if current in turns:
            return current
        begun = [turn for turn in turns if state.turns[turn].started is not None]
        return begun[-1] if begun else turns[0]

    def printed(self, state: RunState, turn: int, host: str) -> int:
        """Return the turn in which a host printed what stands at this one.

        It is an earlier one when the runbook was edited since and the step carried over.
        """
        while True:
            one, before = state.turns[turn].hosts[host], self.plan.step_of(self.plan.turns[turn]).before
            if not one.carried or one.ended is None or before is None:
                return turn
            earlier = [index for index in self.turns_of[before] if host in state.turns[index].hosts]
            if not earlier:
                return turn
            turn = earlier[-1]

    def now(self, state: RunState) -> list[TurnState]:
        """Return the turns of the document as it is now."""
        return [state.turns[index] for step in self.steps for index in self.turns_of[step]]


def step_look(outline: Outline, state: RunState, step: int) -> Look:
    """Return how a step stands, over all its batches."""
    indexes = outline.turns_of[step]
    turns = [state.turns[index] for index in indexes]
    if any(turn.running for turn in turns):
        return STEPS["running"]
    gate = state.gate
    if gate is not None and gate.turn in indexes and gate.at not in WHOLE:
        return STEPS["failed" if gate.at is At.FAILURE else "waiting"]
    results = {turn.result for turn in turns}
    if None not in results:
        # A runbook edited since replaced the rest of its steps, and the new text is not on the screen yet.
        return STEPS[next((one for one in _WORST if one in results), "skipped")]
    if state.result is not None:
        return STEPS[_ended_here(state, indexes) or ("between" if len(results) > 1 else "pending")]
    if gate is None and outline.current(state) in indexes and any(turn.started is not None for turn in turns):
        return STEPS["running"]
    if any(turn.result is None and (turn.past or turn.picked) for turn in turns):
        return STEPS["again"]
    return STEPS["between" if len(results) > 1 else "pending"]


def _ended_here(state: RunState, indexes: list[int]) -> str:
    """Return how the run ended at one of the turns, if it did: it is the last decision's."""
    last = state.decisions[-1].gate.turn if state.decisions else -1
    return str(state.result) if state.result != "go" and last in indexes else ""


def tail(outline: Outline, state: RunState, step: int, now: int, *, short: bool = False) -> str:
    """Return what stands at the right of a step's line: batches, hosts, time; the batches alone if short."""
    turns = [state.turns[index] for index in outline.turns_of[step]]
    planned = outline.plan.steps[step]
    done = sum(turn.result is not None for turn in turns)
    if short:
        return f"{done}/{len(turns)}" if len(turns) > 1 else ""
    parts = []
    if len(turns) > 1:
        parts.append(strip(done, len(turns)))
    elif planned.step.kind is Kind.RUN and planned.step.options.hosts is not None:
        parts.append(f"{len(planned.hosts):,}")
    if taken := time_of(turns, now):
        parts.append(f"{tries_of(turns)} {taken}".strip())
    return "  ".join(parts)


def strip(done: int, batches: int) -> str:
    """Return `━━── 2/4`: batches done of all."""
    cells = min(batches, STRIP)
    full = done * cells // batches
    return DONE * full + TODO * (cells - full) + f" {done}/{batches}"


def time_of(turns: list[TurnState], now: int) -> str:
    """Return how long a step took so far (`TurnState.worked`), all batches together; empty before it."""
    begun = [turn for turn in turns if turn.started is not None]
    return duration(sum(_worked(turn, now) for turn in begun)) if begun else ""


def _worked(turn: TurnState, now: int) -> int:
    since = turn.out if turn.running else turn.back
    return turn.worked + (0 if since is None else now - since)


def tries_of(turns: list[TurnState]) -> str:
    """Return `×3` where one of a step's batches ran three times; empty where none ran twice."""
    most = max((turn.tries for turn in turns), default=0)
    return f"×{most}" if most > 1 else ""
