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
from gonogo.text import clean_line
from gonogo.trail.output import OutputReader

from .. import keys
from ..grouped import ONLY, Told, found, tell, why
from ..lines import Line, pieces, span
from ..projection import host_title
from ..streams import HostStream, Printed
from .pane import Pane

AT_ONCE = 200
"""Hosts whose output is grouped on the spot (some milliseconds)."""
REST = 0.8
"""Seconds between two groupings of a wide turn: 5,000 hosts take 50 ms to fold."""
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
        self._running = False
        self._wrapped: list[tuple[str, str]] = []
        """Stream and text of each drawn line that is complete."""
        self._loose: list[tuple[str, str]] = []
        """The same of lines whose end has not come yet."""
        self._taken = 0
        self._shape: tuple[int, str, bool] = (0, "", True)
        self._worker: Worker[None] | None = None

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
            self._why = why(host, self.cells)
            if unkept and host.ended is not None:
                self._why.append(((f"({unkept})", "dim"),))
            self._running = host.state is HostState.RUNNING
            self.head(("Output  ", "title"), *host_title(self.host, host), *self._flags())
            self._count()
            return
        key = (index, count, self.cells, self.wanted, self.only)
        if key != self._key and not self._telling:
            self._key = key
            if len(turn.hosts) > AT_ONCE:
                self._telling = True
                self.run_worker(self._tell_later(key, turn), exit_on_error=False)
            else:
                self._tell(tell(turn, self.cells, self.wanted, unkept, self.only))
        what = (self.only, "odd") if self.only else ("identical output together", "dim")
        self.head(("Output  ", "title"), what, *self._flags())

    def _tell(self, told: list[Told]) -> None:
        self._told = told or [Told(line) for line in self._nothing()]
        self.show(len(self._told))

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
        return [*flags, ("  following", "run")] if self.host and self.follow and self._running else flags

    def _nothing(self) -> list[Line]:
        if not self._turn.hosts:
            return [(("Nothing runs in this step.", "dim"),)]
        if self._turn.running:
            return [(("Running. Output stands here as hosts finish; choose one to watch it.", "dim"),)]
        if self.only:
            return [((f"Nothing here: {self.only} is shown.", "dim"),)]
        return [(("Nothing has run yet.", "dim"),)]

    def open(self, host: str) -> None:
        """Show one host's stream, or the groups again when `host` is empty."""
        if self._worker is not None:
            self._worker.cancel()
            self._worker = None
        self.host, self.follow = host, True
        self._key = (-1, -1, -1, "", "")
        self._stream = None
        self.cursor = 0
        self.scroll_to(y=0, animate=False)
        self.set_class(bool(host), "-host")
        self._wrapped, self._loose, self._why, self._taken = [], [], [], 0
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
            grew = await asyncio.to_thread(stream.pull, turn.attempt)
            if stream is self._stream:
                self._wrap(stream)
                if self._go and not grew:
                    self._arrive()
            await asyncio.sleep(0.01 if grew else POLL)

    def _wrap(self, stream: HostStream) -> None:
        shape = (self.cells, self.wanted, self.wraps)
        if shape != self._shape:
            self._shape, self._wrapped, self._taken = shape, [], 0
        fresh = stream.whole[self._taken :]
        self._taken += len(fresh)
        for printed in fresh:
            self._wrapped += self._rows(printed)
        self._loose = [row for printed in stream.tails for row in self._rows(printed)]
        if fresh or self._loose:
            self.refresh()
        self._count()

    def _count(self) -> None:
        """Show as many lines as there are now, the last of them when it is followed."""
        count = len(self._why) + len(self._wrapped) + len(self._loose)
        if count != self.count:
            self.show(count)
            if self.follow:
                self.cursor = max(count - 1, 0)
                self.scroll_to(y=count, animate=False)

    def _rows(self, printed: Printed) -> list[tuple[str, str]]:
        if self.wanted.lower() not in printed.text.lower() and printed.stream != "-":
            return []
        text = printed.text.expandtabs(8)
        if not self.wraps:
            return [(printed.stream, clean_line(text))]
        return [(printed.stream, piece) for piece in pieces(text, self.cells)]

    def line(self, y: int) -> Line:
        line = self._line(y)
        return tuple(one for text, style in line for one in found(text, self.sought, style)) or line

    def _line(self, y: int) -> Line:
        if self._stream is None:
            return self._told[y].line if y < len(self._told) else ()
        if y < len(self._why):
            return self._why[y]
        y, whole = y - len(self._why), len(self._wrapped)
        stream, text = self._wrapped[y] if y < whole else self._loose[y - whole]
        if stream == "-":
            return ((f"── {text} ", "dim"), ("─" * max(self.cells - len(text) - 4, 0), "dim"))
        return tuple(found(text, self.wanted, "err" if stream == "e" else ""))

    def search(self, wanted: str) -> None:
        """Show only lines that hold `wanted`; all of them when it is empty."""
        self.wanted = wanted
        self.follow = False
        self.scroll_to(y=0, animate=False)

    def seek(self, sought: str) -> bool:
        """Mark a word wherever it stands and go to the first place; return whether there is one."""
        self.sought = sought
        self.refresh()
        return not sought or self._go_to_found(self.cursor, 1)

    def go_to_place(self, place: int) -> None:
        """Go to the so-manyth place that was sought once the host's output is read; -1: to the last."""
        self.follow, self._go = False, place

    def _arrive(self) -> None:
        place, self._go = self._go, 0
        if place < 0:
            self._go_to_found(self.count - 1, -1)
        elif self._go_to_found(0, 1):
            for _ in range(place - 1):
                self._go_to_found(self.cursor + 1, 1)

    def action_next_found(self, by: int) -> None:
        before = self.cursor
        if not self._go_to_found(self.cursor + by, by):
            self.app.bell()
        elif self.host and (self.cursor - before) * by <= 0:
            self.post_message(self.Past(by))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Leave the keys that go on with a search alone while there is none: they answer."""
        return action != "next_found" or bool(self.sought)

    def _go_to_found(self, begin: int, by: int) -> bool:
        want = self.sought.lower()
        for far in range(self.count):
            y = (begin + by * far) % self.count
            if want in self.text(y).lower():
                self.move_to(y)
                return True
        return False

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
