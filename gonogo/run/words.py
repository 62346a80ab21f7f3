"""The words of a run: the states that hosts can be in, what gates are about, what can be answered."""

from __future__ import annotations

from enum import StrEnum

from gonogo.text import many


class HostState(StrEnum):
    """Where one host stands in one turn."""

    PENDING = "pending"
    RUNNING = "running"
    OK = "ok"
    WARN = "warn"
    AGAIN = "again"
    """Its exit code says that the command wants to run once more."""
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    LOST = "lost"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    TO_ROLL_BACK = "to-roll-back"
    ROLLED_BACK = "rolled-back"
    BY_HAND = "by-hand"
    LEFT_OUT = "left-out"
    NOT_NEEDED = "not-needed"
    """The step's `when` does not hold for it."""


BAD = frozenset(
    {HostState.FAILED, HostState.UNREACHABLE, HostState.LOST, HostState.UNKNOWN, HostState.CANCELLED}
)
"""States that a person has to decide about."""
UNTOUCHED = frozenset({HostState.PENDING, HostState.UNREACHABLE, HostState.LEFT_OUT, HostState.NOT_NEEDED})
"""States in which nothing ran on the host in this turn."""
TO_RUN = frozenset({HostState.PENDING, HostState.AGAIN})
"""States of hosts that the step's script is to go to."""
IDLE = frozenset({HostState.LEFT_OUT, HostState.NOT_NEEDED})
"""States of hosts that a turn goes without."""

DONE = frozenset({"ok", "warn", "by-hand"})
"""Results of turns that did what their step is for."""


def became(result: str) -> str:
    """Return what became of a step, behind `it was`."""
    return "done" if result in DONE else result or "begun"


class Phase(StrEnum):
    """Which of a step's scripts runs."""

    RUN = "run"
    CHECK = "check"
    ROLLBACK = "rollback"


class At(StrEnum):
    """What a gate is about."""

    START = "start"
    """Nothing has run yet."""
    GO = "go"
    BATCH = "batch"
    CONFIRM = "confirm"
    TYPED = "typed"
    APPROVE = "approve"
    """It opens when enough others have signed."""
    INPUT = "input"
    """A value is asked for; the answer carries it."""
    AGAIN = "again"
    """The step was done before."""
    WAIT = "wait"
    FAILURE = "failure"
    ROLLED_BACK = "rolled-back"
    END = "end"
    """All is done, but hosts were left out: they can be picked up now."""


WHOLE = frozenset({At.START, At.END})
"""Gates about the whole run, not about the step at which they stand."""


class Answer(StrEnum):
    """What an operator can say at a gate."""

    GO = "go"
    NO_GO = "no-go"
    SKIP = "skip"
    RETRY_FAILED = "retry-failed"
    RETRY_ALL = "retry-all"
    CHECK_AGAIN = "check-again"
    """Run the check once more, not the step."""
    LEAVE_OUT = "leave-out"
    BY_HAND = "by-hand"
    ROLLBACK = "rollback"
    ABORT = "abort"
    REACH = "reach"
    """Before the run's first go: log in to its hosts, to see which of them can be reached."""


NEEDS_REASON = frozenset({Answer.NO_GO, Answer.SKIP, Answer.LEAVE_OUT, Answer.BY_HAND, Answer.ABORT})
"""Answers that depart from the document or end the run: they want a reason."""


def counted_steps(steps: int, changes: int) -> str:
    """Return how many steps there are, and whether they change something, for the eye."""
    if changes:
        what = f"{changes} of them change{'s' if changes == 1 else ''} something"
    else:
        what = "it only reads" if steps == 1 else "they only read"
    return f"{many(steps, 'step')}; {what}"
