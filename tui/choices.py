"""What the operator may say at a gate: each answer's key, words, and what it does to how many hosts."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from gonogo.hosts.here import LOCALHOST
from gonogo.run.state import Answer, At, Gate, HostState, RunState
from gonogo.run.words import NEEDS_REASON, became
from gonogo.text import many

from .projection import folded

KEYS: dict[Answer, str] = {
    Answer.GO: "g",
    Answer.NO_GO: "n",
    Answer.SKIP: "s",
    Answer.RETRY_FAILED: "r",
    Answer.RETRY_ALL: "R",
    Answer.CHECK_AGAIN: "c",
    Answer.LEAVE_OUT: "l",
    Answer.BY_HAND: "h",
    Answer.ROLLBACK: "b",
    Answer.ABORT: "a",
    Answer.REACH: "c",
}
MENU = frozenset({At.FAILURE, At.ROLLED_BACK, At.AGAIN})
"""Gates with several ways on, and none that goes without saying."""


def is_menu(gate: Gate) -> bool:
    """Tell whether a gate has several ways on, of which none goes without saying."""
    without = gate.at is At.END and bool(gate.evidence.get("left_out"))
    return gate.at in MENU or without or (gate.at is At.START and Answer.LEAVE_OUT in gate.choices)


NARROWED = frozenset({Answer.RETRY_FAILED, Answer.CHECK_AGAIN, Answer.LEAVE_OUT, Answer.BY_HAND})
"""Answers that can be about some of a failure's hosts; the others are asked about again."""


NOT_KNOWN = frozenset({HostState.UNKNOWN, HostState.LOST})
"""States of hosts on which a command may have run, or may still run."""


class Choice(Struct, frozen=True):
    """One way on."""

    answer: Answer
    label: str
    effect: str = ""
    """What it does to how many hosts."""
    brief: str = ""
    """The same in at most twenty cells."""
    prompt: str = ""
    """The question when a reason or a second word is wanted, else empty."""

    @property
    def key(self) -> str:
        """The key that says it."""
        return KEYS[self.answer]

    @property
    def reason(self) -> bool:
        """Whether it wants a reason."""
        return self.answer in NEEDS_REASON


def choices(state: RunState, gate: Gate, picked: Collection[str] = ()) -> list[Choice]:
    """Return the open gate's ways on, in the run's order; `picked` narrows those that can be narrowed."""
    turn = state.turns[gate.turn]
    meant = gate.meant(turn, picked or None)
    kept = {HostState.LEFT_OUT, HostState.NOT_NEEDED, HostState.BY_HAND}
    every = sum(host.state not in kept for host in turn.hosts.values())
    touched = sum(host.touched and host.state is not HostState.LEFT_OUT for host in turn.hosts.values())
    ways = {
        way.answer: way
        for way in (
            _go(state, gate, len(turn.live())),
            _skip(gate),
            _retry(gate, _number(meant), folded(meant, 34)),
            *_about_some(gate, _number(meant), folded(meant, 34)),
            *_about_all(many(every), many(touched)),
        )
    }
    if gate.at is At.START:
        ways |= {way.answer: way for way in _at_start(state, gate)}
    return [ways[answer] for answer in gate.choices]


def _at_start(state: RunState, gate: Gate) -> tuple[Choice, ...]:
    """Return the ways on before anything runs, once it matters who can be reached."""
    bad = state.unreached()
    number, names = _number(bad), folded(bad, 34)
    start = Choice(Answer.GO, "start")
    if bad:
        effect = f"start with {number} that cannot be reached: you are asked about them at their first step"
        start = Choice(Answer.GO, "start", effect, "with them", f"{effect[:1].upper()}{effect[1:]}?")
    asked = gate.evidence.get("reach")
    look, hosts = ("look again", "log in once more") if asked else ("who is there?", "")
    return (
        start,
        Choice(
            Answer.LEAVE_OUT,
            "go without",
            f"leave out {number} that cannot be reached: {names}",
            f"without {number}",
            f"Go without {number} ({names}). Why?",
        ),
        Choice(Answer.REACH, look, f"{hosts}, and run nothing there" if hosts else "", hosts),
    )


