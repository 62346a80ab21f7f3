"""The moves that the runner can call for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .plan import Turn
from .rundata import Gate
from .words import Answer, At, HostState, Phase


@dataclass(frozen=True, slots=True)
class Ask:
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


@dataclass(frozen=True, slots=True)
class Weigh:
    """Look at the step's `when` for each of these hosts; for none of them: once, for the step."""

    turn: Turn
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Execute:
    """Run one of the step's scripts on these hosts, `delay` seconds from now."""

    turn: Turn
    phase: Phase
    hosts: tuple[str, ...]
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Reach:
    """Log in to these hosts, and run nothing there."""

    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Test:
    """Run the round of tests that was asked for."""

    round: int


@dataclass(frozen=True, slots=True)
class Settle:
    """Decide about failed hosts as the document says, without a question, `delay` seconds from now."""

    turn: Turn
    answer: Answer
    reason: str
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Finish:
    """The turn is over."""

    turn: Turn
    result: str


@dataclass(frozen=True, slots=True)
class End:
    """The run is over."""

    result: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Only an answer moves the run."""

    gate: Gate


Move = Ask | Reach | Weigh | Execute | Settle | Finish | End | Wait | Test
