"""A trail read through once in the background: what stands out in it, and states to go on from.

A checkpoint holds the fold at some record, host tables packed and shared between checkpoints that did not
change them, so that going anywhere folds few records and 1 GB of trail needs some tens of MB.
"""

from __future__ import annotations

import contextlib
import copy
import threading
from bisect import bisect_right
from collections.abc import Callable
from operator import attrgetter
from pathlib import Path
from typing import Any

from msgspec import Struct

from gonogo.errors import GonogoError
from gonogo.trail.reader import Reading, Verdict

from ..client import load_plan
from ..plan import Plan
from ..state import Record, RunState, TurnState
from .hosts import Hosts, Roster, lighten
from .marks import Marks
from .plan import lean_plan

STRIDE = 2_000
"""Records between two checkpoints; more where turns are wide, as a packed turn costs by its hosts."""
POLL = 0.25
"""Seconds between two looks at a trail that grows."""

_TURN = tuple(name for name in TurnState.__struct_fields__ if name != "hosts")
_TURN_VALUES = attrgetter(*_TURN)
_WHOLE = tuple(name for name in RunState.__struct_fields__ if name not in ("plan", "turns", "load"))
_SPREADING = frozenset({"plan.change", "pick-up", "jump"})
"""Kinds that look at the hosts of many turns."""


class Parked(Struct, frozen=True):
    """A turn as a checkpoint holds it."""

    values: tuple[Any, ...]
    roster: Roster
    packed: bytes


class Checkpoint(Struct, frozen=True):
    """The fold after so many records, and where in the file it goes on."""

    number: int
    offset: int
    head: bytes
    at: int
    """The latest time of any record so far: nanoseconds since the run began."""
    time: str
    """The last record's wall clock, RFC 3339 UTC."""
    last: Record
    plan: Plan
    values: dict[str, Any]
    turns: tuple[Parked, ...]


class Book:
    """A run's plans and rosters, each read and made once."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self._plans: dict[str, Plan] = {}
        self._rosters: dict[tuple[str, ...], Roster] = {}

    def plan(self, name: str = "plan.json") -> Plan:
        """Return the run's first plan, or a later one by its name; raise RunError when it can't be read."""
        if name not in self._plans:
            self._plans[name] = load_plan(self.run, name, lean_plan)
        return self._plans[name]

    def hosts(self, names: tuple[str, ...], packed: bytes = b"") -> Hosts:
        """Return a turn's hosts."""
        if names not in self._rosters:
            self._rosters[names] = Roster(names)
        return Hosts(self._rosters[names], packed)

    def fresh(self) -> RunState:
        """Return the state before the first record."""
        plan = self.plan()
        turns = [TurnState(self.hosts(turn.hosts)) for turn in plan.turns]
        return RunState(plan, turns, load=self.plan)

    def restore(self, point: Checkpoint) -> RunState:
        """Return the state at a checkpoint."""
        state = RunState(point.plan, [], load=self.plan)
        for name, value in point.values.items():
            setattr(state, name, copy.copy(value))
        for one in point.turns:
            turn = TurnState(Hosts(one.roster, one.packed))
            for name, value in zip(_TURN, one.values, strict=True):
                setattr(turn, name, value)
            state.turns.append(turn)
        return state

    def hosts_of(self, turn: TurnState) -> Hosts:
        """Return a turn's hosts as those that can be packed."""
        if not isinstance(turn.hosts, Hosts):  # a turn of the edited runbook
            hosts = self.hosts(tuple(turn.hosts))
            hosts.take(turn.hosts)
            turn.hosts = hosts
        return turn.hosts


class Index:
    """What is known of a trail so far. One thread reads; others look at what it has found."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self.path = book.run / "audit.jsonl"
        self.marks = Marks()
        self.points: list[Checkpoint] = []
        self.reading = Reading(self.path)
        self.trouble = ""
        """Why the records from here on do not fit the run."""
        self.count = 0
        """Records read so far, all of which fit the run."""
        self.at = 0
        """The latest time in them."""
        self.size = 0
        """The file's bytes, when it was looked at last."""
        self.whole = False
        """All that was in the file has been read."""
        self._state = book.fresh()
        self._stride = max(STRIDE, len(self._state.turns), *(len(one.hosts) for one in book.plan().turns))
        self._since = 0
        self._stop = threading.Event()

    @property
    def plan(self) -> Plan:
        """The run's latest plan so far; it begins with the turns of those before it."""
        return self._state.plan

    @property
    def bad(self) -> bool:
        """Whether nothing behind the last record can be trusted any more."""
        return bool(self.trouble) or self.reading.verdict in (Verdict.CORRUPT, Verdict.UNSUPPORTED)

    @property
    def trust(self) -> str:
        """Where the trust ends and why, or empty while all that was read is good."""
        if self.trouble:
            return self.trouble
        verdict = self.reading.verdict
        good = self.whole and verdict in (Verdict.COMPLETE, Verdict.OPEN)
        return "" if good or not self.whole else f"{verdict}: {self.reading.why}"

    def read(self, told: Callable[[], None] = lambda: None, most: int | None = None) -> None:
        """Read what is there now, or up to `most` records; `told` is called now and then, and at the end."""
        try:
            self.size = self.path.stat().st_size
            self._read(told, most)
        except GonogoError as error:
            self.trouble = error.what
        except OSError as error:
            self.trouble = f"{self.path}: {error.strerror}"
        self.whole = self.whole or (most is None and not self._stop.is_set())
        told()

    def _read(self, told: Callable[[], None], most: int | None) -> None:
        reading, state = self.reading, self._state
        begin = reading.offset
        for record in reading.records():
            lighten(record, begin)
            begin = reading.offset
            state.apply(record)
            self.marks.see(state, record)
            self.at, self.count = state.now, state.count
            self._since += 1
            if self._since >= self._stride or record["k"] in _SPREADING or self.count == 1:
                self._keep(record)
                told()
            if self._stop.is_set() or self.count == most:
                return

    def _keep(self, record: Record) -> None:
        """Make a checkpoint."""
        self._since = 0
        state, before = self._state, self.points[-1].turns if self.points else ()
        turns = []
        for number, turn in enumerate(state.turns):
            hosts = self._book.hosts_of(turn)
            old = before[number] if number < len(before) else None
            one = Parked(_TURN_VALUES(turn), hosts.roster, hosts.pack(keep=turn.running))
            same = old is not None and old.packed is one.packed and old.values == one.values
            turns.append(old if old is not None and same else one)
        values = {name: copy.copy(getattr(state, name)) for name in _WHOLE}
        reading = self.reading
        self.points.append(
            Checkpoint(
                self.count,
                reading.offset,
                reading.head,
                state.now,
                str(record["t"]),
                record,
                state.plan,
                values,
                tuple(turns),
            )
        )

    def before(self, wanted: Any, key: Callable[[Checkpoint], Any]) -> Checkpoint | None:
        """Return the last checkpoint whose key is not past `wanted`; None: begin at the beginning."""
        place = bisect_right(self.points, wanted, key=key)
        return self.points[place - 1] if place else None

    def watch(self, told: Callable[[], None]) -> None:
        """Read, and go on reading as the trail grows, until `stop`. For a thread of its own."""
        self.read(told)
        while not self._stop.wait(POLL) and not self.bad:
            with contextlib.suppress(
                OSError
            ):  # another looks at a folder that is moved, or a disk that is away
                if self.path.stat().st_size != self.size:
                    self.read(told)

    def stop(self) -> None:
        """Have `read` and `watch` come back soon."""
        self._stop.set()
