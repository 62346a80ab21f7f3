"""The step: where it runs, the exact command, the document's words about it."""

from __future__ import annotations

from gonogo.format.model import Kind, Options, Script
from gonogo.hosts.here import LOCALHOST
from gonogo.run.inputs import NAMED
from gonogo.run.plan import Turn
from gonogo.run.state import RunState, TurnState
from gonogo.text import many

from ..deeds import difference
from ..lines import Line, Span, clip, span, wrap
from ..outline import Outline
from ..projection import folded
from ..prose import prose, script
from ..turns import left, marks, where
from ..words import limit
from .pane import Pane


class StepPane(Pane):
    """Shows one turn's step; lines are worked out once for a turn and a width."""

    def __init__(self) -> None:
        super().__init__(id="step")
        self._lines: list[Line] = []
        self._made: tuple[object, ...] = ()

    def update_turn(self, outline: Outline, state: RunState, turn: Turn) -> None:
        """Show a turn's step."""
        turn_state = state.turns[turn.index]
        roomy = self.screen.has_class("-tall")
        key = (
            turn.index,
            self.cells,
            left(turn_state),
            state.edited.get(turn.step),
            len(state.inputs),
            roomy,
        )
        if key != self._made:
            if key[:1] != self._made[:1]:
                self.scroll_to(y=0, animate=False, immediate=True)
            self._made = key
            self._lines = step_lines(state, turn, self.cells, roomy=roomy)
            self.show(len(self._lines))
        place = f"  step {outline.place(turn.step)}" if turn.step in outline.steps else "  before the edit"
        title = clip(state.plan.step_of(turn).step.title, max(self.cells - len(place) - 4, 10))
        self.head((title, "title"), (place, "dim"))

    def line(self, y: int) -> Line:
        return self._lines[y]


def step_lines(state: RunState, turn: Turn, cells: int, *, roomy: bool) -> list[Line]:
    """Return everything to know about a turn before it runs.

    Where lines are few none is left free before the command: it is to be in sight beside a failure, too.
    """
    planned = state.plan.step_of(turn)
    step = planned.step
    how = where(planned, turn)
    lines = wrap(_where(turn, state.turns[turn.index], how, step.kind, step.options), cells, "   ")
    if found := marks(step.options):
        lines += wrap(found, cells)
    if step.script is not None:
        lines += [*([()] if roomy else []), *_command(state, turn.step, step.script, cells)]
        lines += _values(state, state.script_of(turn.step), cells)
    if step.prose.strip():
        lines += [(), *prose(step.prose, cells)]
    for label, one in (("Checked afterwards with", step.check), ("Rolled back with", step.rollback)):
        if one is not None:
            lines += [(), ((label, "dim"),), *script(one.text, cells), *_values(state, one.text, cells)]
    return lines


def _command(state: RunState, step: int, given: Script, cells: int) -> list[Line]:
    """Return what will run; where it is not the document's, what differs from that."""
    if step not in state.edited:
        return script(given.text, cells)
    edited = state.edited[step]
    differs = difference(given.text, edited, cells)
    return [
        *script(edited, cells),
        (("✎ edited; it differs from the document:", "hand"),),
        *(line for line in differs if line[0][0] != "  "),
    ]


def _where(turn: Turn, state: TurnState, how: list[Span], kind: Kind, options: Options) -> list[Span]:
    if kind is Kind.CONFIRM:
        return [("asks a person; nothing runs", "dim")]
    if kind is Kind.WAIT:
        until = f"until {options.at}" if options.at else limit(options.wait or 0)
        return [span(f"waits {until}; nothing runs", "dim")]
    if turn.hosts == (LOCALHOST,):
        return [("on ", "dim"), ("this machine", "title"), (left(state), "warn"), (" · ", "dim"), *how]
    return [
        ("on ", "dim"),
        (many(len(turn.hosts)), "title"),
        (f" {folded(turn.hosts)}", "run"),
        (left(state), "warn"),
        (" · ", "dim"),
        *how,
    ]


def _values(state: RunState, text: str, cells: int) -> list[Line]:
    """Return the inputs that a script uses, with their values; secrets by name alone."""
    used = set(NAMED.findall(text))
    spans: list[Span] = []
    for given in state.plan.inputs:
        if given.name in used:
            known = state.inputs.get(given.name, given.value)
            asked = given.reached and given.name not in state.inputs
            value = "(asked for first)" if asked else "(secret)" if given.secret else f"= {known or ''}"
            spans.append(span(f"  {given.name} {value}", "hand"))
    return wrap([("with", "dim"), *spans], cells, "     ") if spans else []
