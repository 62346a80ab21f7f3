"""What is known of a run: hosts, turns, gates, decisions. Plain values; `fold` changes them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from msgspec import Struct, field

from .monitors import Series
from .plan import Plan, Turn
from .rounds import TestRound
from .words import BAD, IDLE, TO_RUN, Answer, At, HostState, Phase

Record = dict[str, Any]


class HostRun(Struct):
    """One host in one turn: its state and its latest exit."""

    state: HostState = HostState.PENDING
    phase: Phase = Phase.RUN
    attempt: int = 0
    started: int | None = None
    """Nanoseconds since the run began."""
    ended: int | None = None
    how: str = ""
    code: int | None = None
    why: str = ""
    """Why it is not ok, for a person."""
    output: str = ""
    """Digest of stdout and stderr together: equal outputs have equal digests."""
    out_bytes: int = 0
    err_bytes: int = 0
    stops: bool = False
    """Its exit code ends the run."""
    excerpt: str = ""
    """The first lines of what it printed, cleaned."""
    lines: int = 0
    """Lines of all that it printed, where the excerpt does not have all of it; else 0."""
    touched: int = 0
    """How often the step's script was started on it, since it was last rolled back."""
    ran: int = 0
    """The latest attempt at the step's own script; its output is what is captured."""
    warned: str = ""
    """Why that attempt ended with a warning."""
    carried: bool = False
    """All this was in a turn of the runbook's text before it was edited, and its output lies there."""

    @property
    def unchecked(self) -> bool:
        """Whether the step's script did well here and its check, if it has one, is still to run."""
        return self.state in (HostState.OK, HostState.WARN) and self.phase is Phase.RUN


class Past(Struct, frozen=True):
    """How a turn ended before it was opened again."""

    result: str
    started: int | None
    ended: int
    by: str
    bad: str = ""
    """How many hosts it left in which states that a person had to decide about."""


class TurnState(Struct):
    """One step on one batch."""

    hosts: dict[str, HostRun]
    go: bool = False
    """Somebody said go to its script, or it went out as nobody had to."""
    attempt: int = 0
    phase: Phase = Phase.RUN
    running: bool = False
    """A script is out on its hosts."""
    result: str | None = None
    """`ok`, `warn`, `by-hand`, `skipped`, `left-out` (all its hosts), `not-needed`, `rolled-back`,
    `replaced` (by the edited runbook's); None while not over."""
    started: int | None = None
    ended: int | None = None
    out: int = 0
    """When its latest script went out."""
    worked: int = 0
    """Nanoseconds that its scripts were out, all attempts and checks, and that the document had it wait
    between them: without what people took to answer."""
    back: int | None = None
    """When its latest script came back, while nobody is to say what comes next."""
    tries: int = 0
    """How often the step's own script went out."""
    waited: bool = False
    retries: int = 0
    """Retries that the document asked for and that were made."""
    since: int | None = None
    """When its script was first tried since the operator last said what to do; `until` counts from here."""
    check_since: int | None = None
    """The same for its check."""
    weighed: bool = False
    """Its `when` was looked at."""
    past: tuple[Past, ...] = ()
    guarded: bool = False
    """The operator knows that it was done before, and goes on."""
    picked: bool = False
    """Opened again for hosts that had been left out."""
    undo: bool = False
    """Opened again to be rolled back, and for nothing else."""

    def in_state(self, *states: HostState) -> list[str]:
        """Return the hosts that are in one of the states, in the turn's order."""
        return [name for name, host in self.hosts.items() if host.state in states]

    def bad(self) -> list[str]:
        """Return the hosts that a person has to decide about."""
        return [name for name, host in self.hosts.items() if host.state in BAD]

    def counts(self) -> dict[HostState, int]:
        """Return how many hosts are in each state that occurs."""
        found: dict[HostState, int] = {}
        for host in self.hosts.values():
            found[host.state] = found.get(host.state, 0) + 1
        return found

    def to_run(self) -> list[str]:
        """Return the hosts that the step's script is to go to."""
        return self.in_state(*TO_RUN)

    def live(self) -> list[str]:
        """Return the hosts that the turn does not go without."""
        return [name for name, host in self.hosts.items() if host.state not in IDLE]


class Gate(Struct, frozen=True):
    """A question that waits for a person."""

    number: int
    at: At
    turn: int
    choices: tuple[Answer, ...]
    question: str
    evidence: dict[str, Any]
    asked: int
    """Nanoseconds since the run began."""
    until: int | None = None
    """A wait's end, on the same clock."""
    of: tuple[HostState, ...] = ()
    """The host states that a failure gate is about; empty: all that need a decision."""

    def meant(self, turn: TurnState, hosts: Collection[str] | None = None) -> list[str]:
        """Return the turn's hosts that an answer here is about; `hosts` narrows it."""
        return [
            name
            for name in turn.bad()
            if (not self.of or turn.hosts[name].state in self.of) and (hosts is None or name in hosts)
        ]


class Approved(Struct, frozen=True):
    """A second person's signature under the open gate's plan."""

    by: str
    """The principal that allowed_signers names."""
    key: str
    signature: str
    given: int


class Decision(Struct, frozen=True):
    """A gate and how it was answered, kept for the screen and the reports."""

    gate: Gate
    answer: Answer
    by: str
    reason: str
    answered: int
    value: str = ""
    """What was typed in at an input gate; never a secret."""
    tests: int = 0
    """The last round of tests that was run at the gate; 0: none."""


