"""Which sections of the checklist are folded, and what a folded one says. No toolkit in here."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.run.state import RunState

from .outline import Outline, step_look, time_of
from .symbols import STEPS, Look

_FIRST = ("failed", "waiting", "running", "no-go", "aborted")
"""A section looks like the first of these that one of its steps does."""
_LATER = ("again", "pending", "rolled-back", "by-hand", "warn", "left-out", "ok", "skipped", "not-needed")
"""Or else like the first of these, when it is not between its beginning and its end."""


class Folds:
    """Finished sections fold by themselves; what the operator folded or opened stays so."""

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self._said: dict[int, bool] = {}
        """Row of a section -> whether the operator folded it."""
        self._folded: frozenset[int] = frozenset()
        self._current: int | None = None
        self._looked = -1

    def update(self, state: RunState, current: int | None, looked: int, *, alone: bool) -> list[int]:
        """Return the rows that are shown; `current` is the run's step, `alone`: finished ones fold alone."""
        above = () if current is None else self.outline.above(current)
        if current != self._current:
            # Where the run goes on is always in sight.
            self._said = {row: folded for row, folded in self._said.items() if not folded or row not in above}
        held = set(self.outline.above(looked)) if looked == self._looked else set()
        self._current, self._looked = current, looked
        before = self._folded
        self._folded = frozenset(
            row
            for row in self.outline.sections
            if self._said.get(
                row,
                alone and row not in above and (row in before or row not in held) and self._over(state, row),
            )
        )
        return list(self._shown())

    def _over(self, state: RunState, row: int) -> bool:
        steps = self.outline.sections[row]
        return all(state.turns[turn].result for step in steps for turn in self.outline.turns_of[step])

    def _shown(self) -> Iterator[int]:
        for number, row in enumerate(self.outline.rows):
            if not self._folded.intersection(row.inside):
                yield number

    def folded(self, row: int) -> bool:
        """Return whether a row is a section that is folded."""
        return row in self._folded

    def row_of(self, step: int) -> int:
        """Return the row at which a step is shown: its own, or that of the folded section that holds it."""
        own = self.outline.row_of[step]
        return next((row for row in self.outline.rows[own].inside if row in self._folded), own)

    def fold(self, row: int, *, folded: bool) -> None:
        """Fold a section, or open it."""
        self._said[row] = folded


def section_look(outline: Outline, state: RunState, row: int) -> Look:
    """Return how a section stands, over all its steps."""
    looks = {step_look(outline, state, step).word for step in outline.sections[row]}
    known = {name: look for name, look in STEPS.items() if look.word in looks}
    for name in _FIRST:
        if name in known:
            return known[name]
    if "between" in known or ("pending" in known and len(known) > 1):
        return STEPS["between"]
    return next(known[name] for name in _LATER if name in known)


def section_tail(outline: Outline, state: RunState, row: int, now: int) -> str:
    """Return what stands at the right of a folded section: steps over of all, time on hosts."""
    steps = outline.sections[row]
    over = sum(all(state.turns[turn].result for turn in outline.turns_of[step]) for step in steps)
    turns = [state.turns[turn] for step in steps for turn in outline.turns_of[step]]
    taken = time_of(turns, now)
    return f"{over}/{len(steps)}" + (f"  {taken}" if taken else "")
