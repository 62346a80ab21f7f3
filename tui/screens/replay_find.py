"""What a search through a whole run has found, as it is found; one place can be gone to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from gonogo.run.replay.search import Hit
from gonogo.text import clean_line

from ..grouped import found
from ..keys.dialog import FIND
from ..lines import Line, clip, fit, span, width
from ..widgets.pane import Pane
from .dialog import Dialog

Search = Callable[[Callable[[], bool]], Iterator[Hit | None]]
"""Yields what it finds, until what it is given says that it is to stop."""
MOST = 1_000
"""Places listed: more are no answer to a question."""


NAMED = 24
"""Cells of a host's name at most."""


class FoundPane(Pane):
    """One place a line."""

    moves_cursor = True

    def __init__(self, wanted: str, clock: Callable[[int], str]) -> None:
        super().__init__(id="found")
        self.hits: list[Hit] = []
        self._wanted, self._clock = wanted, clock
        self._named = 0
        """Cells of the hosts' names."""

    def fill(self, hits: list[Hit]) -> None:
        """Show what was found so far."""
        self.hits = hits
        self._named = min(max((width([span(hit.host)]) for hit in hits), default=0), NAMED)
        self.show(len(hits))

    def line(self, y: int) -> Line:
        hit = self.hits[y]
        lead = f"{self._clock(hit.at)}  {fit(hit.host, self._named)}  "
        return ((lead, "dim"), *found(clip(hit.text, self.cells - width([(lead, "")])), self._wanted, ""))


class Find(Dialog[tuple[list[Hit], int] | None]):
    """Returns all places and the chosen one's number, or None when the viewer backs out."""

    BINDINGS: ClassVar[list[BindingType]] = [*FIND]

    def __init__(self, wanted: str, search: Search, clock: Callable[[int], str]) -> None:
        """`clock` returns the time of day of a moment of the run."""
        super().__init__()
        self._wanted, self._search_for, self._clock = wanted, search, clock
        self._stop = threading.Event()
        self.done = False
        """All of the run was looked through, or as much as can be listed."""

    def compose(self) -> ComposeResult:
        yield FoundPane(self._wanted, self._clock)

    def on_mount(self) -> None:
        self._title()
        self.run_worker(self._search(), exit_on_error=False)

    def on_unmount(self) -> None:
        self._stop.set()

    async def _search(self) -> None:
        pane = self.query_one(FoundPane)
        coming: list[Hit] = []
        task = asyncio.create_task(asyncio.to_thread(self._look, coming))
        while not self.done:
            self.done = bool((await asyncio.wait({task}, timeout=0.1))[0])
            pane.fill(coming[:MOST])
            self._title()

    def _look(self, coming: list[Hit]) -> None:
        try:
            for hit in self._search_for(self._stop.is_set):
                if hit is not None:
                    coming.append(hit)
                if len(coming) >= MOST:
                    return
        except OSError:
            return  # the files are away: what was found is there

    def _title(self) -> None:
        pane = self.query_one(FoundPane)
        number = f"{len(pane.hits):,}"
        if len(pane.hits) >= MOST:
            state = f"the first {number} of them; a longer word finds fewer"
        else:
            state = f"{number} found" if self.done else f"{number} found so far, searching"
        keys = f"{self.label('find.choose')} goes there · {self.label('find.back')} backs out"
        pane.head((clean_line(self._wanted), "title"), (f"  {state} · {keys}", "dim"))

    def action_choose(self) -> None:
        pane = self.query_one(FoundPane)
        if pane.hits:
            self.dismiss((pane.hits, pane.cursor))

    def on_pane_picked(self, event: Pane.Picked) -> None:
        event.stop()
        event.pane.move_to(event.y)
        self.action_choose()

    def action_back(self) -> None:
        self.dismiss(None)
