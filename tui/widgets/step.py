"""The step: where it runs, the exact command, the document's words about it."""

from __future__ import annotations

import re

from gonogo.format.model import Kind, Script
from gonogo.run.plan import LOCALHOST, Plan, Turn
from gonogo.run.state import TurnState

from ..lines import Line, Span, clip, span, wrap
from ..projection import folded, left, where
from ..prose import prose, script
from ..words import limit, many
from .pane import Pane

_NAME = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")


class StepPane(Pane):
    """Shows one turn's step; lines are worked out once for a turn and a width."""

    def __init__(self) -> None:
        super().__init__(id="step")
        self._lines: list[Line] = []
        self._made: tuple[int, int, str] = (-1, -1, "")

    def update_turn(self, plan: Plan, turn: Turn, state: TurnState) -> None:
        """Show a turn's step."""
        key = (turn.index, self.cells, left(state))
        if key != self._made:
            if key[0] != self._made[0]:
                self.scroll_to(y=0, animate=False)
            self._made = key
            self._lines = step_lines(plan, turn, state, self.cells)
            self.show(len(self._lines))
        place = f"  step {turn.step + 1} of {len(plan.steps)}"
        title = clip(plan.step_of(turn).step.title, max(self.cells - len(place) - 4, 10))
        self.head((title, "title"), (place, "dim"))

    def line(self, y: int) -> Line:
        return self._lines[y]


def step_lines(plan: Plan, turn: Turn, state: TurnState, cells: int) -> list[Line]:
    """Return everything to know about a turn before it runs."""
    planned = plan.step_of(turn)
    step = planned.step
    lines = wrap(_where(turn, state, where(planned, turn), step.kind, step.options.wait), cells, "   ")
    marks = _marks(planned.step.options.read_only, step.options.outage_begin, step.options.outage_end)
    if marks:
        lines += wrap(marks, cells)
    if step.script is not None:
        lines.append(())
        lines += script(step.script.text, cells)
        lines += _values(plan, step.script, cells)
    if step.prose.strip():
        lines += [(), *prose(step.prose, cells)]
    for label, one in (("Checked afterwards with", step.check), ("Rolled back with", step.rollback)):
        if one is not None:
            lines += [(), ((label, "dim"),), *script(one.text, cells), *_values(plan, one, cells)]
    return lines


def _where(turn: Turn, state: TurnState, how: list[Span], kind: Kind, wait: float | None) -> list[Span]:
    if kind is Kind.CONFIRM:
        return [("asks a person; nothing runs", "dim")]
    if kind is Kind.WAIT:
        return [(f"waits {limit(wait or 0)}; nothing runs", "dim")]
    if turn.hosts == (LOCALHOST,):
        return [("on ", "dim"), ("this machine", "title"), (" · ", "dim"), *how]
    return [
        ("on ", "dim"),
        (many(len(turn.hosts)), "title"),
        (f" {folded(turn.hosts)}", "run"),
        (left(state), "warn"),
        (" · ", "dim"),
        *how,
    ]


def _marks(read_only: bool, begin: str | None, end: str | None) -> list[Span]:
    spans: list[Span] = []
    if read_only:
        spans.append(("only reads", "ok"))
    if begin:
        spans.append((("  " if spans else "") + "outage begins: ", "warn"))
        spans.append(span(begin, "warn"))
    if end:
        spans.append((("  " if spans else "") + "outage ends: ", "ok"))
        spans.append(span(end, "ok"))
    return spans


def _values(plan: Plan, one: Script, cells: int) -> list[Line]:
    """Return the inputs that a script uses, with their values; secrets by name alone."""
    used = set(_NAME.findall(one.text))
    spans: list[Span] = []
    for given in plan.inputs:
        if given.name in used:
            value = "(secret)" if given.secret else f"= {given.value or ''}"
            spans.append(span(f"  {given.name} {value}", "hand"))
    return wrap([("with", "dim"), *spans], cells, "     ") if spans else []
