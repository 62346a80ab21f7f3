"""From a run's records to its summary, through the one fold."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from gonogo.errors import TrailError
from gonogo.hosts.here import LOCALHOST
from gonogo.provenance import lines as provenance_lines
from gonogo.run.replay.index import Book
from gonogo.run.state import Record, RunState, TurnState
from gonogo.run.words import WHOLE
from gonogo.text import clean, clean_line
from gonogo.trail.reader import Reading, Verdict

from .attempts import attempt_of, with_ends
from .events import EVENTS, event_text
from .gates import evidence_lines
from .steps import steps_of
from .summary import Attempt, Decided, Deviation, Event, Note, Outage, Summary, When
from .watched import rounds_of, watched_of

KEPT = 20_000
"""Decisions, notes, deviations and events of each kind that a summary holds; a longer run is cut there."""


def read_summary(run: Path, *, ends: bool = True) -> Summary:
    """Read a run directory; raise RunError or TrailError when it holds no run that can be read.

    A damaged trail is read as far as it can be trusted, and `Summary.damage` says where that ends. `ends`:
    what failed hosts printed last is looked up in the run's output.
    """
    book = Book(run)
    state = book.fresh()
    collector = Collector(state)
    reading = Reading(run / "audit.jsonl")
    damage = ""
    try:
        for record in reading.records():
            state.apply(record)
            collector.feed(record)
            if record["k"] == "round.end":
                _pack(book, state.turns[record["turn"]])
    except TrailError as error:
        if not reading.count:
            raise
        damage = error.what
    if not reading.count:
        raise nothing(run, reading)
    if reading.verdict not in (Verdict.COMPLETE, Verdict.OPEN, Verdict.EMPTY):
        damage = f"{reading.verdict}: {reading.why}"
    for turn in state.turns:
        _pack(book, turn)
    summary = collector.summary(damage=clean_line(damage))
    return with_ends(run, summary) if ends else summary


def _pack(book: Book, turn: TurnState) -> None:
    """Keep a turn's hosts in few bytes, without what they printed: an attempt that is over has told that."""
    hosts = book.hosts_of(turn)
    for host in hosts.looked_at():
        host.output = host.excerpt = ""
    hosts.pack()


def nothing(run: Path, reading: Reading) -> TrailError:
    """Return the error for a trail of which no record can be read."""
    why = f": {reading.why}" if reading.why else ""
    return TrailError(f"{run.name}: the trail is {reading.verdict}{why}", "`gonogo verify` tells more.")


