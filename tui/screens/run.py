"""The run screen: shows a run through its link; what the operator says there is in its two other parts."""

from __future__ import annotations

import asyncio
import time
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal
from textual.widgets import Static

from gonogo.errors import GonogoError
from gonogo.hosts.here import LOCALHOST
from gonogo.run.state import At, Gate, TurnState
from gonogo.text import clean, clean_line

from ..banner import banner
from ..bar import Sight, relabel
from ..keys import BINDINGS as KEYS
from ..keys import labels, moved
from ..link import RunLink
from ..mistakes import Mistake
from ..outline import Outline
from ..pace import NOTHING, Learn, Remaining, expected, left_words
from ..preflight import Check, Known
from ..theme import content
from ..themed import LEAST
from ..turns import unkept
from ..widgets.checklist import Checklist
from ..widgets.gate import GateBar
from ..widgets.header import Header
from ..widgets.output import Output
from ..widgets.pane import Pane
from ..widgets.preflight import Preflight
from ..widgets.step import StepPane
from ..widgets.strip import MonitorStrip
from ..widgets.wall import Wall
from ..words import SECOND
from .acting import Acting
from .answering import Answering
from .ask import Ask
from .looking import Looking
from .noting import Noting
from .watching import Watching

TICK = 0.1
"""Seconds between repaints, however many records come."""


