"""Home: what waits for somebody, runbooks found here, past runs; type to find, enter to go on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Input, Static

from gonogo.text import clean_line

from ..bar import Key, rows
from ..keys.dialog import FIELD
from ..keys.home import APP, BINDINGS, HELP
from ..keys.names import key_of
from ..lines import Line, clip, width
from ..mistakes import counted
from ..shelf import Book, Entry, Ran, Shelf, detail, entries, line, today
from ..theme import content
from ..themed import LEAST, ThemedApp
from ..widgets.keybar import KeyBar
from ..widgets.pane import Pane
from ..widgets.small import Small
from .ask import CleanInput

AGAIN = 3.0
"""Seconds between two looks at the runs."""


class Entries(Pane, can_focus=False):
    """Every line of Home; the cursor passes over headings."""

    moves_cursor = True

    def __init__(self) -> None:
        super().__init__(id="entries")
        self.entries: list[Entry] = []
        self._longest = 0
        """Cells of the longest title so far: columns do not move while somebody types."""

    def line(self, y: int) -> Line:
        lead = ("❯ " if y == self.cursor else "  ", "ask") if self.entries[y].ways else ("", "")
        return (lead, *line(self.entries[y], self.cells - 2, self._longest, today()))

    def tint(self, y: int) -> str | None:
        return "pane--cursor" if y == self.cursor and self.entries[y].ways else None

    @property
    def chosen(self) -> Entry | None:
        """The entry under the cursor."""
        found = self.entries[self.cursor] if self.cursor < len(self.entries) else None
        return found if found is not None and found.ways else None

    def fill(self, found: list[Entry], *, first: bool) -> None:
        """Show entries; the cursor stays on its own, or goes to the first."""
        before = None if first else self.chosen
        self.entries = found
        self._longest = max([self._longest, *(width([(one.title, "")]) for one in found)])
        self.show(len(found))
        keep = [y for y, one in enumerate(found) if before is not None and _same(one, before)]
        self.move_to(keep[0] if keep else next((y for y, one in enumerate(found) if one.ways), 0))

    def step(self, by: int) -> None:
        """Go on by so many entries."""
        places = [y for y, one in enumerate(self.entries) if one.ways]
        if places:
            at = min(range(len(places)), key=lambda n: abs(places[n] - self.cursor))
            at = max(0, min(at + by, len(places) - 1))
            self.move_to(places[at])

    def move_to(self, y: int) -> None:
        if not any(one.ways for one in self.entries[:y]):
            self.keep_in_sight(0)  # the headings above the first, where there is room for both
        super().move_to(y)


def _same(one: Entry, other: Entry) -> bool:
    if one.run is not None and other.run is not None:
        return one.run.name == other.run.name
    if one.book is not None and other.book is not None:
        return one.book.path == other.book.path
    return bool(one.begin) and one.begin == other.begin


class Home(Screen[None], inherit_bindings=False):
    """Calls `done` with the arguments of what was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [*BINDINGS]

    def __init__(self, shelf: Shelf, done: Callable[[tuple[str, ...]], None]) -> None:
        super().__init__()
        self._shelf, self._done = shelf, done
        self._runs: list[Ran] = []
        self._books: list[Book] = []
        self._unread = {"runs", "books"}
        """What has not been looked through yet."""

    def compose(self) -> ComposeResult:
        yield Static(id="home-head")
        yield CleanInput(placeholder="type to find", id="home-input", max_length=200)
        yield Entries()
        yield KeyBar(id="home-foot")
        yield Small()

    def on_mount(self) -> None:
        self.query_one(CleanInput).focus()
        self.call_after_refresh(self._look)

    def _look(self) -> None:
        """Look for runs and runbooks, now that there is something to see."""
        self.run_worker(self._look_at_runs(), exit_on_error=False)
        self.run_worker(self._look_at_books(), exit_on_error=False)

    async def _look_at_runs(self) -> None:
        while True:
            runs = await asyncio.to_thread(self._shelf.runs)
            if runs != self._runs or "runs" in self._unread:
                first, self._runs = not self._runs, runs
                self._unread -= {"runs"}
                self._fill(first=first)
            await asyncio.sleep(AGAIN)

    async def _look_at_books(self) -> None:
        looks = iter(self._shelf.books())
        while (books := await asyncio.to_thread(next, looks, None)) is not None:
            self._books = books
            self._fill(first=False)
        self._unread -= {"books"}
        self._fill(first=False)

    def on_resize(self) -> None:
        self._fill(first=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        self._fill(first=True)

    def _fill(self, *, first: bool) -> None:
        wanted = self.query_one(CleanInput).value
        found = self.query_one(Entries)
        nothing = self._unread and not self._runs and not self._books
        found.fill([] if nothing else entries(self._runs, self._books, wanted), first=first)
        self._tell()

    def _tell(self) -> None:
        cells = max(self.size.width - 2, LEAST[0])
        left = clip(f" {self._shelf.place}", cells - 24)
        clock = time.strftime("%H:%M")
        gap = max(cells - len(" gonogo ") - len(left) - len(clock), 1)
        head: Line = ((" gonogo ", "badge-run"), (left, "dim"), (" " * gap, ""), (clock, "title"))
        self.query_one("#home-head", Static).update(content(head))
        found = self.query_one(Entries).chosen
        lines = detail(found, cells) if found is not None else self._nothing()
        self.query_one(KeyBar).draw(lines, rows(self._keys(found), cells))

    def _keys(self, found: Entry | None) -> list[Key]:
        """Return the keys that do something now."""
        keys: list[Key] = []
        if found is not None:
            keys.append(Key(self._label("field.take"), found.ways[0][0], "screen.take", strong=True))
        if found is not None and len(found.ways) > 1:
            keys.append(Key(self._label("home.ways"), "more", "screen.ways"))
        if found is not None and found.book is not None and found.book.mistakes:
            words = counted(found.book.mistakes)
            keys.append(Key(self._label("home.mistakes"), words, "screen.mistakes"))
        back = "clear" if self.query_one(CleanInput).value else "leave"
        keys.append(Key(self._label("home.back"), back, "screen.back"))
        return [*keys, Key(self._label("home.help"), "help", "screen.help")]

    def _label(self, name: str) -> str:
        return key_of(name, (*BINDINGS, *FIELD), self._chosen_keys)

    @property
    def _chosen_keys(self) -> Mapping[str, str]:
        assert isinstance(self.app, ThemedApp)
        return self.app.settings.keys

    def _nothing(self) -> list[Line]:
        words = "Looking for runbooks…" if self._unread else "Nothing has all these words."
        return [((words, "dim"),), ()]

    def action_go(self, by: int) -> None:
        self.query_one(Entries).step(by)
        self._tell()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_take()

    def action_take(self) -> None:
        """Do the next thing with the chosen line."""
        chosen = self.query_one(Entries).chosen
        if chosen is not None:
            self._done(chosen.ways[0][2])

    def on_pane_picked(self, event: Pane.Picked) -> None:
        event.stop()
        found = self.query_one(Entries)
        if found.entries[event.y].ways:
            found.move_to(event.y)
            self._tell()
            self.action_ways()

    def action_ways(self) -> None:
        """Show everything that can be done with the chosen line."""
        chosen = self.query_one(Entries).chosen
        if chosen is None:
            return
        # Not needed for the first paint.
        from .choose import Choose, Way

        ways = [Way(f"way.{number}", *way[:2]) for number, way in enumerate(chosen.ways, 1)]

        def choose(way: str | None) -> None:
            if way is not None:
                self._done(chosen.ways[int(way.removeprefix("way.")) - 1][2])

        self.app.push_screen(Choose(chosen.title, ways), choose)

    def action_mistakes(self) -> None:
        """List what the check found in the chosen runbook."""
        chosen = self.query_one(Entries).chosen
        book = chosen.book if chosen is not None else None
        if book is not None and book.checked:
            from ..mistakes import page
            from .page import Page

            title = f"{clean_line(book.title)}: {counted(book.mistakes) or 'no mistake'}"
            self.app.push_screen(Page(title, lambda cells: page(book.mistakes, cells)))

    def action_help(self) -> None:
        from ..offers import page_lines
        from .help import Help

        self.app.push_screen(Help(page_lines(HELP, (*BINDINGS, *APP, *FIELD), self._chosen_keys)))

    def action_back(self) -> None:
        field = self.query_one(CleanInput)
        if field.value:
            field.value = ""
        else:
            self._done(())
