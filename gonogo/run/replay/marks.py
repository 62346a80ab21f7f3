"""What stands out in a run: the places that a replay jumps to and its time line shows."""

from __future__ import annotations

import contextlib
from enum import StrEnum

from msgspec import Struct, field

from gonogo.text import clean_line

from ..monitors import Level
from ..rounds import Compared
from ..state import BAD, Answer, Record, RunState

MOST = 100_000
"""Marks kept: a hostile trail of notes alone must not fill the memory."""
WORDS = 300
"""Characters of a mark's text."""


class Sort(StrEnum):
    """What a mark is about."""

    STEP = "step"
    BATCH = "batch"
    DECISION = "decision"
    FAILURE = "failure"
    NOTE = "note"
    OUTAGE = "outage"
    END = "end"


class Mark(Struct, frozen=True):
    """One place in a run."""

    sort: Sort
    land: int
    """Records folded in when a replay stands there: a decision's is not yet, so that its question is open."""
    at: int
    """Nanoseconds since the run began."""
    turn: int
    """-1 where it belongs to none."""
    text: str
    """What happened, cleaned, in one line."""


class Outage(Struct):
    """A service that was away; `end` is None until it is back."""

    service: str
    begin: int
    end: int | None = None


class Marks(Struct):
    """Feed it every record right after it was folded in."""

    found: list[Mark] = field(default_factory=list)
    """In the order of the records; only ever added to."""
    outages: list[Outage] = field(default_factory=list)
    _failed: set[tuple[int, int]] = field(default_factory=set)
    """Turn and attempt whose first failure is marked."""
    _begun: set[int] = field(default_factory=set)
    """Steps that were reached."""

    @property
    def full(self) -> bool:
        """Whether more stands out than is marked."""
        return len(self.found) >= MOST

    def see(self, state: RunState, record: Record) -> None:
        """Mark what stands out of a record; one that lacks what its kind has is passed over."""
        if record["k"] == "host.exit" and record["state"] not in BAD:
            return  # nearly all of the records of a wide run
        with contextlib.suppress(KeyError, IndexError, TypeError, ValueError, AttributeError):
            self._see(state, record)

    def _see(self, state: RunState, record: Record) -> None:
        match record["k"]:
            case "host.exit":
                self._exit(state, record)
            case "host.unknown":
                names = ", ".join(str(one) for one in record["hosts"][:3])
                self._add(Sort.FAILURE, state, record, f"{names}: {record['why']}")
            case "gate.ask":
                self._reached(state, record, record["turn"])
            case "gate.answer":
                self._answer(state, record)
            case "step.plan":
                self._plan(state, record)
            case "monitor.change":
                self._monitor(state, record)
            case "test.result" if record["compared"] == Compared.NEWLY_FAILING:
                title = state.rounds[-1].results[-1].title
                self._add(Sort.FAILURE, state, record, f"test, newly failing: {title}")
            case "note":
                self._add(Sort.NOTE, state, record, f"{record['by']}: {record['text']}")
            case "outage.begin" | "outage.end":
                self._outage(state, record)
            case "run.end":
                self._add(Sort.END, state, record, f"the run ended: {record['result']}")

    def _add(
        self, sort: Sort, state: RunState, record: Record, text: str, turn: int = -1, *, before: bool = False
    ) -> None:
        if len(self.found) < MOST:
            turn = int(record.get("turn", turn))
            shown = clean_line(text[:WORDS])
            self.found.append(Mark(sort, state.count - before, int(record["m"]), turn, shown))

    def _exit(self, state: RunState, record: Record) -> None:
        key = (record["turn"], record["attempt"])
        if record["state"] in BAD and key not in self._failed:
            self._failed.add(key)
            self._add(
                Sort.FAILURE, state, record, f"{record['host']}: {record.get('why') or record['state']}"
            )

    def _monitor(self, state: RunState, record: Record) -> None:
        """Mark a monitor that comes to be in alarm, or gives no number any more."""
        if record["level"] in (Level.ALARM, Level.FAILING):
            said = f" at {record['value']}" if "value" in record else f": {record.get('why', '')}"
            self._add(Sort.FAILURE, state, record, f"monitor {record['monitor']}: {record['level']}{said}")

    def _answer(self, state: RunState, record: Record) -> None:
        decision = state.decisions[-1] if state.decisions else None
        if decision is None or decision.gate.number != record["gate"]:
            return
        said = f"{record['by']}: {Answer(record['answer'])}"
        reason = f" - {record['reason']}" if record.get("reason") else ""
        self._add(Sort.DECISION, state, record, said + reason, decision.gate.turn, before=True)

    def _reached(self, state: RunState, record: Record, turn: int) -> None:
        step = state.plan.turns[turn].step
        if step not in self._begun:
            self._begun.add(step)
            self._add(Sort.STEP, state, record, state.plan.steps[step].step.title)

    def _plan(self, state: RunState, record: Record) -> None:
        turn = state.plan.turns[record["turn"]]
        self._reached(state, record, turn.index)
        if turn.batches > 1 and record["attempt"] == 1:
            title = state.plan.steps[turn.step].step.title
            text = f"batch {turn.batch + 1} of {turn.batches}: {title}"
            self._add(Sort.BATCH, state, record, text)

    def _outage(self, state: RunState, record: Record) -> None:
        service = clean_line(str(record["service"]))[:WORDS]
        away = next((one for one in reversed(self.outages) if one.service == service), None)
        if record["k"] == "outage.begin":
            if len(self.outages) < MOST:
                self.outages.append(Outage(service, int(record["m"])))
            self._add(Sort.OUTAGE, state, record, f"{service} goes away")
        else:
            if away is not None:
                away.end = int(record["m"])
            self._add(Sort.OUTAGE, state, record, f"{service} is back")
