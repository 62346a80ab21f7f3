"""The moves that the runner can call for."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from .plan import Turn
from .rundata import Gate
from .words import Answer, At, HostState, Phase


class Ask(Struct, frozen=True):
    """Put a gate to the operator."""

    turn: Turn
    at: At
    question: str
    choices: tuple[Answer, ...]
    evidence: dict[str, Any] = field(default_factory=dict)
    seconds: float | None = None
    """A wait's length: at its end the gate answers itself with go."""
    until: str | None = None
    """A wait's end on the wall clock, as the runbook has it."""
    of: tuple[HostState, ...] = ()
    """The host states that a failure is about; empty: all that need a decision."""


class Weigh(Struct, frozen=True):
    """Look at the step's `when` for each of these hosts; for none of them: once, for the step."""

    turn: Turn
    hosts: tuple[str, ...]


class Execute(Struct, frozen=True):
    """Run one of the step's scripts on these hosts, `delay` seconds from now."""

    turn: Turn
    phase: Phase
    hosts: tuple[str, ...]
    delay: float = 0.0


class Reach(Struct, frozen=True):
    """Log in to these hosts, and run nothing there."""

    hosts: tuple[str, ...]


class Test(Struct, frozen=True):
    """Run the round of tests that was asked for."""

    round: int


class Settle(Struct, frozen=True):
    """Decide about failed hosts as the document says, without a question, `delay` seconds from now."""

    turn: Turn
    answer: Answer
    reason: str
    delay: float = 0.0


class Finish(Struct, frozen=True):
    """The turn is over."""

    turn: Turn
    result: str


class End(Struct, frozen=True):
    """The run is over."""

    result: str


class Wait(Struct, frozen=True):
    """Only an answer moves the run."""

    gate: Gate


Move = Ask | Reach | Weigh | Execute | Settle | Finish | End | Wait | Test
