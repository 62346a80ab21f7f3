"""The test plan's page: a round's results, how they compare, and each one's difference."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from gonogo.run.rounds import TestRound
from gonogo.run.state import RunState

from .. import rounds
from ..keys.dialog import ROUNDS
from ..lines import Line
from ..widgets.pane import Pane
from .dialog import Dialog, label_of

AGAIN = 0.2
"""Seconds between two looks at the run."""


class RoundPane(Pane):
    """One line a test, and under an opened one all that is known of it."""

    moves_cursor = True

    def __init__(self, state: Callable[[], RunState]) -> None:
        super().__init__(id="rounds")
        self._state = state
        self.number = 0
        """The round that is shown; 0: the last."""
        self._begun = False
        """The cursor has been put on a test."""
        self._opened: set[int] = set()
        self._lines: list[tuple[Line, int]] = []
        """Each with its test; -1: none."""

    @property
    def shown(self) -> TestRound | None:
        """The round that is shown."""
        return rounds.round_at(self._state(), self.number)

    def on_mount(self) -> None:
        self.head(("Tests", "title"), (self._hint(), "dim"))
        self.set_interval(AGAIN, self.look)

    def _hint(self) -> str:
        """Return the page's keys, as they are now."""
        names = ("open", "test", "before", "next", "baseline", "close")
        key = {name: label_of(self, f"rounds.{name}") for name in names}
        parts = (f"{key['close']} back", f"{key['open']} opens", f"{key['test']} run again")
        more = (f"{key['before']} {key['next']} rounds", f"{key['baseline']} baseline")
        return f"  {' · '.join((*parts, *more))}"

    def on_resize(self) -> None:
        self.look()

    def look(self) -> None:
        """Show the round as it is now."""
        state, one = self._state(), self.shown
        self._lines = []
        if one is None:
            self._lines.append(((("No round of tests has run yet.", "dim"),), -1))
        else:
            self._lines += [(line, -1) for line in (*rounds.heading(state, one), ())]
            for test, result in enumerate(rounds.rows(state, one)):
                self._lines.append((rounds.row(state, test, result, self.cells), test))
                if result is not None and test in self._opened:
                    self._lines += [(line, test) for line in rounds.detail(result, self.cells)]
        self.show(len(self._lines))
        if not self._begun and (first := [y for y, (_, test) in enumerate(self._lines) if test >= 0]):
            self._begun = True
            self.move_to(first[0])

    def line(self, y: int) -> Line:
        return self._lines[y][0]

    def toggle(self, y: int) -> None:
        """Open the test on a line, or close it."""
        test = self._lines[y][1] if y < len(self._lines) else -1
        if test >= 0:
            self._opened ^= {test}
            self.look()

    def turn(self, by: int) -> None:
        """Show another round."""
        one = self.shown
        if one is not None:
            last = len(self._state().rounds)
            number = max(1, min(one.number + by, last))
            self.number = 0 if number == last else number
            self.look()


class Rounds(Dialog[None]):
    """Rounds are run and chosen as the baseline from here; nothing here moves the run."""

    BINDINGS: ClassVar[list[BindingType]] = [*ROUNDS]

    def __init__(
        self, state: Callable[[], RunState], act: Callable[[str, int], None], *, may_act: bool = True
    ) -> None:
        """`act` does `test`, `baseline` (with a round's number) or `cancel`."""
        super().__init__()
        self._state, self._act, self._may_act = state, act, may_act

    def compose(self) -> ComposeResult:
        yield RoundPane(self._state)

    def on_pane_picked(self, event: Pane.Picked) -> None:
        event.stop()
        event.pane.move_to(event.y)
        self.query_one(RoundPane).toggle(event.y)

    def action_open(self) -> None:
        pane = self.query_one(RoundPane)
        pane.toggle(pane.cursor)

    def action_turn(self, by: int) -> None:
        self.query_one(RoundPane).turn(by)

    def action_test(self) -> None:
        """Run the tests once more, and show that round."""
        if self._may_act:
            self.query_one(RoundPane).number = 0
            self._act("test", 0)

    def action_baseline(self) -> None:
        one = self.query_one(RoundPane).shown
        if self._may_act and one is not None:
            self._act("baseline", one.number)

    def action_cancel(self) -> None:
        if self._may_act:
            self._act("cancel", 0)

    def action_close(self) -> None:
        self.dismiss(None)
