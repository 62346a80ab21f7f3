"""What the operator may say at a gate: each answer's key, words, and what it does to how many hosts."""

from __future__ import annotations

from dataclasses import dataclass

from gonogo.run.runner import NEEDS_REASON
from gonogo.run.state import Answer, At, Gate, HostState, RunState

from .projection import folded
from .words import many

KEYS: dict[Answer, str] = {
    Answer.GO: "g",
    Answer.NO_GO: "n",
    Answer.SKIP: "s",
    Answer.RETRY_FAILED: "r",
    Answer.RETRY_ALL: "R",
    Answer.LEAVE_OUT: "l",
    Answer.BY_HAND: "h",
    Answer.ROLLBACK: "b",
    Answer.ABORT: "a",
}
CONFIRMED = frozenset({Answer.RETRY_ALL, Answer.ROLLBACK})
"""Answers that run something on hosts that were well: asked about once more."""
MENU = frozenset({At.FAILURE, At.ROLLED_BACK})
"""Gates with several ways on, and none that goes without saying."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One way on."""

    answer: Answer
    key: str
    label: str
    effect: str
    """What it does to how many hosts."""
    brief: str
    """The same in at most twenty cells."""
    prompt: str
    """The question when a reason or a second word is wanted, else empty."""

    @property
    def reason(self) -> bool:
        """Whether it wants a reason."""
        return self.answer in NEEDS_REASON


def choices(state: RunState, gate: Gate) -> list[Choice]:
    """Return the open gate's ways on, in the run's order."""
    turn = state.turns[gate.turn]
    bad = turn.bad()
    names = folded(bad, 34) if bad else ""
    kept = (HostState.LEFT_OUT, HostState.BY_HAND)
    every = sum(host.state not in kept for host in turn.hosts.values())
    touched = sum(host.touched and host.state is not HostState.LEFT_OUT for host in turn.hosts.values())
    go_on = gate.at is At.ROLLED_BACK
    texts: dict[Answer, tuple[str, str, str, str]] = {
        Answer.GO: ("go", "", "", ""),
        Answer.NO_GO: ("no-go", "end the run here", "ends the run", "No-go: the run ends here. Why?"),
        Answer.SKIP: (
            ("go on", "leave it rolled back, go on", "without this step", "Go on without this step. Why?")
            if go_on
            else ("skip", "go on without it", "without this step", "Skip this step. Why?")
        ),
        Answer.RETRY_FAILED: (
            "retry failed",
            f"run it again on {many(len(bad))}: {names}",
            f"on {many(len(bad))}",
            "",
        ),
        Answer.RETRY_ALL: (
            "retry all",
            f"run it again on all {many(every)}, also where it was ok",
            f"on all {many(every)}",
            f"Run it again on all {many(every)}, also where it was ok?",
        ),
        Answer.LEAVE_OUT: (
            "leave out",
            f"go on without {many(len(bad))}, here and in later steps",
            f"{many(len(bad))}, from now on",
            f"Leave out {many(len(bad))} from here on ({names}). Why?",
        ),
        Answer.BY_HAND: (
            "by hand",
            f"you have done it yourself on {many(len(bad))}",
            f"you did {many(len(bad))}",
            f"{many(len(bad))} done by hand ({names}). What did you do?",
        ),
        Answer.ROLLBACK: (
            "roll back",
            f"run the rollback on {many(touched)} that this step reached",
            f"on {many(touched)}",
            f"Run the rollback on {many(touched)} that this step reached?",
        ),
        Answer.ABORT: ("abort", "end the run here", "ends the run", "Abort: the run ends here. Why?"),
    }
    return [Choice(answer, KEYS[answer], *texts[answer]) for answer in gate.choices]
