"""The output pane: identical output together, or one host's own stream while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.worker import Worker

from gonogo.run.state import HostState, TurnState
from gonogo.trail.output import OutputReader

from ..grouped import ONLY, Told, found, line_of, spot_of, tell, why
from ..held import Held
from ..keys import run as keys
from ..lines import Line, span, wrap
from ..projection import host_title
from ..rows import Lines, Printed, Rows, Shape
from ..streams import HostStream
from .pane import Pane

AT_ONCE = 200
"""Hosts whose output is grouped on the spot (some milliseconds)."""
REST = 0.8
"""Seconds between two groupings of a wide turn: 5,000 hosts take 50 ms to fold."""
SLICE = 0.1
"""Seconds of laying out rows between two looks at how many there are."""
FAR = 5_000
"""Lines that are searched on the spot; more are searched in a thread."""
POLL = 0.1
"""Seconds between two looks at a file that grows."""


class Output(Pane):
    """Shows a turn's groups until a host is chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.OUTPUT]
    moves_cursor = True

    class Chosen(Message):
        """A group's host was chosen."""

        def __init__(self, host: str) -> None:
            super().__init__()
            self.host = host

    class Past(Message):
        """A search went past the last place in a host's output (`by` 1), or past the first (-1)."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    def __init__(
        self,
        run: Path,
        printed: Callable[[int, str], tuple[int, TurnState]],
        reader: Callable[[Path], OutputReader] = OutputReader,
    ) -> None:
        """`printed` returns the turn, and its number, in which a host printed what a turn shows."""
        super().__init__(id="output")
        self._run, self._printed, self._reader = run, printed, reader
        self._turn = TurnState({})
        self._index = -1
        self._told: list[Told] = []
        self._key: tuple[int, int, int, str, str] = (-1, -1, -1, "", "")
        self._telling = False
        self._grouped = False
        """Something was printed, or hosts are not ok: what is shown are groups."""
        self._told_at = 0
        self._unkept = ""
        self.host = ""
        """The host whose stream is shown, or empty for groups."""
        self.wanted = ""
        """Only lines that hold it are shown; all of them where it is empty."""
        self.only = ONLY[0]
        """Whose output is told together: everybody's, or some hosts'."""
        self.sought = ""
        """What is marked, and gone to."""
        self._go = 0
        """The place to go to once the host's stream is read: so many from its beginning, or -1: its last."""
        self.wraps = True
        """Break a host's long lines; else they are cut at the right."""
        self.follow = True
        self._stream: HostStream | None = None
        self._why: list[Line] = []
        """Why the host is not ok, above what it printed."""
        self._out = False
        self._rows = Rows(Lines(), Shape(1))
        """The host's lines that are complete, as they are drawn."""
        self._loose: list[Printed] = []
        """The same of lines whose end has not come yet."""
        self._worker: Worker[None] | None = None
        self._held: Held | None = None
        """What is to be gone back to once the host's lines are laid out anew."""

    def update_turn(self, index: int, turn: TurnState, count: int, unkept: str = "") -> None:
        """Show a turn; `count` grows with every record, so that nothing is worked out twice.

        `unkept` says why none of its output is kept, if so.
        """
        self._unkept = unkept
        if index != self._index:
            self._index, self._turn = index, turn
            only = next(iter(turn.hosts)) if len(turn.hosts) == 1 else ""
            self.open(only)
        if self.host:
            host = turn.hosts[self.host]
            above = why(host, self.cells)
            if unkept and host.ended is not None:
                above.append(((f"({unkept})", "dim"),))
            if above != self._why or self._rows.shape != self._shape:
                self._hold()
            self._why = above
            self._out = host.state is HostState.RUNNING
            self.head(("Output  ", "title"), *host_title(self.host, host), *self._flags())
            self._count()
            self._come_back()
            if self._held is None:
                self.keep_cursor_in_sight()
            return
        key = (index, count, self.cells, self.wanted, self.only)
        if key != self._key and not self._telling:
            self._key = key
            if len(turn.hosts) > AT_ONCE:
                self._telling = True
                self.run_worker(self._tell_later(key, turn), exit_on_error=False)
            else:
                self._tell(tell(turn, self.cells, self.wanted, unkept, self.only))
        what = (
            (self.only, "odd") if self.only else ("identical output together" if self._grouped else "", "dim")
        )
        self.head(("Output  ", "title"), what, *self._flags())
        self.keep_cursor_in_sight()

    @property
    def lines_wanted(self) -> int | None:
        """Lines that it takes as it is, its heading included; None: not known, or a host's may come."""
        return None if self.host or self._told_at != self.cells else self.count + 1

    def _tell(self, told: list[Told]) -> None:
        self._told_at = self._key[2]
        self._grouped = bool(told)
        before, at, top = self._told, self.cursor, int(self.scroll_offset.y)
        self._told = told or [Told(line) for line in self._nothing()]
        self.show(len(self._told))
        if before and (
            at or top
        ):  # else the operator is at the beginning, where what is most urgent comes to stand
            places = [line_of(self._told, spot_of(before, min(y, len(before) - 1))) for y in (at, top)]
            self.return_to(places[0], places[1], at - top)

    async def _tell_later(self, key: tuple[int, int, int, str, str], turn: TurnState) -> None:
        """Group a wide turn's output in a thread, so that keys are not kept waiting."""
        try:
            told = await asyncio.to_thread(tell, turn, key[2], key[3], self._unkept, key[4])
            if key == self._key and not self.host:
                self._tell(told)
            await asyncio.sleep(REST)
        finally:
            self._telling = False

    def _flags(self) -> list[tuple[str, str]]:
        flags = [span(f"  &{self.wanted}", "odd")] if self.wanted else []
        flags += [span(f"  /{self.sought}", "odd")] if self.sought else []
        return [*flags, ("  following", "run")] if self.host and self.follow and self._out else flags

    def _nothing(self) -> list[Line]:
        if not self._turn.hosts:
            return [(("Nothing runs in this step.", "dim"),)]
        if self._turn.running:
            words = "Running. Output stands here as hosts finish; choose one to watch it."
            return wrap([(words, "dim")], self.cells)
        if self.only:
            return [((f"Nothing here: {self.only} is shown.", "dim"),)]
        return [(("Nothing has run yet.", "dim"),)]

    def open(self, host: str) -> None:
        """Show one host's stream, or the groups again when `host` is empty."""
        if self._worker is not None:
            self._worker.cancel()
            self._worker = None
        self.host, self.follow, self._held = host, True, None
        self._key = (-1, -1, -1, "", "")
        self._stream = None
        self.cursor = 0
        self.scroll_to(y=0, animate=False, immediate=True)
        self.set_class(bool(host), "-host")
        self._rows, self._loose, self._why = Rows(Lines(), Shape(1)), [], []
        if host:
            index, turn = self._printed(self._index, host)
            self._stream = HostStream(self._run, index, host, self._reader)
            watch = partial(
                self._watch, self._stream, turn
            )  # a coroutine that is cancelled unbegun complains
            self._worker = self.run_worker(watch, exit_on_error=False)
        self.show(0)

    async def _watch(self, stream: HostStream, turn: TurnState) -> None:
        """Read the files as they grow; the reading itself is done in a thread."""
        while True:
            rows = self._rows
            shape = self._shape
            if rows.shape != shape:
                self._hold()
                rows = Rows(stream.whole, shape)
            grew = await asyncio.to_thread(_take_in, stream, turn.attempt, rows)
            if stream is self._stream:
                self._rows = rows
                self._loose = [row for line in stream.tails for row in shape.rows(line)]
                self._count()
                self._come_back()
                if self._go and not grew:
                    await self._arrive()
            await asyncio.sleep(0.01 if grew else POLL)

    def _count(self) -> None:
        """Show as many lines as there are now, the last of them when it is followed."""
        count = len(self._why) + len(self._rows) + len(self._loose)
        self.show(count)
        # Also when nothing came: what came while the pane had no place yet could not be gone to.
        if self.follow and (self.cursor != count - 1 or self.scroll_offset.y < self.max_scroll_y):
            self.cursor = max(count - 1, 0)
            self.scroll_to(y=count, animate=False)

    @property
    def _shape(self) -> Shape:
        return Shape(self.cells, self.wanted, self.wraps)

    def _hold(self) -> None:
        """Remember which lines the cursor and the top are at: rows, or what stands above them, may change."""
        if self._held is None and not self.follow and not self._go:
            self._held = Held.of(self._rows, len(self._why), self.cursor, int(self.scroll_offset.y))

    def _come_back(self) -> None:
        """Go back to what was held, once the rows have it."""
        if self._held is None or self._rows.shape != self._shape:
            return
        lines = self._held.lines(self._rows, len(self._why))
        if lines is not None:
            row, self._held = self._held.row, None
            if not self.follow:
                self.return_to(*lines, row)

    def line(self, y: int) -> Line:
        line = self._line(y)
        return tuple(one for text, style in line for one in found(text, self.sought, style)) or line

    def _line(self, y: int) -> Line:
        if self._stream is None:
            return self._told[y].line if y < len(self._told) else ()
        if y < len(self._why):
            return self._why[y]
        y, whole = y - len(self._why), len(self._rows)
        row = self._loose[y - whole] if whole <= y < whole + len(self._loose) else self._rows.row(y)
        if row.stream == "-":
            return ((f"── {row.text} ", "dim"), ("─" * max(self.cells - len(row.text) - 4, 0), "dim"))
        return tuple(found(row.text, self.wanted, "err" if row.stream == "e" else ""))

    def search(self, wanted: str) -> None:
        """Show only lines that hold `wanted`; all of them when it is empty."""
        self.wanted = wanted
        self.follow = False
        self.cursor = 0
        self.scroll_to(y=0, animate=False, immediate=True)

    async def seek(self, sought: str) -> bool:
        """Mark a word wherever it stands and go to the first place; return whether there is one."""
        self.mark(sought)
        return not sought or await self._go_to_found(self.cursor, 1)

    def mark(self, sought: str) -> None:
        """Mark a word wherever it stands; nothing when it is empty."""
        self.sought = sought
        self.refresh()

    def go_to_place(self, place: int) -> None:
        """Go to the so-manyth place that was sought once the host's output is read; -1: to the last."""
        self.follow, self._go = False, place

    async def _arrive(self) -> None:
        place, self._go = self._go, 0
        if place < 0:
            await self._go_to_found(self.count - 1, -1)
        elif await self._go_to_found(0, 1):
            for _ in range(place - 1):
                await self._go_to_found(self.cursor + 1, 1)

    async def action_next_found(self, by: int) -> None:
        before = self.cursor
        if not await self._go_to_found(self.cursor + by, by):
            self.app.bell()
        elif self.host and (self.cursor - before) * by <= 0:
            self.post_message(self.Past(by))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Leave the keys that go on with a search alone while there is none: they answer."""
        return action != "next_found" or bool(self.sought)

    async def _go_to_found(self, begin: int, by: int) -> bool:
        far = self.count > FAR
        y = await asyncio.to_thread(self._find, begin, by) if far else self._find(begin, by)
        if y is not None and y < self.count:
            self.move_to(y)
        return y is not None

    def _find(self, begin: int, by: int) -> int | None:
        """Return the first line that holds what is sought, from one on or back and round."""
        want, count, above, far = self.sought.lower(), self.count, len(self._why), 0
        while far < count:
            y = (begin + by * far) % count
            if self._stream is not None and (barren := self._rows.barren(y - above, want, by)):
                far += barren
                continue
            if want in self.text(y).lower():
                return y
            far += 1
        return None

    @property
    def group(self) -> tuple[str, ...]:
        """The hosts that the line under the cursor is about."""
        told = self._told[self.cursor : self.cursor + 1] if self._stream is None else []
        return told[0].hosts if told else (self.host,) if self.host else ()

    def text(self, y: int) -> str:
        """Return one line as text."""
        return "".join(text for text, _ in self._line(y))

    def move_to(self, y: int) -> None:
        super().move_to(y)
        self._held = None
        self.follow = bool(self.host) and self.cursor == self.count - 1

    def action_follow(self) -> None:
        self.follow = not self.follow
        if self.follow:
            super().move_to(self.count - 1)

    def action_open(self) -> None:
        if self._stream is None and self.cursor < len(self._told) and self._told[self.cursor].host:
            self.post_message(self.Chosen(self._told[self.cursor].host))

    def on_mouse_scroll_up(self) -> None:
        self.follow = False

    def on_pane_picked(self, event: Pane.Picked) -> None:
        event.stop()
        self.move_to(event.y)
        self.action_open()


def _take_in(stream: HostStream, attempts: int, rows: Rows) -> bool:
    """Read what was printed since, and lay out rows for a while; return whether there may be more."""
    grew = stream.pull(attempts)
    return not rows.extend(SLICE) or grew
