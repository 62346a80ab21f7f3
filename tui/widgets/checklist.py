"""The checklist: every step of the runbook on one line, the run's place always in sight."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import BindingType
from textual.message import Message

from gonogo.run.state import RunState

from ..folds import Folds, section_look, section_tail
from ..keys import run as keys
from ..lines import Line, broken, fit
from ..outline import Outline, Row, step_look, tail
from .pane import Pane

OPEN, FOLDED = "▿ ", "▹ "
MOST = 3
"""Lines that a title takes at most."""
NARROW = 40
"""Cells below which a level of sections goes in by one cell only, so that titles have more room."""


class Checklist(Pane):
    """Follows the run until the operator looks elsewhere. Finished sections fold to a line."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.CHECKLIST]
    moves_cursor = True

    class Looked(Message):
        """The operator looks at another step."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    def __init__(self, outline: Outline, state: RunState) -> None:
        super().__init__(id="checklist")
        self._outline, self._state = outline, state
        self._folds = Folds(outline)
        self._shown: list[int] = []
        """The row that each line is of, in order: one whose title is long may have several."""
        self._now = 0
        self._current: int | None = None
        self._looked = 0
        self._alone = True
        self._seen: tuple[int, ...] = ()

    def update_run(
        self, outline: Outline, state: RunState, looked: int, current: int | None, now: int, *, alone: bool
    ) -> None:
        """Show the run as it is; `looked` is the step on the screen, `current` where the run is.

        `alone`: finished sections fold by themselves.
        """
        if outline is not self._outline:
            self._folds = Folds(outline)
        self._outline, self._state = outline, state
        self._looked, self._current, self._now, self._alone = looked, current, now, alone
        self._shown = self._laid_out(self._folds.update(state, current, looked, alone=alone))
        self.cursor = self._shown.index(self._folds.row_of(outline.nearest(looked)))
        self.show(len(self._shown))
        place = (looked, self.cursor, self.size.height)
        if place != self._seen:
            self._seen = place
            self.keep_in_sight(self.cursor, margin=min(2, self.size.height // 4))
        turns = outline.now(self._state)
        done = sum(turn.result is not None for turn in turns)
        self.head(("Checklist ", "title"), (f"{done * 100 // max(len(turns), 1)} %", "dim"))

    def _laid_out(self, rows: list[int]) -> list[int]:
        """Return each line's row: where lines are left over, titles that one does not hold have more.

        The step that is looked at and the run's own come first, then what lies ahead. Where not even one line
        for each row has room, those two have a second one all the same.
        """
        mine = [self._folds.row_of(self._outline.nearest(self._looked))]
        mine += [] if self._current is None else [self._folds.row_of(self._outline.nearest(self._current))]
        order, most, room = mine, 2, len(mine)
        if (left := self.scrollable_content_region.height - len(rows)) >= 0:
            ahead = (row for row in rows if row > mine[-1])
            order, most, room = [*mine, *ahead, *reversed(rows)], MOST, left
        lines = list(rows)
        for row in dict.fromkeys(order):
            more = min(self._wanted(row, most) - 1, room)
            lines += [row] * more
            room -= more
        return sorted(lines)

    def _wanted(self, number: int, most: int) -> int:
        """Return how many lines a row takes so that its title is not cut: one to `most`."""
        row = self._outline.rows[number]
        if row.step is not None:
            room = self._room(row)
            right = tail(self._outline, self._state, row.step, self._now, short=True)
            return len(broken(row.title, max(room - _behind(right), 1), room, most))
        if self._folds.folded(number):
            return 1
        room = self.cells - len(self._inset(row)) - 2
        return len(broken(row.title, room, room, most))

    def _inset(self, row: Row) -> str:
        """Return the blanks before a row. Where every step is in a section, the first level needs none."""
        depth = row.depth - (min(self._outline.least, 1) if row.step is not None else 0)
        return " " * depth * (1 if self.cells < NARROW else 2)

    def _room(self, row: Row) -> int:
        """Return the cells behind a step's sign."""
        return self.cells - len(self._inset(row)) - 4

    def _at(self, y: int) -> Row:
        return self._outline.rows[self._shown[y]]

    def _part(self, y: int) -> tuple[int, int]:
        """Return which of its row's lines a line is, from 0, and how many there are."""
        first = bisect_left(self._shown, self._shown[y])
        return y - first, bisect_right(self._shown, self._shown[y]) - first

    def _holds(self, y: int, step: int | None) -> bool:
        """Return whether a line is a step's, or that of the folded section that holds it."""
        return step in self._outline.row_of and self._folds.row_of(step or 0) == self._shown[y]

    def tint(self, y: int) -> str | None:
        if self._holds(y, self._looked):
            return "pane--cursor"
        return "pane--mark" if self._holds(y, self._current) else None

    def line(self, y: int) -> Line:
        row = self._at(y)
        lead = "❯ " if self._holds(y, self._current) else "› " if self._holds(y, self._looked) else "  "
        if row.step is None:
            return self._section(y, lead)
        style = "title" if row.step == self._current else ""
        part, lines = self._part(y)
        titles, right = self._titled(row, row.step, lines)
        room = self._room(row)
        if part:
            return ((" " * (self.cells - room), ""), ("".join(titles[part : part + 1]), style))
        look = step_look(self._outline, self._state, row.step)
        return (
            (lead + self._inset(row), "ask"),
            (look.symbol + " ", look.style),
            (fit(titles[0], max(room - _behind(right), 1)), style),
            ("  " * bool(right) + right, "dim"),
        )

    def _titled(self, row: Row, step: int, lines: int) -> tuple[list[str], str]:
        """Return a step's title in at most so many lines, and what stands at the first one's right.

        The time says less than the title: it is left away where a title would be cut for it.
        """
        room = self._room(row)
        for short in (False, True):
            right = tail(self._outline, self._state, step, self._now, short=short)
            titles = broken(row.title, max(room - _behind(right), 1), room, lines)
            if not titles[-1].endswith("…"):
                break
        return titles, right

    def _section(self, y: int, lead: str) -> Line:
        """Return a section's line; a folded one tells what its steps came to."""
        number, row = self._shown[y], self._at(y)
        indent = self._inset(row)
        if not self._folds.folded(number):
            part, lines = self._part(y)
            room = self.cells - len(indent) - 2
            title = "".join(broken(row.title, room, room, lines)[part : part + 1])
            return ((indent + ("  " if part else OPEN), "dim"), (title, "section"))
        look = section_look(self._outline, self._state, number)
        right = section_tail(self._outline, self._state, number, self._now)
        room = self.cells - len(indent) - 6 - cell_len(right)
        if cell_len(row.title) > room:
            # The time says less than the title.
            right = right.partition("  ")[0]
            room = self.cells - len(indent) - 6 - cell_len(right)
        return (
            (indent, ""),
            (lead, "ask") if lead.strip() else (FOLDED, "dim"),
            (f"{look.symbol} ", look.style),
            (fit(row.title, max(room, 1)), "section"),
            (f"  {right}", "dim"),
        )

    @property
    def _stops(self) -> list[int]:
        """The lines that the cursor stops at: steps, and folded sections."""
        return [
            y
            for y, number in enumerate(self._shown)
            if (self._outline.rows[number].step is not None or self._folds.folded(number))
            and not self._part(y)[0]
        ]

    def action_move(self, by: int) -> None:
        stops = self._stops
        at = 0
        if self._looked in self._outline.row_of and self.cursor in stops:
            at = max(0, min(stops.index(self.cursor) + by, len(stops) - 1))
        if stops:
            self.look_at_line(stops[at], last=by < 0)

    def action_move_to(self, y: int) -> None:
        stops = self._stops
        if stops:
            self.look_at_line(stops[0 if y >= 0 else -1])

    def look_at_line(self, y: int, *, last: bool = False) -> None:
        """Look at a line's step; of a folded section at the run's own, else at its first or last."""
        step = self._at(y).step
        if step is None:
            steps = self._outline.sections[self._shown[y]]
            step = self._current if self._current in steps else steps[-1 if last else 0]
        self.action_look_at(step or 0)

    def stops_in_sight(self) -> list[tuple[int, int, int]]:
        """Return the rows in sight that the cursor stops at, each with its place on the screen (x, y)."""
        room, first = self.scrollable_content_region, self.scroll_offset.y
        last = first + room.height
        return [(self._shown[y], room.x, room.y + y - first) for y in self._stops if first <= y < last]

    def look_at_row(self, number: int) -> None:
        """Look at what is on a row, if that is still shown."""
        if number in self._shown:
            self.look_at_line(self._shown.index(number))

    def action_look_at(self, step: int) -> None:
        """Look at a step, the nearest one when there is none of that number."""
        self.post_message(self.Looked(self._outline.nearest(step)))

    def action_fold(self, fold: bool) -> None:
        """Fold the section that the cursor is in, or open the one that it is on."""
        number = self._shown[self.cursor]
        if not fold:
            self._fold(number, folded=False)
        elif inside := self._outline.rows[number].inside:
            self._fold(inside[-1], folded=True)

    def _fold(self, number: int, *, folded: bool) -> None:
        if number in self._outline.sections:
            self._folds.fold(number, folded=folded)
            self.update_run(
                self._outline, self._state, self._looked, self._current, self._now, alone=self._alone
            )

    def on_pane_picked(self, event: Pane.Picked) -> None:
        event.stop()
        number = self._shown[event.y]
        step = self._outline.rows[number].step
        if step is None:
            self._fold(number, folded=not self._folds.folded(number))
        else:
            self.action_look_at(step)


def _behind(right: str) -> int:
    """Return the cells that what stands at a line's right takes from its title."""
    return cell_len(right) + 2 * bool(right)
