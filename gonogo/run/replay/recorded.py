"""A link over a recorded run: the fold at any place of its trail, played on or gone to.

It reads and does nothing else: no answer, no act, no note. A run that is still written is followed by
looking at its files.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from bisect import bisect_left, bisect_right
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from gonogo.errors import RunError

from ..link import Lend
from ..state import Answer, RunState
from .index import Book, Index
from .marks import Mark, Sort
from .place import Place

SPEEDS = (1, 2, 5, 10, 30, 100, 300, 1000)
SECOND = 1_000_000_000
IDLE = 2.0
"""Seconds before the screen in which nothing happens that are waited for; longer ones are skipped."""
TOLD = 2.5
"""Seconds before the screen for which a skip is told."""
LEAD = 0.3
"""Seconds before the next record at which a skip ends."""
BUSY = 0.03
"""Seconds that one tick of a fast play may fold records."""


class Recorded:
    """Implements `Link` and what shells need, to refuse them. `start` it in a loop, or `read` without one."""

    def __init__(self, run: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._run, self._clock = run, clock
        book = Book(run)
        self.index = Index(book)
        self._place = Place(book, self.index)
        self._time = 0
        self.playing = False
        self.speed = 1
        self.follow = False
        """Go along with what is written."""
        self._skip = (0, 0.0)
        """Nanoseconds that a play left out last, and until when on the clock that is told."""
        self.ended = ""
        self.lend: Lend | None = None
        self._changed = asyncio.Event()
        self._thread: threading.Thread | None = None
        self.index.read(most=1)
        self._progressed()

    # what a link is

    @property
    def state(self) -> RunState:
        """The fold of the records up to where the replay stands."""
        return self._place.state

    @property
    def directory(self) -> Path:
        """The run directory."""
        return self._run

    @property
    def driving(self) -> bool:
        """Nobody drives what is past."""
        return False

    def now(self) -> int:
        """Return where the replay stands: nanoseconds since the run began."""
        return self._time

    async def changes(self) -> AsyncIterator[None]:
        """Yield when the replay went on, or more of the trail was read; stop when it is closed."""
        while not self.ended:
            await self._changed.wait()
            self._changed.clear()
            yield

    async def answer(
        self,
        gate: int,
        answer: Answer,
        *,
        reason: str = "",
        typed: str = "",
        hosts: Sequence[str] | None = None,
    ) -> None:
        """Refuse: it was answered."""
        _refuse()

    async def act(self, name: str, **fields: Any) -> None:
        """Refuse."""
        _refuse()

    async def note(self, text: str, *, tag: str = "", link: str = "") -> None:
        """Refuse."""
        _refuse()

    async def cancel(self, hosts: Sequence[str] = ()) -> None:
        """Refuse."""
        _refuse()

    async def shell(self, host: str, *, reason: str = "") -> tuple[str, ...]:
        """Refuse."""
        _refuse()

    async def shell_ended(self, host: str, code: int) -> None:
        """Refuse."""
        _refuse()

    async def close(self) -> None:
        """Stop reading."""
        self.index.stop()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
        self.ended = "closed"
        self._changed.set()

    # reading

    def start(self) -> None:
        """Read the trail in the background, and go on as it grows."""
        loop = asyncio.get_running_loop()

        def told() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is gone: nobody looks any more
                loop.call_soon_threadsafe(self._progressed)

        self._thread = threading.Thread(target=self.index.watch, args=(told,), daemon=True)
        self._thread.start()

    def read(self) -> None:
        """Read what is in the trail now, and stand at the first record."""
        self.index.read()
        self._progressed()

    def _progressed(self) -> None:
        if self.position == 0 and self.index.count:
            self.seek(1)
        # Standing at an end that moves on while a long trail is read costs more than the reading.
        if self.follow and self.index.whole and not self.playing:
            self._go(self.index.count)
        self._changed.set()

    # where it stands

    @property
    def position(self) -> int:
        """How many records are folded in."""
        return self.state.count

    @property
    def count(self) -> int:
        """How many records are known so far."""
        return self.index.count

    @property
    def end(self) -> int:
        """The time of the last record known so far."""
        return self.index.at

    @property
    def read_so_far(self) -> float:
        """How much of the trail was read: 1.0 is all."""
        return 1.0 if self.index.whole else min(self.index.reading.offset / max(self.index.size, 1), 0.99)

    @property
    def skipped(self) -> int:
        """Nanoseconds that the play left out just now, as nothing happened in them; else 0."""
        taken, until = self._skip
        return taken if self._clock() < until else 0

    def wall(self, at: int | None = None) -> datetime:
        """Return the wall clock at a time of the run, in the zone of the one who looks."""
        record = self._place.record or {"t": "1970-01-01T00:00:00.000000Z", "m": 0}
        at = self._time if at is None else at
        then = datetime.fromisoformat(record["t"]).timestamp() + (at - record["m"]) / SECOND
        return datetime.fromtimestamp(min(max(then, 0), 1e11)).astimezone()

    def fill(self, turn: int) -> None:
        """Have a turn's hosts hold what they printed, which is not kept for those that nobody looks at."""
        self._place.fill(turn)

    # going there

    def seek(self, number: int) -> None:
        """Stand after so many records: at most the nearest checkpoint's stride of them is folded."""
        self.follow = False
        self._go(number)

    def _go(self, number: int) -> None:
        self._place.go(max(min(number, self.index.count), min(1, self.index.count)))
        self._stand()

    def seek_time(self, at: int) -> None:
        """Stand where the run was at a time: nanoseconds since it began."""
        self.follow = False
        at = max(0, min(at, self.index.at))
        point = self.index.before(at, lambda point: point.at)
        self._place.go_until(point, lambda record: bool(record["m"] > at))
        self._stand()
        self._time = max(at, self._time)

    def seek_wall(self, then: datetime) -> None:
        """Stand where the run was when the clocks showed this."""
        self.follow = False
        text = then.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        point = self.index.before(text, lambda point: point.time)
        self._place.go_until(point, lambda record: bool(record["t"] > text))
        self._stand()

    def _stand(self) -> None:
        self._time = self.state.now
        self._skip = (0, 0.0)
        self._changed.set()

    def seek_end(self) -> None:
        """Stand at the end of all that is known, and go along with what comes to be known."""
        self.playing, self.follow = False, True
        self._go(self.index.count)

    def step(self, by: int) -> None:
        """Go so many records on, or back."""
        self.playing = False
        self.seek(self.position + by)

    def mark(self, by: int, *sorts: Sort) -> Mark | None:
        """Return the next mark of these sorts (`by` 1), or the one before (-1); no sort named: of any."""
        found = self.index.marks.found
        place = bisect_right(found, self.position, key=lambda mark: mark.land)
        if by < 0:
            place = bisect_left(found, self.position, key=lambda mark: mark.land) - 1
        while 0 <= place < len(found):
            if not sorts or found[place].sort in sorts:
                return found[place]
            place += by
        return None

    def here(self) -> list[Mark]:
        """Return the marks of the very record at which the replay stands."""
        found = self.index.marks.found
        place = bisect_left(found, self.position, key=lambda mark: mark.land)
        behind = bisect_right(found, self.position, key=lambda mark: mark.land)
        return found[place:behind]

    def jump(self, by: int, *sorts: Sort) -> Mark | None:
        """Go to the next mark of these sorts, or the one before; return it, or None when there is none."""
        mark = self.mark(by, *sorts)
        if mark is not None:
            self.playing = False
            self.seek(mark.land)
        return mark

    def reached(self, step: int) -> Mark | None:
        """Return the mark of where a step was reached first, if it was."""
        turns = self.index.plan.turns
        steps = (mark for mark in self.index.marks.found if mark.sort is Sort.STEP)
        return next((mark for mark in steps if turns[mark.turn].step == step), None)

    def seek_step(self, step: int) -> bool:
        """Go to where a step was reached first; return whether it was."""
        mark = self.reached(step)
        if mark is not None:
            self.seek(mark.land)
        return mark is not None

    # playing

    def play(self, on: bool) -> None:
        """Play, or pause."""
        self.playing, self.follow = on and self.position < self.index.count, False
        self._skip = (0, 0.0)
        self._changed.set()

    def faster(self, by: int) -> None:
        """Take the next speed of `SPEEDS`, or the one before."""
        place = SPEEDS.index(self.speed) + by
        self.speed = SPEEDS[max(0, min(place, len(SPEEDS) - 1))]
        self._changed.set()

    def advance(self, seconds: float) -> None:
        """Go on by so many seconds of the one who looks, times the speed; what is idle is skipped."""
        target, until = self._time + int(seconds * SECOND) * self.speed, self._clock() + BUSY
        while (record := self._place.peek()) is not None and record["m"] <= target:
            self._place.take()
            if self._clock() > until:
                target = self.state.now
                break
        if record is None:
            self._time = self.state.now
            self.playing = self.playing and not self.index.whole
        elif record["m"] - target > IDLE * SECOND * self.speed:
            self._time = record["m"] - int(LEAD * SECOND) * self.speed
            self._skip = (self._time - target, self._clock() + TOLD)
        else:
            self._time = target
        self._changed.set()


def _refuse() -> NoReturn:
    raise RunError(
        "This is a replay: the run is as it is written.", "`gonogo attach` goes to a run that is open."
    )