class Collector:
    """Feed it every record right after it was folded into the state."""

    def __init__(self, state: RunState) -> None:
        self._state = state
        self._start: Record = {}
        self._last = When(0, "")
        self._operators: dict[str, None] = {}
        self._attempts: dict[int, list[Attempt]] = {}
        self._began: dict[int, When] = {}
        self._ended: dict[int, When] = {}
        self._decisions: list[Decided] = []
        self._open: int | None = None
        self._outages: list[Outage] = []
        self._deviations: list[Deviation] = []
        self._notes: list[Note] = []
        self._events: list[Event] = []
        self._rounds: dict[int, When] = {}
        self._takers: dict[str, Callable[[Record, When], None]] = {
            "run.start": self._run_start,
            "run.resume": self._operator,
            "operator": self._operator,
            "step.plan": self._step_plan,
            "round.end": self._round_end,
            "host.unknown": self._host_unknown,
            "step.end": self._step_end,
            "gate.ask": self._gate_ask,
            "gate.answer": self._gate_answer,
            "gate.approve": self._gate_approve,
            "outage.begin": self._outage_begin,
            "outage.end": self._outage_end,
            "deviation": self._deviation,
            "note": self._note,
            "test.begin": self._test_begin,
        }

    def feed(self, record: Record) -> None:
        """Take a record in; raise TrailError for one that cannot be of this run."""
        kind = record["k"]
        self._last = When(max(record["m"], self._last.ns), record["t"])
        if kind == "host.exit":
            return  # nearly all of the records of a wide run; the fold holds what they say
        try:
            if take := self._takers.get(kind):
                take(record, self._last)
            if kind in EVENTS and len(self._events) < KEPT:
                self._events.append(event_text(self._state, record, self._last))
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise TrailError(
                clean_line(f"record {record.get('n')} ({kind}) cannot be told: {error!r}")
            ) from None

    def summary(self, *, damage: str = "") -> Summary:
        """Return what was collected; raise TrailError when records held what no run writes."""
        try:
            return self._summary(damage)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise TrailError(
                clean_line(f"{self._state.run!r} holds records that no run writes: {error!r}")
            ) from None

    def _summary(self, damage: str) -> Summary:
        state, start = self._state, self._start
        git = start.get("git")
        git = git if isinstance(git, dict) else {}
        steps = steps_of(state, self._attempts, self._began, self._ended)
        return Summary(
            run=clean_line(state.run),
            title=clean_line(state.plan.title),
            runbook=clean_line(str(start.get("runbook", state.plan.path))),
            result=clean_line(state.result or "open"),
            tool=clean_line(str(start.get("tool", ""))),
            operators=tuple(self._operators),
            began=When(0, state.started_at),
            ended=self._last,
            origin=tuple(provenance_lines(git)),
            commit=clean_line(str(git.get("commit") or "")),
            inputs=_inputs(state),
            hosts=tuple(clean_line(host) for host in state.plan.hosts if host != LOCALHOST),
            left_out={clean_line(host): clean_line(why) for host, why in state.left_out.items()},
            steps=steps,
            decisions=tuple(self._decisions),
            outages=tuple(self._outages),
            deviations=tuple(self._deviations),
            notes=tuple(self._notes),
            events=tuple(self._events),
            sources=_sources(start),
            damage=damage,
            watched=watched_of(state),
            rounds=rounds_of(state, self._rounds),
        )

    def _run_start(self, record: Record, _: When) -> None:
        self._start = record
        self._operators[clean_line(record["by"])] = None

    def _operator(self, record: Record, _: When) -> None:
        self._operators[clean_line(record["by"])] = None

    def _step_plan(self, record: Record, when: When) -> None:
        turn = record["turn"]
        self._began.setdefault(turn, when)
        self._ended.pop(turn, None)
        attempt = Attempt(operator.index(record["attempt"]), clean_line(record["phase"]), when, None)
        self._attempts.setdefault(turn, []).append(attempt)

    def _round_end(self, record: Record, when: When) -> None:
        attempts = self._attempts[record["turn"]]
        attempts[-1] = attempt_of(attempts[-1], self._state.turns[record["turn"]], when)

    def _host_unknown(self, record: Record, _: When) -> None:
        """The process died with this attempt out: when it ended is not known, what hosts came to is."""
        attempts = self._attempts.get(record["turn"], [])
        if attempts and attempts[-1].ended is None:
            attempts[-1] = attempt_of(attempts[-1], self._state.turns[record["turn"]], None)

    def _step_end(self, record: Record, when: When) -> None:
        self._began.setdefault(record["turn"], when)
        self._ended[record["turn"]] = when

    def _gate_ask(self, record: Record, when: When) -> None:
        if len(self._decisions) >= KEPT:
            self._open = None
            return
        planned = self._state.plan.step_of(self._state.plan.turns[record["turn"]])
        whole = record["at"] in WHOLE
        self._open = len(self._decisions)
        self._decisions.append(
            Decided(
                asked=when,
                answered=None,
                at=clean_line(record["at"]),
                step="" if whole else clean_line(planned.step.id),
                title="" if whole else clean_line(planned.step.title),
                question=clean_line(record["question"]),
                evidence=tuple(evidence_lines(record)),
            )
        )

    def _gate_answer(self, record: Record, when: When) -> None:
        if self._open is None:
            return
        value = record.get("value", "")
        self._decisions[self._open] = replace(
            self._decisions[self._open],
            answered=when,
            answer=clean_line(record["answer"]),
            by=clean_line(record["by"]),
            reason=clean(record.get("reason", "")),
            value="(a secret)" if value is None else clean_line(value),
            hosts=_names(record.get("hosts") or ()),
        )
        self._open = None

    def _gate_approve(self, record: Record, _: When) -> None:
        if self._open is not None:
            asked = self._decisions[self._open]
            self._decisions[self._open] = replace(asked, approved=(*asked.approved, clean_line(record["by"])))

    def _outage_begin(self, record: Record, when: When) -> None:
        if len(self._outages) < KEPT:
            self._outages.append(Outage(clean_line(record["service"]), when, None))

    def _outage_end(self, record: Record, when: When) -> None:
        service = clean_line(record["service"])
        for at in range(len(self._outages) - 1, -1, -1):
            if self._outages[at].service == service and self._outages[at].ended is None:
                self._outages[at] = replace(self._outages[at], ended=when)
                return

    def _deviation(self, record: Record, when: When) -> None:
        if len(self._deviations) < KEPT:
            what, step, by = (clean_line(record[key]) for key in ("what", "step", "by"))
            said = clean(record.get("reason", ""))
            self._deviations.append(Deviation(when, what, step, by, said, _names(record["hosts"])))

    def _test_begin(self, record: Record, when: When) -> None:
        if len(self._rounds) < KEPT:
            self._rounds[record["round"]] = when

    def _note(self, record: Record, when: When) -> None:
        if len(self._notes) < KEPT:
            step, tag, link = (clean_line(record.get(key, "")) for key in ("step", "tag", "link"))
            text = clean(record["text"])
            self._notes.append(Note(when, clean_line(record["by"]), text, step, tag, link))


def _names(hosts: Sequence[str]) -> tuple[str, ...]:
    return tuple(clean_line(host) for host in hosts)


def _inputs(state: RunState) -> dict[str, str]:
    """Return the inputs that are no secret, those given at a gate included."""
    found = {one.name: one.value for one in state.plan.inputs if not one.secret} | {
        name: value for name, value in state.inputs.items() if value is not None
    }
    return {clean_line(name): clean(value or "") for name, value in found.items()}


def _sources(start: Record) -> dict[str, str]:
    sources = start.get("sources")
    return {
        clean_line(one[0]): clean_line(one[1])
        for one in (sources if isinstance(sources, list) else [])
        if isinstance(one, list) and len(one) == 2 and all(isinstance(word, str) for word in one)
    }
