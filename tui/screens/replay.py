"""The replay screen: the run screen's panes at any moment of a past run, and a time line to go by."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import ClassVar

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import BindingType

from gonogo.run.replay.marks import MOST, Sort
from gonogo.run.replay.recorded import Recorded
from gonogo.run.replay.search import Hit, find
from gonogo.trail.output import OutputReader

from ..bar import relabel
from ..keys.replay import BINDINGS as KEYS
from ..offers import offered
from ..outline import Outline
from ..replay.bar import replay_banner, replay_head
from ..replay.goto import HINT, goto
from ..replay.stream import PastReader
from ..widgets.gate import GateBar
from ..widgets.header import Header
from ..widgets.output import Output
from ..widgets.timeline import Timeline
from .ask import Question
from .help import Help
from .pick import offer
from .replay_find import Find
from .replay_help import replay_help
from .run import RunScreen

ROOM = 4
"""Lines that the time line takes from the bar."""
FRAME = 0.05
"""Seconds between two frames of a play."""


class ReplayScreen(RunScreen, inherit_bindings=False):
    """One past run. Nothing here answers, acts or writes."""

    NAMED = KEYS
    BINDINGS: ClassVar[list[BindingType]] = [*NAMED]

    def __init__(self, link: Recorded, title: str) -> None:
        super().__init__(link, title)
        self.replay = link
        self._shown_state = link.state
        self._shown_at = 0
        self._frame = time.monotonic()
        self._by_time = True
        self._painted_at: tuple[object, ...] = ()
        self._trust = ""
        self._full = False
        self._hits: list[Hit] = []
        self._hit = -1

    def compose(self) -> ComposeResult:
        for widget in super().compose():
            if isinstance(widget, GateBar):
                yield Timeline()
            yield widget

    def _output(self) -> Output:
        return Output(self.link.directory, self._printed, self._reader)

    def _reader(self, path: Path) -> OutputReader:
        return PastReader(path, self.replay.now)

    def on_mount(self) -> None:
        self.set_interval(FRAME, self._play)
        self.call_after_refresh(self.replay.start)

    def _play(self) -> None:
        now = time.monotonic()
        since, self._frame = now - self._frame, now
        if self.replay.playing:
            # A terminal that hung for a minute does not leave out what would have been shown in it.
            self.replay.advance(min(since, 4 * FRAME))

    def _tick(self) -> None:
        """Paint where the replay stands; while the trail is only read on, the time line, and no more."""
        second = int(time.monotonic())
        if self._dirty or self._stands() != self._painted_at:
            self.repaint()
        elif self._heard or second != self._second:
            self._heard, self._second = False, second
            self.see_changes()
            self._paint_time()

    def _stands(self) -> tuple[object, ...]:
        replay = self.replay
        how = (replay.playing, replay.speed, replay.follow, replay.index.whole)
        return replay.position, replay.now(), self.looking, *how

    def _paint_time(self) -> None:
        self.query_one(Timeline).update_link(self.replay, by_time=self._by_time)

    def repaint(self) -> None:
        """Bring every pane to where the replay stands."""
        if not self.is_mounted or not self.link.state.turns:
            return
        self._painted_at = self._stands()
        back = self.link.state is not self._shown_state or self.replay.now() < self._shown_at
        self._shown_state, self._shown_at = self.link.state, self.replay.now()
        if self.outline.plan is not self.link.state.plan:
            self.replan()
        gate = self.link.state.gate
        for turn in {self.looked, *((gate.turn, max(gate.turn - 1, 0)) if gate else ())}:
            self.replay.fill(turn)
        output = self.query_one(Output)
        if back and output.host:
            output.open(output.host if output.host in self.link.state.turns[self.looked].hosts else "")
        super().repaint()
        self._paint_time()

    def _paint_head(self, now: int) -> None:
        header = self.query_one(Header)
        header.draw(replay_head(self.replay, self.heading, header.room(self._corner())))

    def _paint_bar(self, now: int) -> None:
        sight = self._sight()
        sight = replace(sight, lines=max(sight.lines - ROOM, ROOM))
        shown = replay_banner(self.outline, self.replay, sight)
        self.query_one(GateBar).update_banner(relabel(shown, self._labels))

    def replan(self) -> None:
        """The replay went over an edit of the runbook, on or back."""
        self.outline = Outline(self.link.state.plan)
        self.looking = None
        self.tell("The runbook was edited in this run: the checklist shows the text of this moment.")

    def see_changes(self) -> None:
        """Nothing comes as news in a replay but the end of what can be trusted."""
        trust = self.replay.index.trust
        if self.replay.index.marks.full and not self._full:
            self._full = True
            self.tell(f"Only the first {MOST:,} places of this run are marked on the time line.")
        if trust and trust != self._trust:
            self.tell(f"The trail can be trusted up to record {self.replay.count:,}: {trust}", bad=True)
        self._trust = trust

    def see_gate(self, gate: object) -> None:
        """No question here waits for anybody."""

    def on_timeline_picked(self, event: Timeline.Picked) -> None:
        event.scale.go(self.replay, event.cell)

    def action_play(self) -> None:
        if not self.replay.playing and self.replay.position >= self.replay.count:
            self.replay.seek(1)
        self.replay.play(not self.replay.playing)
        self.looking = None

    def action_faster(self, by: int) -> None:
        self.replay.faster(by)

    def action_record(self, by: int) -> None:
        self.looking = None
        self.replay.step(by)

    def action_begin(self) -> None:
        self.looking = None
        self.replay.play(False)
        self.replay.seek(1)

    def action_end(self) -> None:
        self.looking = None
        self.replay.seek_end()

    def action_mark(self, by: int, sort: str) -> None:
        """Go to the next mark of a sort, or the one before."""
        self.looking = None
        if self.replay.jump(by, Sort(sort)) is None:
            more = "" if self.replay.read_so_far == 1 or by < 0 else " in what was read so far"
            self.tell(f"No {sort} {'behind' if by > 0 else 'before'} this{more}.")

    def action_here(self) -> None:
        """Go to where the step on the screen was reached."""
        if self.replay.seek_step(self.looked_step):
            self.looking = None
        else:
            self.tell("The run has not reached this step.")

    def action_scale(self) -> None:
        self._by_time = not self._by_time
        self.touch()

    def action_go(self) -> None:
        async def say(text: str) -> None:
            way = goto(self.replay, self.outline, text)
            if not isinstance(way, str):
                self.looking = None
                way()

        def check(text: str) -> str:
            way = goto(self.replay, self.outline, text)
            return way if isinstance(way, str) else ""

        self.ask(Question("Go to", hint=HINT, enter="goes there", check=check, limit=40), say)

    def action_find(self) -> None:
        async def say(text: str) -> None:
            self.app.call_later(self._find, text)

        wanted = self.query_one(Output).wanted
        question = Question("Search records and output", None, "whatever the case", "searches", value=wanted)
        self.ask(question, say)

    def _find(self, text: str) -> None:
        run, end = self.link.directory, self.replay.index.reading.offset

        def search(stopped: Callable[[], bool]) -> Iterator[Hit | None]:
            return find(run, text, end, stopped)

        def clock(at: int) -> str:
            return f"{self.replay.wall(at):%H:%M:%S}"

        self.app.push_screen(Find(text, search, clock), partial(self._found, text))

    def _found(self, text: str, found: tuple[list[Hit], int] | None) -> None:
        if found is not None:
            self._hits, self._hit = found
            self.query_one(Output).search(text)
            self._go_to_hit()

    def action_hit(self, by: int) -> None:
        if 0 <= self._hit + by < len(self._hits):
            self._hit += by
            self._go_to_hit()
        else:
            self.tell(
                "Nothing was searched for yet." if not self._hits else "No more places were found there."
            )

    def _go_to_hit(self) -> None:
        """Stand where it was found, its host's output open if it is a host's."""
        hit = self._hits[self._hit]
        self.looking = None
        if hit.land:
            self.replay.seek(hit.land)
        else:
            self.replay.seek_time(hit.at)
        state = self.link.state
        if 0 <= hit.turn < len(state.turns):
            self.looking = state.plan.turns[hit.turn].step
        self.repaint()
        if hit.host in state.turns[self.looked].hosts and self.looked == hit.turn:
            self.open_host(hit.host)

    def action_help(self) -> None:
        self.app.push_screen(Help(replay_help(self.settings.keys)))

    def action_palette(self) -> None:
        found = offered(KEYS, self.settings, ("replay.palette", "look.back", "look.pane"))
        offer(self, found)
