"""A run in one tree of plain values: what every report draws from. Its strings are cleaned for showing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct, field

from gonogo.format.model import Limits
from gonogo.run.monitors import Series
from gonogo.run.words import Phase


class When(NamedTuple):
    """A moment of a run."""

    ns: int
    """Nanoseconds since the run began."""
    utc: str
    """The wall clock, RFC 3339 UTC."""


class Group(Struct, frozen=True):
    """Hosts of one attempt that came to the same."""

    state: str
    why: str
    hosts: tuple[str, ...]
    text: str
    """What they printed, or its beginning or end."""
    lines: int = 0
    """Lines of all that they printed, where `text` is its beginning; else 0."""


class Attempt(Struct, frozen=True):
    """One script out on hosts."""

    number: int
    phase: str
    """`run`, `check` or `rollback`."""
    began: When
    ended: When | None
    """None: the run's process died before its end, or it goes on."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """State -> hosts."""
    failed: tuple[Group, ...] = ()
    printed: tuple[Group, ...] = ()
    """Identical output once, the most common first."""
    more: int = 0
    """Groups beyond those kept, of both kinds."""

    @property
    def took(self) -> int:
        """Nanoseconds that it was out; 0 when its end is not known."""
        return self.ended.ns - self.began.ns if self.ended else 0


class HostEnd(Struct, frozen=True):
    """What one host came to in one step."""

    state: str
    attempt: int
    code: int | None
    began: int | None
    """Nanoseconds since the run began."""
    ended: int | None
    why: str
    out: int
    err: int
    """Bytes on each stream."""


class Batch(Struct, frozen=True):
    """One step on one batch of hosts."""

    number: int
    """From 1."""
    turn: int
    result: str
    """As `StepSummary.result`."""
    hosts: Mapping[str, HostEnd]
    attempts: tuple[Attempt, ...]
    waited: int = 0
    """Nanoseconds between attempts that the document asked for."""

    @property
    def took(self) -> int:
        """Nanoseconds that its scripts were out, and that it waited between them."""
        return sum(attempt.took for attempt in self.attempts) + self.waited

    @property
    def tries(self) -> int:
        """How often the step's own script went out."""
        return sum(attempt.phase == Phase.RUN for attempt in self.attempts)


class StepSummary(Struct, frozen=True):
    """One line of the checklist and what became of it."""

    number: int
    """From 1, in the order of the document; 0: of the runbook before it was edited."""
    id: str
    title: str
    sections: tuple[str, ...]
    kind: str
    result: str
    """`ok`, `warn`, `by-hand`, `skipped`, `left-out`, `not-needed`, `rolled-back`, `replaced` (by the edited
    runbook), `failed`, `unfinished` or `not-reached`."""
    script: str
    """As it ran: the operator's own where it was edited."""
    edited: bool
    batches: tuple[Batch, ...]
    began: When | None
    ended: When | None

    @property
    def took(self) -> int:
        """Nanoseconds that its scripts were out, and that it waited between them as the document says.

        Waiting for people is not in it.
        """
        return sum(batch.took for batch in self.batches)

    @property
    def tries(self) -> int:
        """How often its own script went out, in the batch in which it did most often."""
        return max((batch.tries for batch in self.batches), default=0)

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every attempt, batch by batch."""
        return tuple(attempt for batch in self.batches for attempt in batch.attempts)

    def counts(self) -> dict[str, int]:
        """Return how many hosts ended in each state."""
        found: dict[str, int] = {}
        for batch in self.batches:
            for end in batch.hosts.values():
                found[end.state] = found.get(end.state, 0) + 1
        return found

    def ends(self) -> dict[str, HostEnd]:
        """Return each host's end."""
        return {name: end for batch in self.batches for name, end in batch.hosts.items()}