def _number(hosts: list[str]) -> str:
    return "this machine" if hosts == [LOCALHOST] else many(len(hosts))


def _go(state: RunState, gate: Gate, live: int) -> Choice:
    out = many(len(state.left_out))
    match gate.at:
        case At.AGAIN:
            effect, brief = f"run it once more on {many(live)}", f"on {many(live)}"
            prompt = f"It was {became(gate.evidence['result'])} before. Run it once more on {many(live)}?"
            return Choice(Answer.GO, "run again", effect, brief, prompt)
        case At.END if state.left_out:
            prompt = f"End the run without {out}? They cannot be picked up afterwards."
            return Choice(Answer.GO, "end the run", f"{out} stay left out for good", f"without {out}", prompt)
    words = {
        At.START: "start",
        At.WAIT: "go on now",
        At.CONFIRM: "yes, go",
        At.INPUT: "give the value",
        At.END: "end the run",
    }
    return Choice(Answer.GO, words.get(gate.at, "go"))


def _skip(gate: Gate) -> Choice:
    match gate.at:
        case At.ROLLED_BACK:
            effect, prompt = "leave it rolled back, go on", "Go on without this step. Why?"
            return Choice(Answer.SKIP, "go on", effect, "without this step", prompt)
        case At.AGAIN:
            effect, prompt = "leave it as it was, go on", "It stays as it was. Why?"
            return Choice(Answer.SKIP, "leave it", effect, "as it was", prompt)
    return Choice(Answer.SKIP, "skip", "go on without it", "without this step", "Skip this step. Why?")


def _retry(gate: Gate, number: str, names: str) -> Choice:
    effect, brief = f"run it again on {number}: {names}", f"on {number}"
    if not NOT_KNOWN.intersection(gate.of):
        return Choice(Answer.RETRY_FAILED, "retry failed", effect, brief)
    prompt = f"It may have run there already. Run it again on {number} ({names})?"
    return Choice(Answer.RETRY_FAILED, "run again", effect, brief, prompt)


def _about_some(gate: Gate, number: str, names: str) -> tuple[Choice, ...]:
    """Return the ways that are about the hosts in trouble; what failed last may be their rollback."""
    did, done = ("did", "done") if Answer.RETRY_FAILED in gate.choices else ("undid", "undone")
    return (
        Choice(
            Answer.CHECK_AGAIN,
            "check again",
            f"run the check alone again on {number}: {names}",
            f"on {number}",
        ),
        Choice(
            Answer.LEAVE_OUT,
            "leave out",
            f"go on without {number}, here and in later steps",
            f"{number}, from now on",
            f"Leave out {number} from here on ({names}). Why?",
        ),
        Choice(
            Answer.BY_HAND,
            "by hand",
            f"you have {done} it yourself on {number}",
            f"you {did} {number}",
            f"{number} {done} by hand ({names}). What did you do?",
        ),
    )


def _about_all(every: str, touched: str) -> tuple[Choice, ...]:
    """Return the ways that are about more than the hosts in trouble."""
    return (
        Choice(
            Answer.RETRY_ALL,
            "retry all",
            f"run it again on all {every}, also where it was ok",
            f"on all {every}",
            f"Run it again on all {every}, also where it was ok?",
        ),
        Choice(
            Answer.ROLLBACK,
            "roll back",
            f"run the rollback on {touched} that this step reached",
            f"on {touched}",
            f"Run the rollback on {touched} that this step reached?",
        ),
        Choice(Answer.NO_GO, "no-go", "end the run here", "ends the run", "No-go: the run ends here. Why?"),
        Choice(Answer.ABORT, "abort", "end the run here", "ends the run", "Abort: the run ends here. Why?"),
    )