class Reached(Struct, frozen=True):
    """Finding out who can be reached, before the run's first go."""

    wanted: bool = True
    """It is to be found out, and that has not begun."""
    hosts: int = 0
    """How many are asked about."""
    begun: int = 0
    """Nanoseconds since the run began."""
    ended: int | None = None


_UNRECORDED = frozenset({"driver", "watching", "load", "cursor", "digests"})
"""What of a run's state no record says, or is worked out from the rest."""


class RunData(Struct):  # noqa: PLW1641 - nobody has it as a key
    """The whole run. Build it with `RunState.of(plan)`, then `apply` every record in order."""

    plan: Plan
    turns: list[TurnState]
    run: str = ""
    operator: str = ""
    started_at: str = ""
    """Wall clock of the start, RFC 3339 UTC."""
    now: int = 0
    """The latest record's time: nanoseconds since the run began."""
    count: int = 0
    gate: Gate | None = None
    gates: int = 0
    """Gates asked so far; they are numbered from 1."""
    decisions: list[Decision] = field(default_factory=list)
    notes: list[Record] = field(default_factory=list)
    deviations: list[Record] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    """Host -> the reason why later turns go without it."""
    outages: dict[str, tuple[int, int | None]] = field(default_factory=dict)
    """Service -> begin and end."""
    inputs: dict[str, str | None] = field(default_factory=dict)
    """Inputs given at a gate; a secret's value is never here."""
    edited: dict[int, str] = field(default_factory=dict)
    """Step -> the script that the operator wrote instead of the document's."""
    unasked: set[int] = field(default_factory=set)
    """Steps whose command was edited, and that had no go since."""
    approvals: list[Approved] = field(default_factory=list)
    approved: set[str] = field(default_factory=set)
    """Digests of the step plans that have their approvals."""
    start: Record = field(default_factory=dict)
    """The run's first record: where the runbook comes from, what was asked for."""
    begun: bool = False
    """Somebody said go to the run as a whole."""
    reached: Reached | None = None
    """How it stands with who can be reached, once somebody wanted to know."""
    reaches: dict[str, str] = field(default_factory=dict)
    """Host -> why it cannot be reached; empty for those that can."""
    end_agreed: bool = False
    """The run may end with hosts left out."""
    sealed: int | None = None
    """The last record that a seal covers."""
    unsealed: str = ""
    """Why the latest seal could not be made, until the next one is."""
    verdict: str | None = None
    """What is to become of the run once something ended it: `no-go` or `aborted`."""
    result: str | None = None
    """`go`, `no-go` or `aborted` when the run is over."""
    monitors: dict[str, Series] = field(default_factory=dict)
    """Name -> its course; none before its first sample."""
    rounds: list[TestRound] = field(default_factory=list)
    """The rounds of the test plan, the first one first."""
    baseline: int = 0
    """The round that the operator chose to compare with; 0: another run's (`--baseline`), or else the first
    complete one."""
    paused: str = ""
    """Why the operator paused, until the next answer."""
    trouble: str = ""
    """Why the trail cannot be written, if so. Not a record: the run's process says it."""
    driver: str | None = None
    """Who drives now; empty: nobody. None where no process says it: this is no record either."""
    watching: tuple[str, ...] = ()
    """Who else looks on now; no record either."""
    load: Callable[[str], Plan] | None = None
    """Reads a later plan of this run by its file name."""
    cursor: int = 0
    digests: dict[tuple[object, ...], str] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RunData):
            return NotImplemented
        recorded = (name for name in self.__struct_fields__ if name not in _UNRECORDED)
        return all(getattr(self, name) == getattr(other, name) for name in recorded)

    @property
    def current(self) -> Turn | None:
        """The first turn that is not over; None when all are."""
        # A turn that is over stays over unless it is opened again, and that puts the cursor back.
        while self.cursor < len(self.turns) and self.turns[self.cursor].result is not None:
            self.cursor += 1
        return self.plan.turns[self.cursor] if self.cursor < len(self.turns) else None

    def rest(self) -> None:
        """Have the time until the next script goes out count for no step: a person says when that is."""
        if (turn := self.current) is not None:
            self.turns[turn.index].back = None

    def unreached(self) -> list[str]:
        """Return the hosts that were found to be out of reach and that the run still counts on."""
        return [name for name, why in self.reaches.items() if why and name not in self.left_out]

    @property
    def testing(self) -> TestRound | None:
        """The round of tests that is out; None when none is."""
        return self.rounds[-1] if self.rounds and self.rounds[-1].ended is None else None

    def decided(self, turn: int) -> str:
        """Return who last answered for a turn; without an answer, who drove the run."""
        said = (one.by for one in reversed(self.decisions) if one.gate.turn == turn)
        return next(said, self.operator)

    def digest_of(self, step: int) -> str:
        """Return what approvers of a step sign (`Plan.digest_of`), as it stands now."""
        # It is asked for in every batch, and covers all of them: 4 ms for 1,000 hosts.
        of = (step, len(self.plan.steps), self.script_of(step), *self.inputs.items())
        if of not in self.digests:
            self.digests[of] = self.plan.digest_of(step, self.script_of(step), self.inputs)
        return self.digests[of]

    def script_of(self, step: int) -> str:
        """Return the script of a step as it will run: the document's, or the operator's own."""
        script = self.plan.steps[step].step.script
        return self.edited.get(step, script.text if script else "")