class Decided(Struct, frozen=True):
    """A question and its answer."""

    asked: When
    answered: When | None
    """None: it stands open, or the order of steps was left before it was answered."""
    at: str
    """What the gate is about: `go`, `batch`, `failure`, ..."""
    step: str
    """The step's id; empty where it is about the whole run."""
    title: str
    question: str
    evidence: tuple[str, ...]
    answer: str = ""
    by: str = ""
    reason: str = ""
    value: str = ""
    hosts: tuple[str, ...] = ()
    """The hosts that the answer was narrowed to."""
    approved: tuple[str, ...] = ()
    """Who signed."""

    @property
    def waited(self) -> int:
        """Nanoseconds between question and answer."""
        return self.answered.ns - self.asked.ns if self.answered else 0


class Outage(Struct, frozen=True):
    """A service that was away."""

    service: str
    began: When
    ended: When | None


class Deviation(Struct, frozen=True):
    """Where the run departs from the document."""

    when: When
    what: str
    step: str
    by: str
    reason: str
    hosts: tuple[str, ...]


class Note(Struct, frozen=True):
    """What somebody wrote down."""

    when: When
    by: str
    text: str
    step: str
    tag: str
    link: str


class Event(Struct, frozen=True):
    """Anything else that happened to the run."""

    when: When
    kind: str
    """The record's kind."""
    text: str


class Watched(Struct, frozen=True):
    """A monitor and its course."""

    name: str
    where: str
    """The hosts that it looked at."""
    every: float
    """Seconds between two samples."""
    unit: str
    limits: Limits
    series: Series
    """Numbers alone are of use here: its strings are as they were recorded."""


class Tested(Struct, frozen=True):
    """One test in one round."""

    id: str
    title: str
    passed: bool | None
    """None: it was not over when the round ended."""
    compared: str
    """`first`, `same`, `differs`, `newly failing` or `mended`; empty while it is out."""
    difference: str
    """What differs from the baseline, in one line."""
    counts: Mapping[str, int]
    """State -> hosts."""
    failed: tuple[tuple[str, str], ...]
    """Hosts that are not well, and why; the first of them."""
    text: str
    """What the first host printed, or its beginning."""


class Round(Struct, frozen=True):
    """The test plan run once."""

    number: int
    by: str
    began: When
    took: int | None
    """Nanoseconds; None: it is not over."""
    against: str
    """What it was compared with; empty: nothing."""
    told: str
    """All of it in one line."""
    broken: str
    """Why it did not run to its end."""
    results: tuple[Tested, ...]


class Trust(Struct, frozen=True):
    """What `gonogo verify` says of the run's record."""

    verdict: str
    why: str
    records: int
    head: str
    sealed: int | None
    seals: int
    signed_by: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Expected(Struct, frozen=True):
    """How long a step took in earlier runs. Nanoseconds."""

    least: int
    usual: int
    """The median."""
    most: int
    runs: int


class Summary(Struct, frozen=True):
    """The whole run."""

    run: str
    title: str
    runbook: str
    result: str
    """`go`, `no-go`, `aborted`, or `open` while it is not over."""
    tool: str
    operators: tuple[str, ...]
    """Who drove, in order, each once."""
    began: When
    ended: When
    """The last record."""
    origin: tuple[str, ...]
    """Where the runbook comes from, in lines."""
    commit: str
    inputs: Mapping[str, str]
    """Values of inputs; a secret's is never there."""
    hosts: tuple[str, ...]
    left_out: Mapping[str, str]
    """Host -> why."""
    steps: tuple[StepSummary, ...]
    decisions: tuple[Decided, ...]
    outages: tuple[Outage, ...]
    deviations: tuple[Deviation, ...]
    notes: tuple[Note, ...]
    events: tuple[Event, ...]
    sources: Mapping[str, str]
    """The runbook's files: path -> SHA-256."""
    damage: str
    """Why the record cannot be trusted behind its end, or empty."""
    watched: tuple[Watched, ...] = ()
    rounds: tuple[Round, ...] = ()
    trust: Trust | None = None
    expected: Mapping[str, Expected] = field(default_factory=dict)
    """Step id -> its duration in earlier runs."""

    @property
    def took(self) -> int:
        """Nanoseconds from the first record to the last."""
        return self.ended.ns

    @property
    def waited(self) -> int:
        """Nanoseconds in which questions waited for people."""
        return sum(one.waited for one in self.decisions if one.at != "wait")
