"""The run screen: shows a run through its link. What is said, done and noticed is in its other parts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.widget import Widget

from gonogo.errors import GonogoError
from gonogo.hosts.here import LOCALHOST
from gonogo.run.state import TurnState
from gonogo.text import clean

from ..banner import banner
from ..bar import ALONE, COMMANDS, Key, Labels, labelled, relabel
from ..heights import LEAST as LEAST_LINES
from ..heights import Shares, Wants
from ..keys.run import BINDINGS as KEYS
from ..keys.run import labels
from ..link import RunLink
from ..mistakes import Mistake
from ..offers import relabels
from ..pace import NOTHING, Learn, Remaining, expected, left_words
from ..preflight import Check, Known
from ..sight import Sight
from ..themed import LEAST
from ..turns import unkept
from ..widgets.checklist import Checklist
from ..widgets.gate import GateBar
from ..widgets.header import Header, header
from ..widgets.output import Output
from ..widgets.pane import Pane
from ..widgets.preflight import Preflight
from ..widgets.small import Small
from ..widgets.step import StepPane
from ..widgets.strip import MonitorStrip
from ..widgets.wall import Wall
from .acting import Acting
from .looking import Looking
from .noticing import Noticing
from .noting import Noting

TICK = 0.1
"""Seconds between repaints, however many records come."""


class RunScreen(Noticing, Acting, Looking, Noting, inherit_bindings=False):
    """One run, live or replayed."""

    NAMED: ClassVar[Sequence[Binding]] = KEYS
    BINDINGS: ClassVar[list[BindingType]] = [*NAMED]
    AUTO_FOCUS = "#checklist"
    ALLOW_IN_MAXIMIZED_VIEW = ".-textual-system, #header, #gate, #small"
    """What stands beside a pane alone: a question that is not on the screen could not be answered."""
    CALM: ClassVar[float] = 0.5
    """Seconds between two looks at what counts up while hosts come and go: nobody reads it faster."""

    def __init__(
        self, link: RunLink, title: str, learn: Learn | None = None, check: Check | None = None
    ) -> None:
        super().__init__(link, title)
        self._learn, self._check = learn, check
        self._mistakes: tuple[Mistake, ...] | None = None
        self._painted = False
        self.usual = NOTHING
        self._second = -1
        self._remaining = Remaining()
        self._heard = False
        """Records came that are not painted yet."""
        self._whole = 0.0
        """When all panes were painted last."""
        self._was_at: tuple[object, ...] = ()
        self._labels: Labels = {}
        self._wants = Wants()

    def compose(self) -> ComposeResult:
        yield Header()
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
        yield Small()

    def _output(self) -> Output:
        return Output(self.link.directory, self._printed)

    def _printed(self, turn: int, host: str) -> tuple[int, TurnState]:
        index = self.outline.printed(self.link.state, turn, host)
        return index, self.link.state.turns[index]

    def on_mount(self) -> None:
        self._labels = relabels(self.NAMED, self.settings.keys)
        self.query_one(Output).wraps = self.settings.wrap
        self.run_worker(self._hear(), exit_on_error=False)
        self.set_interval(TICK, self._tick)
        self.call_after_refresh(self.repaint)

    def on_resize(self) -> None:
        self.touch()

    def on_pane_reshaped(self) -> None:
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
            self._paint_hosts(self.looked, counting=False)

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
            self.replan()
        self.see_changes()
        if self._learn is not None and state.start and self._painted:
            self.run_worker(self._look_back(self._learn), exit_on_error=False)
            self._learn = None
        if self._check is not None and self._painted and self.before_start:
            self.run_worker(self._look_for_mistakes(self._check), exit_on_error=False)
            self._check = None
        if not self._painted:
            self._painted = True
            self.call_after_refresh(self.themed.settled)
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
        if self.maximized is not None:
            self._widen(self.maximized)
        # Where none is in sight there is no width to break lines at, and 2,000 hosts take 50 ms to fold.
        if not ahead and any(self.query_one(pane).size.width for pane in (StepPane, Wall, Output)):
            self.query_one(StepPane).update_turn(self.outline, state, turn)
            self._paint_hosts(index, counting=True)
        self.see_gate(state.gate)

    def _paint_hosts(self, index: int, *, counting: bool) -> None:
        """Bring what is shown of a turn's hosts up to the run's state; they are counted when the bar is."""
        state, turn = self.link.state, self.link.state.plan.turns[index]
        wall, output = self.query_one(Wall), self.query_one(Output)
        output.update_turn(
            index, state.turns[index], state.count, unkept(state.plan.step_of(turn).step.options)
        )
        self._share(index, state.turns[index], counting=counting)
        wall.mark(output.host, self.picked)

    def _paint_head(self, now: int) -> None:
        link, left = self.link, self._left_words(now)
        head = self.query_one(Header)
        room = head.room(self._corner())
        head.draw(header(link.state, self.heading, now, link.driving, link.ended, room, left))

    def _corner(self) -> Key:
        """Return the key in the top line's corner: what leads to all others, or out of a pane alone."""
        one = ALONE if self.maximized is not None else COMMANDS
        return labelled(one, self._labels)

    def _left_words(self, now: int) -> str:
        return left_words(self.outline, self.link.state, self.usual, now, self._remaining)

    def _paint_bar(self, now: int) -> None:
        shown = banner(self.outline, self.link.state, now, self._sight())
        self.query_one(GateBar).update_banner(relabel(shown, self._labels))

    def _share(self, index: int, turn: TurnState, *, counting: bool) -> None:
        """Share the height: what was printed needs room only once something ran."""
        step, wall, output = self.query_one(StepPane), self.query_one(Wall), self.query_one(Output)
        room, wide = self.query_one("#work").size.height, self.has_class("-wide")
        if self.maximized is not None:
            wall.update_turn(turn, self.size.height, counting=counting)
            return
        wanted = self._wants.lines(output.lines_wanted, index, output.cells)
        shares = Shares(
            room, step.count + 1, room if wanted is None else wanted, idle=not turn.attempt, wide=wide
        )
        wall.update_turn(turn, shares.wall, counting=counting)
        height = shares.step(wall.height if wall.display else 0)
        if step.styles.height is None or step.styles.height.value != height:
            step.styles.height = height

    def watch_maximized(self, before: Widget | None, now: Widget | None) -> None:
        """A pane stands alone, or none any more."""
        if before is not None:
            before.styles.height = None
        self.repaint()

    def _widen(self, pane: Widget) -> None:
        """Give a pane that stands alone what the top line and the bar leave."""
        height = max(self.size.height - 1 - self.query_one(GateBar).height, LEAST_LINES)
        if pane.styles.height is None or pane.styles.height.value != height:
            pane.styles.height = height
            # It lies in containers that are not shown now: none of them tells the screen.
            self._clear_arrangement_cache()
            self.refresh(layout=True)

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
            was=self.was,
            usual=self.usual,
            shell="" if self.shell_host == LOCALHOST else self.shell_host,
        )

    @property
    def seen_host(self) -> str:
        """The host whose output is shown, else the one under the wall's cursor."""
        wall, output = self.query_one(Wall), self.query_one(Output)
        return output.host or (wall.host if wall.has_focus else "")

    def on_wall_toggled(self, event: Wall.Toggled) -> None:
        self.toggle(event.host)

    def action_help(self) -> None:
        # Neither is needed for the first paint.
        from .help import Help, help_lines

        pane = self.focused.id if isinstance(self.focused, Pane) else ""
        self.app.push_screen(Help(help_lines(pane or "", self.settings.keys)))

    def action_palette(self) -> None:
        from ..palette import commands
        from .pick import offer

        driving = self.link.driving and not self.link.ended
        turn = None if self.before_start and not self.elsewhere else self.looked
        offer(
            self, commands(self.link.state, self.settings, driving=driving, turn=turn, shell=self.shell_host)
        )

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
