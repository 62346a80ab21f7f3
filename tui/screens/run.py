"""The run screen: shows a run through its link, and says the operator's answers there."""

from __future__ import annotations

import time
from collections.abc import Coroutine
from typing import Any

from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.screen import Screen
from textual.widgets import Static

from gonogo.errors import GonogoError
from gonogo.run.link import Link
from gonogo.run.state import Answer, At, Gate, HostState, TurnState
from gonogo.text import clean

from ..banner import Sight, banner
from ..choices import CONFIRMED, MENU, Choice, choices
from ..guard import Guard
from ..keys import BINDINGS as KEYS
from ..projection import Outline
from ..theme import content
from ..widgets.checklist import Checklist
from ..widgets.gate import GateBar
from ..widgets.header import Header
from ..widgets.output import Output
from ..widgets.pane import Pane
from ..widgets.step import StepPane
from ..widgets.wall import Wall
from ..words import many
from .ask import Ask, Question
from .help import Help

LEAST = (60, 16)
"""Cells and lines below which the screen would hide what matters."""
TICK = 0.1
"""Seconds between repaints, however many records come."""


class RunScreen(Screen[None]):
    """One run, live or replayed."""

    BINDINGS = KEYS
    AUTO_FOCUS = "#checklist"

    def __init__(self, link: Link, title: str) -> None:
        super().__init__()
        self.link = link
        self.outline = Outline(link.state.plan)
        self.looking: int | None = None
        """The step that the operator looks at; None: where the run is."""
        self.guard = Guard(time.monotonic)
        self._heading = title
        self._dirty = True
        self._second = -1
        self._said = -1
        """The gate that was answered from here last: it is not answered twice."""

    def compose(self) -> ComposeResult:
        yield Header(self._heading)
        with Horizontal(id="body"):
            yield Checklist(self.outline, self.link.state)
            with Container(id="work"):
                with Container(id="about"):
                    yield StepPane()
                    yield Wall()
                yield Output(self.link.directory)
        yield GateBar()
        words = f"terminal too small: {LEAST[0]}x{LEAST[1]} needed"
        yield Static(content(((words, "title"),)), id="small")

    def on_mount(self) -> None:
        self.run_worker(self._hear(), exit_on_error=False)
        self.set_interval(TICK, self._tick)
        self.call_after_refresh(self.repaint)

    def on_resize(self) -> None:
        self.touch()

    def on_descendant_focus(self) -> None:
        self.touch()

    def touch(self) -> None:
        """Have the screen painted again at the next tick."""
        self._dirty = True

    async def _hear(self) -> None:
        try:
            async for _ in self.link.changes():
                self._dirty = True
        except (GonogoError, OSError) as error:
            self.tell(str(error), bad=True)
        self._dirty = True

    def _tick(self) -> None:
        second = int(time.monotonic())
        if self._dirty or second != self._second:
            self._second = second
            self.repaint()

    @property
    def looked(self) -> int:
        """The turn on the screen."""
        state, current = self.link.state, self.outline.current(self.link.state)
        if self.looking is not None:
            return self.outline.turn_to_show(state, self.looking)
        if current is not None:
            return current
        begun = [index for index, turn in enumerate(state.turns) if turn.started is not None or turn.result]
        return begun[-1] if begun else 0

    @property
    def elsewhere(self) -> bool:
        """Whether the operator looks at another step than the run is at."""
        current = self.outline.current(self.link.state)
        return current is not None and self.looked != current

    def repaint(self) -> None:
        """Bring every pane up to the run's state."""
        self._dirty = False
        if not self.is_mounted or not self.link.state.turns:
            return
        link, state = self.link, self.link.state
        index, now = self.looked, link.now()
        turn, turn_state = state.plan.turns[index], state.turns[index]
        current = self.outline.current(state)
        self.query_one(Header).update_run(state, now, link.driving, link.ended)
        at = None if current is None else state.plan.turns[current].step
        self.query_one(Checklist).update_run(turn.step, at, now)
        self.query_one(GateBar).update_banner(banner(self.outline, state, now, self._sight()))
        step, wall = self.query_one(StepPane), self.query_one(Wall)
        step.update_turn(state.plan, turn, turn_state)
        self._share(step, wall, turn_state)
        output = self.query_one(Output)
        output.update_turn(index, turn_state, state.count)
        wall.mark(output.host)
        self._see(state.gate)

    def _share(self, step: StepPane, wall: Wall, turn: TurnState) -> None:
        """Share the height: what was printed needs room only once something ran."""
        room, wide = self.query_one("#work").size.height, self.has_class("-wide")
        wall.update_turn(turn, max(room // (2 if wide else 4), 3))
        taken = wall.height if wall.display else 0
        idle = not turn.attempt
        most = room - taken if wide else room - taken - 3 if idle else room * 2 // 5
        height = max(min(step.count + 1, most), 3)
        if step.styles.height is None or step.styles.height.value != height:
            step.styles.height = height

    def _sight(self) -> Sight:
        bar = self.query_one(GateBar)
        cells = max(bar.content_region.width, LEAST[0] - 4)
        enter = not isinstance(self.focused, Wall | Output)
        return Sight(
            cells=cells,
            short=self.size.height < 32,
            driving=self.link.driving,
            lost=clean(self.link.ended),
            enter=enter,
            elsewhere=self.elsewhere,
            directory=str(self.link.directory),
            run=self.link.directory.name,
        )

    def _see(self, gate: Gate | None) -> None:
        """Ring for a new gate; take back a question about one that is closed."""
        readable = gate is not None and not self.elsewhere and not self.too_small
        if self.guard.sees(gate.number if gate is not None and readable else None):
            self.app.bell()
        top = self.app.screen
        if isinstance(top, Ask) and top.question.gate not in (None, gate.number if gate else -1):
            top.dismiss(None)
            self.tell("That question is closed: it was answered elsewhere, or its time ran out.")

    @property
    def too_small(self) -> bool:
        """Whether the terminal cannot show a gate."""
        return self.size.width < LEAST[0] or self.size.height < LEAST[1]

    def tell(self, words: str, *, bad: bool = False) -> None:
        """Say something in passing."""
        self.notify(clean(words), severity="error" if bad else "information", timeout=6, markup=False)

    def action_enter(self) -> None:
        gate = self.link.state.gate
        if gate is not None and gate.at in MENU and self.link.driving and not self.elsewhere:
            self.tell("Choose one: each choice shows its key.")
        else:
            self.action_answer(Answer.GO.value)

    def action_answer(self, value: str) -> None:
        gate, answer = self.link.state.gate, Answer(value)
        if gate is None or self.link.state.result is not None or self.link.ended:
            return
        if not self.link.driving:
            self.tell(f"You are looking on; {self.link.state.operator or 'somebody else'} drives this run.")
        elif self.elsewhere:
            self.action_home()
        elif answer in gate.choices and self.guard.takes(gate.number) and gate.number != self._said:
            way = next(one for one in choices(self.link.state, gate) if one.answer is answer)
            self._put(gate, way)

    def _put(self, gate: Gate, way: Choice) -> None:
        """Say an answer, after what it wants to know first."""
        if question := self._question(gate, way):

            def say(text: str | None) -> None:
                if text is not None:
                    typed, reason = ("", text) if way.reason else (text, "")
                    self._say(gate, way.answer, reason, typed)

            self.app.push_screen(Ask(question), say)
        else:
            self._say(gate, way.answer, "", "")

    def _question(self, gate: Gate, way: Choice) -> Question | None:
        if way.reason:
            return Question(way.prompt, gate.number)
        if way.answer in CONFIRMED:
            return Question(way.prompt, gate.number, yes=True)
        if gate.at is At.TYPED:
            turn = self.link.state.turns[gate.turn]
            live = len(turn.hosts) - len(turn.in_state(HostState.LEFT_OUT))
            hint = f"It runs on {many(live)}: type that number · esc backs out"
            return Question("Type the number of hosts to go.", gate.number, hint, expect=str(live))
        return None

    def _say(self, gate: Gate, answer: Answer, reason: str, typed: str) -> None:
        self._said = gate.number

        async def say() -> None:
            try:
                await self.link.answer(gate.number, answer, reason=reason, typed=typed)
            except GonogoError:
                self._said = -1
                raise

        self._do(say())

    def _do(self, saying: Coroutine[Any, Any, None]) -> None:
        """Say something to the run; show its refusal."""

        async def do() -> None:
            try:
                await saying
            except GonogoError as error:
                self.tell(str(error), bad=True)
            self.touch()

        self.run_worker(do(), exit_on_error=False)

    def action_note(self) -> None:
        def say(text: str | None) -> None:
            if text:
                self._do(self.link.note(text))

        self.app.push_screen(Ask(Question("A note for the trail")), say)

    def action_cancel(self) -> None:
        state = self.link.state
        current = self.outline.current(state)
        if not self.link.driving or current is None or not state.turns[current].running:
            return
        out = len(state.turns[current].in_state(HostState.RUNNING))
        prompt = f"Cancel the command on {many(out)}? What it did so far stays done."

        def say(text: str | None) -> None:
            if text is not None:
                self._do(self.link.cancel())

        self.app.push_screen(Ask(Question(prompt, yes=True)), say)

    def action_look(self, by: int) -> None:
        self.query_one(Checklist).action_move(by)

    def on_checklist_looked(self, event: Checklist.Looked) -> None:
        current = self.outline.current(self.link.state)
        here = current is not None and self.link.state.plan.turns[current].step == event.step
        self.looking = None if here else event.step
        self.repaint()

    def action_home(self) -> None:
        self.looking = None
        self.query_one(Output).search("")
        self.repaint()

    def action_back(self) -> None:
        """Back out of one thing: zoom, search, a host's stream, another step."""
        output = self.query_one(Output)
        if self.maximized is not None:
            self.minimize()
        elif output.wanted:
            output.search("")
        elif output.host and len(self.link.state.turns[self.looked].hosts) > 1:
            output.open("")
        else:
            self.looking = None
        self.repaint()

    def action_bad(self, by: int) -> None:
        wall, output = self.query_one(Wall), self.query_one(Output)
        host = wall.next_bad(by, stay=not output.host)
        if host is None:
            self.tell("No failed host in this step.")
        else:
            self.open_host(host)

    def open_host(self, host: str) -> None:
        """Show one host's own output."""
        self.query_one(Output).open(host)
        self.repaint()

    def on_wall_chosen(self, event: Wall.Chosen) -> None:
        self.open_host(event.host)

    def on_output_chosen(self, event: Output.Chosen) -> None:
        self.open_host(event.host)

    def action_search(self) -> None:
        output = self.query_one(Output)

        def say(text: str | None) -> None:
            if text is not None:
                output.search(text)
                self.repaint()

        hint = "only lines that hold it are shown, whatever the case · empty shows all · esc backs out"
        self.app.push_screen(
            Ask(Question("Search the output", hint=hint, empty=True, value=output.wanted)), say
        )

    def action_zoom(self) -> None:
        if self.maximized is not None:
            self.minimize()
        elif isinstance(self.focused, Pane):
            self.maximize(self.focused, container=False)
        self.touch()

    def action_help(self) -> None:
        self.app.push_screen(Help())