class RunScreen(Answering, Acting, Looking, Watching, Noting):
    """One run, live or replayed."""

    BINDINGS: ClassVar[list[BindingType]] = [*KEYS]
    AUTO_FOCUS = "#checklist"
    CALM: ClassVar[float] = 0.5
    """Seconds between two looks at what counts up while hosts come and go: nobody reads it faster."""

    def __init__(
        self, link: RunLink, title: str, learn: Learn | None = None, check: Check | None = None
    ) -> None:
        super().__init__(link)
        self._learn, self._check = learn, check
        self._mistakes: tuple[Mistake, ...] | None = None
        self._painted = False
        self.usual = NOTHING
        self._heading = title
        self._second = -1
        self._remaining = Remaining()
        self._heard = False
        """Records came that are not painted yet."""
        self._whole = 0.0
        """When all panes were painted last."""
        self._was_at: tuple[object, ...] = ()
        self._drove = link.driving
        self._operator = link.state.operator
        self._driver = link.state.driver
        self._unsealed = ""
        self._was = ""
        """Who drove before, if the change was seen from here."""
        self._gate = -1
        self._labels: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        yield Header(self._heading)
        yield MonitorStrip()
        with Horizontal(id="body"):
            yield Checklist(self.outline, self.link.state)
            with Container(id="work"):
                with Container(id="about"):
                    yield StepPane()
                    yield Wall()
                yield self._output()
                yield Preflight()
        yield GateBar()
        words = f"terminal too small: {LEAST[0]}x{LEAST[1]} needed"
        yield Static(content(((words, "title"),)), id="small")

    def _output(self) -> Output:
        return Output(self.link.directory, self._printed)

    def _printed(self, turn: int, host: str) -> tuple[int, TurnState]:
        index = self.outline.printed(self.link.state, turn, host)
        return index, self.link.state.turns[index]

    def on_mount(self) -> None:
        self._labels = moved(self.settings.keys)
        self.query_one(Output).wraps = self.settings.wrap
        self.run_worker(self._hear(), exit_on_error=False)
        self.set_interval(TICK, self._tick)
        self.call_after_refresh(self.repaint)

    def on_resize(self) -> None:
        self.touch()

    def on_descendant_focus(self) -> None:
        self.touch()

    async def _hear(self) -> None:
        try:
            async for _ in self.link.changes():
                self._heard = True
        except (GonogoError, OSError) as error:
            self.tell(str(error), bad=True)
        self._dirty = True

    async def _look_back(self, learn: Learn) -> None:
        """Learn from earlier runs how long this one will take."""
        self.usual = await asyncio.to_thread(learn, self.link.state.start)
        self._dirty = True

    async def _look_for_mistakes(self, check: Check) -> None:
        self._mistakes = await asyncio.to_thread(check, self.link.state.start)
        self._dirty = True

    def action_mistakes(self) -> None:
        """List what check found in the runbook."""
        from ..mistakes import counted, page
        from .page import Page

        found = self._mistakes
        if found is None:
            self.tell("The runbook was not checked here.")
        else:
            title = f"What check found: {counted(found) or 'nothing wrong'}"
            self.app.push_screen(Page(title, lambda cells: page(found, cells)))

    def _known(self) -> Known:
        key = labels("look.mistakes", self.settings.keys)
        return Known(expected(self.outline, self.link.state, self.usual), self._mistakes, key)

    def _tick(self) -> None:
        state, second, stands = self.link.state, int(time.monotonic()), self._stands()
        if self._dirty or second != self._second or stands != self._was_at:
            self._second, self._was_at = second, stands
            self.repaint()
        elif self._heard and (state.gate is not None or time.monotonic() - self._whole >= self.CALM):
            self.repaint()
        elif self._heard and state.turns:
            self._heard = False
            self._paint_hosts(self.looked)

    def _stands(self) -> tuple[object, ...]:
        """Return what is painted at the next tick when it changes; counts and times can wait for `CALM`."""
        link, state = self.link, self.link.state
        driven = (link.driving, link.ended, state.driver, state.operator)
        at = (state.gate, self.outline.current(state), state.result, len(state.turns))
        return *at, state.trouble, state.paused, *driven

    def repaint(self) -> None:
        """Bring every pane up to the run's state."""
        self._dirty, self._heard, self._whole = False, False, time.monotonic()
        if not self.is_mounted or not self.link.state.turns:
            return
        link, state = self.link, self.link.state
        if self.outline.plan is not state.plan:
            self._replan()
        self._see_changes()
        if self._learn is not None and state.start and self._painted:
            self.run_worker(self._look_back(self._learn), exit_on_error=False)
            self._learn = None
        if self._check is not None and self._painted and self.before_start:
            self.run_worker(self._look_for_mistakes(self._check), exit_on_error=False)
            self._check = None
        self._painted = True
        index, now = self.looked, link.now()
        turn = state.plan.turns[index]
        current = self.outline.current(state)
        self._paint_head(now)
        self.query_one(MonitorStrip).update_run(state)
        at = None if current is None else state.plan.turns[current].step
        ahead = self.before_start and not self.elsewhere
        self.set_class(ahead, "-preflight")
        looked = self.outline.steps.start - 1 if ahead else turn.step
        self.query_one(Checklist).update_run(self.outline, state, looked, at, now, alone=self.settings.fold)
        if ahead:
            self.query_one(Preflight).update_run(state, self._known())
        self._paint_bar(now)
        if not ahead:  # else none of them is in sight, and 2,000 hosts take 50 ms to fold
            self.query_one(StepPane).update_turn(self.outline, state, turn)
            self._paint_hosts(index)
        self._see(state.gate)

    def _paint_hosts(self, index: int) -> None:
        """Bring what is shown of a turn's hosts up to the run's state."""
        state, turn = self.link.state, self.link.state.plan.turns[index]
        step, wall, output = self.query_one(StepPane), self.query_one(Wall), self.query_one(Output)
        self._share(step, wall, state.turns[index])
        output.update_turn(
            index, state.turns[index], state.count, unkept(state.plan.step_of(turn).step.options)
        )
        wall.mark(output.host, self.picked)

    def _paint_head(self, now: int) -> None:
        link, left = self.link, self._left_words(now)
        self.query_one(Header).update_run(link.state, now, link.driving, link.ended, left)

    def _left_words(self, now: int) -> str:
        return left_words(self.outline, self.link.state, self.usual, now, self._remaining)

    def _paint_bar(self, now: int) -> None:
        shown = banner(self.outline, self.link.state, now, self._sight())
        self.query_one(GateBar).update_banner(relabel(shown, self._labels))

    def _see_changes(self) -> None:
        """Say in passing what is not in sight all the time."""
        self._see_driver()
        self.see_monitors()
        unsealed = self.link.state.unsealed
        if unsealed != self._unsealed:
            self._unsealed = unsealed
            self.tell(f"Not sealed: {unsealed}" if unsealed else "The trail is sealed again.")

    def _replan(self) -> None:
        """The runbook was edited while the run waited: show its new text."""
        self.outline = Outline(self.link.state.plan)
        self.looking = None
        self.tell("The runbook was edited: the checklist shows its new text.")

    def _share(self, step: StepPane, wall: Wall, turn: TurnState) -> None:
        """Share the height: what was printed needs room only once something ran."""
        room, wide = self.query_one("#work").size.height, self.has_class("-wide")
        wall.update_turn(turn, max(room // (2 if wide else 3), 3))
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
            lines=self.size.height * 6 // 10 - 1,
            short=self.size.height < 32,
            driving=self.link.driving,
            lost=clean(self.link.ended),
            enter=enter,
            elsewhere=self.elsewhere,
            directory=str(self.link.directory),
            run=self.link.directory.name,
            picked=self.picked,
            was=self._was,
            usual=self.usual,
            shell="" if self.shell_host == LOCALHOST else self.shell_host,
        )

    @property
    def seen_host(self) -> str:
        """The host whose output is shown, else the one under the wall's cursor."""
        wall, output = self.query_one(Wall), self.query_one(Output)
        return output.host or (wall.host if wall.has_focus else "")

    def _see(self, gate: Gate | None) -> None:
        """Ring for a new gate; take back a question about one that is closed."""
        readable = gate is not None and not self.elsewhere and not self.too_small
        if self.guard.sees(gate.number if gate is not None and readable else None) and gate is not None:
            # What is asked about has to stand under the field.
            self.call_after_refresh(self.open_field, gate)
        number = gate.number if gate else -1
        if number != self._gate:
            self._gate, self.picked = number, frozenset()
            if gate is not None and gate.at is not At.WAIT:
                # Also for who looks at another step just now.
                self.themed.ring(f"go? {gate.question}")
        self.themed.entitle(self._entitled(gate))
        top = self.app.screen
        if isinstance(top, Ask) and not top.saying and top.question.gate not in (None, number):
            top.dismiss(None)
            self.tell("That question is closed: it was answered elsewhere, or its time ran out.")

    def _entitled(self, gate: Gate | None) -> str:
        """Return the terminal's title: the run, or the question and for how many minutes it waits."""
        if gate is None:
            return self._heading or self.link.state.plan.title
        minutes = (self.link.now() - gate.asked) // (60 * SECOND)
        words = f"wait: {gate.question}" if gate.at is At.WAIT else f"go? {gate.question}"
        return f"{words} · for {minutes} m" if minutes and gate.at is not At.WAIT else words

    def _see_driver(self) -> None:
        """Say with both names that somebody else drives now."""
        old, new, drove = self._operator, self.link.state.operator, self._drove
        self._operator, self._drove = new, self.link.driving
        before, self._driver = self._driver, self.link.state.driver
        if old and new != old:
            self._was = old
            told = "you look on now" if drove and not self.link.driving else "the run goes on"
            self.tell(f"{new} took over from {old}: {told}.")
        elif self.link.state.driver == "" and before and not self.link.ended:
            self.tell(f"{clean_line(before)} has left: nobody drives now.")
        elif drove and not self.link.driving and not self.link.ended and self.link.state.result is None:
            self.tell(f"{self.driver} drives from another screen now: you look on.")

    @property
    def too_small(self) -> bool:
        """Whether the terminal cannot show a gate."""
        return self.size.width < LEAST[0] or self.size.height < LEAST[1]

    def action_look(self, by: int) -> None:
        self.query_one(Checklist).action_move(by)

    def on_checklist_looked(self, event: Checklist.Looked) -> None:
        current = self.outline.current(self.link.state)
        here = (
            not self.before_start
            and current is not None
            and self.link.state.plan.turns[current].step == event.step
        )
        self.looking = None if here else event.step
        self.repaint()

    def action_home(self) -> None:
        self.looking = None
        output = self.query_one(Output)
        output.search("")
        output.mark("")
        self.repaint()

    def action_back(self) -> None:
        """Back out of one thing: zoom, search, a host's stream, another step."""
        output = self.query_one(Output)
        if self.maximized is not None:
            self.minimize()
        elif output.sought:
            output.mark("")
            self.query_one(Checklist).focus()
        elif output.wanted:
            output.search("")
        elif self.query_one(Wall).wanted:
            self.query_one(Wall).narrow("")
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

    def on_wall_toggled(self, event: Wall.Toggled) -> None:
        self.toggle(event.host)

    def action_zoom(self) -> None:
        if self.maximized is not None:
            self.minimize()
        elif isinstance(self.focused, Pane):
            self.maximize(self.focused, container=False)
        self.touch()

    def action_hop(self) -> None:
        """Give every pane and every step in sight a letter to go there by."""
        from .hop import Hop, Place

        checklist = self.query_one(Checklist)
        panes = [one for one in self.query(Pane) if one.display and one.region.area and one.id]
        places = [Place(one.id or "", one.region.x + 1, one.region.y) for one in panes]
        if self.maximized is None:
            places += [Place(f"line {y}", x, at) for y, x, at in checklist.stops_in_sight()]

        def go(name: str | None) -> None:
            if name is not None and name.startswith("line "):
                checklist.look_at_line(int(name[5:]))
            elif name is not None:
                self.query_one(f"#{name}").focus()

        self.app.push_screen(Hop(places), go)

    def action_help(self) -> None:
        # Neither is needed for the first paint.
        from .help import Help, help_lines

        pane = self.focused.id if isinstance(self.focused, Pane) else ""
        self.app.push_screen(Help(help_lines(pane or "", self.settings.keys)))

    def action_palette(self) -> None:
        from ..palette import commands
        from .pick import offer

        found = commands(self.link.state, self.settings, driving=self.link.driving)
        offer(self, found)

    def action_theme(self, name: str) -> None:
        """Look like another theme from here on."""
        self.themed.choose(theme=name)
        self.repaint()

    def action_switch(self, name: str) -> None:
        """Turn a setting on or off."""
        on = not getattr(self.settings, name)
        self.themed.choose(**{name: on})
        self.tell(f"{name}: {'on' if on else 'off'}")
        self.repaint()
