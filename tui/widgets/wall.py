"""The host wall: one cell a host, readable from two hosts to many thousands."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import BindingType
from textual.message import Message

from gonogo.run.state import BAD, HostState, TurnState
from gonogo.text import clean_line

from ..keys import run as keys
from ..lines import Line, fit, joined, span, width
from ..projection import outcome
from ..symbols import HOSTS
from ..words import counts
from .pane import Pane

LONGEST = 24
"""Cells of a name beside its symbol; longer names are cut here, and whole under the cursor."""


class Wall(Pane):
    """With names where they fit, else symbols alone."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.WALL]

    class Chosen(Message):
        """A host was chosen."""

        def __init__(self, host: str) -> None:
            super().__init__()
            self.host = host

    class Toggled(Message):
        """A host is to be taken into the next answer, or out of it."""

        def __init__(self, host: str) -> None:
            super().__init__()
            self.host = host

    def __init__(self) -> None:
        super().__init__(id="wall")
        self._turn = TurnState({})
        self._counts = self._turn.counts()
        self._names: list[str] = []
        self._clean: list[str] = []
        self.place = 0
        """The host under the cursor."""
        self.opened = False
        """Whether the host under the cursor has its output on the screen."""
        self.picked: frozenset[str] = frozenset()
        """The hosts that the next answer is about."""
        self.height = 0
        """Lines it takes, its heading included."""
        self.wanted = ""
        """Only hosts in this state, or called like this, are shown; all of them where it is empty."""
        self._hovered = -1
        """The host under the mouse; -1: it is not over one."""
        self._columns, self._cell, self._longest = 1, 1, 1

    def update_turn(self, turn: TurnState, room: int, *, counting: bool) -> None:
        """Show a turn's hosts in at most `room` lines, heading included; more scroll. `counting`: anew."""
        if counting or turn is not self._turn:
            self._counts = turn.counts()
        if turn is not self._turn:
            self._turn, self.place = turn, 0
            self._choose()
            self.scroll_to(y=0, animate=False, immediate=True)
        elif self.wanted:
            self._choose()
        self.display = len(turn.hosts) > 1
        if not self.display:
            return
        self._arrange(max(room - 1, 1))
        rows = -(-len(self._names) // self._columns)
        self.height = min(rows + 1, room)
        alone, height = self.has_class("-maximized"), self.styles.height
        if not alone and (height is None or height.value != self.height):
            self.styles.height = self.height
        self._tell()
        self.show(rows)

    def narrow(self, wanted: str) -> None:
        """Show only hosts in a state (`failed`), or whose names match; all of them for no text."""
        self.wanted, self.place = wanted, 0
        self._choose()
        self.refresh()

    def _choose(self) -> None:
        names = list(self._turn.hosts)
        if self.wanted:
            names = [name for name in names if _is(name, self._turn.hosts[name].state, self.wanted)]
        if names != self._names:
            self._names, self._hovered = names, -1
            self._clean = [clean_line(name) for name in names]
            self._longest = min(max((cell_len(name) for name in self._clean), default=1), LONGEST)
            self.place = max(0, min(self.place, len(names) - 1))

    def _head(self) -> None:
        only = (span(f"  only {self.wanted}: {len(self._names)}", "odd"),) if self.wanted else ()
        told = counts(self._counts)
        brief = width((*told, *only)) > self.cells - len("Hosts  ")
        self.head(("Hosts  ", "title"), *(counts(self._counts, brief=True) if brief else told), *only)

    def _arrange(self, room: int) -> None:
        for cell in (self._longest + 4, 2, 1):
            self._cell, self._columns = cell, max(self.cells // cell, 1)
            if len(self._names) <= self._columns * room:
                return

    def line(self, y: int) -> Line:
        spans: list[tuple[str, str]] = []
        marked = self.place if self.has_focus or self.opened else -1
        for place in range(y * self._columns, min((y + 1) * self._columns, len(self._names))):
            look = HOSTS[self._turn.hosts[self._names[place]].state]
            style = "picked" if self._names[place] in self.picked else look.style
            style = "found" if place == marked else style
            if self._cell > 2:
                spans += [
                    (f"{look.symbol} ", look.style),
                    (fit(self._clean[place], self._cell - 4), style),
                    ("  ", ""),
                ]
            else:
                spans += [(look.symbol, style), (" " * (self._cell - 1), "")]
        # Thousands of cells without names are mostly alike.
        return tuple(spans) if self._cell > 2 else joined(spans)

    def _tell(self) -> None:
        """Name the host under the mouse, else the one under the cursor, else count them all."""
        place = self._hovered if self._hovered >= 0 else self.place if self.has_focus else -1
        if not 0 <= place < len(self._names):
            self._head()
            return
        host = self._turn.hosts[self._names[place]]
        look, told = HOSTS[host.state], outcome(host)
        known = told == look.word or host.state is HostState.PENDING
        state = () if known else ((f"  {look.word}", look.style),)
        self.head(
            (f"{look.symbol} ", look.style),
            (self._clean[place], "title"),
            *state,
            (f"  {told}", "dim"),
            *((f"  {host.why}", "bad"),) * bool(host.why),
        )

    def _place_at(self, x: int, y: int) -> int:
        """Return the host at a cell and a line of all lines; -1 where there is none."""
        place = y * self._columns + x // self._cell
        return place if 0 <= x // self._cell < self._columns and place < len(self._names) else -1

    def on_mouse_move(self, event: events.MouseMove) -> None:
        offset = event.get_content_offset(self)
        self._hover(-1 if offset is None else self._place_at(offset.x, offset.y + self.scroll_offset.y))

    def on_leave(self) -> None:
        self._hover(-1)

    def _hover(self, place: int) -> None:
        if place != self._hovered:
            self._hovered = place
            self._tell()

    def action_step_cell(self, by: int) -> None:
        self.place = max(0, min(self.place + by, len(self._names) - 1))
        self.keep_in_sight(self.place // self._columns)
        self._tell()
        self.refresh()

    def action_move(self, by: int) -> None:
        if 0 <= self.place + by * self._columns < len(self._names):
            self.action_step_cell(by * self._columns)

    def action_move_to(self, y: int) -> None:
        self.action_step_cell(-len(self._names) if y == 0 else len(self._names))

    @property
    def names(self) -> tuple[str, ...]:
        """The hosts that are shown."""
        return tuple(self._names)

    @property
    def host(self) -> str:
        """The host under the cursor, or empty."""
        return self._names[self.place] if self._names else ""

    def action_open(self) -> None:
        if self._names:
            self.post_message(self.Chosen(self.host))

    def action_pick_host(self) -> None:
        if self._names:
            self.post_message(self.Toggled(self.host))

    def mark(self, host: str, picked: frozenset[str]) -> None:
        """Show whose output is on the screen, nobody's when `host` is empty, and the picked hosts."""
        if picked != self.picked:
            self.picked = picked
            self.refresh()
        if self.opened != bool(host) or (host and self.host != host):
            self.opened = bool(host)
            if host in self._names:
                self.place = self._names.index(host)
                self.keep_in_sight(self.place // self._columns)
            self.refresh()

    def next_bad(self, by: int, *, stay: bool) -> str | None:
        """Move to the next host (`by` 1) or the one before (-1) that is not ok; return its name.

        With `stay` the host under the cursor will do.
        """
        size = len(self._names)
        if not size:
            return None
        for far in range(0 if stay else 1, size + 1):
            place = (self.place + by * far) % size
            if self._turn.hosts[self._names[place]].state in BAD:
                self.action_step_cell(place - self.place)
                return self._names[place]
        return None

    def on_focus(self) -> None:
        self._tell()

    def on_pane_picked(self, event: Pane.Picked) -> None:
        event.stop()
        place = self._place_at(event.x, event.y)
        if place >= 0:
            self.action_step_cell(place - self.place)
            self.action_open()

    def on_blur(self) -> None:
        self._tell()


def _is(name: str, state: HostState, wanted: str) -> bool:
    """Tell whether a host is in a state, or called like a text or pattern; `bad`: it needs a decision."""
    if wanted == "bad":
        return state in BAD
    if wanted in (state.value, HOSTS[state].word):
        return True
    return fnmatchcase(name, wanted if any(sign in wanted for sign in "*?[") else f"*{wanted}*")
