"""The plan: what will run, where, in which order. Made once, stored with the run, never re-resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from gonogo.errors import RunError
from gonogo.format.model import Step

LOCALHOST = "localhost"
"""The target of steps without hosts: the operator's own machine."""


@dataclass(frozen=True, slots=True)
class PlannedHost:
    """A host as it will be reached: its connection variables and the values that scripts use."""

    connection: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step with its hosts resolved and cut into batches."""

    step: Step
    sections: tuple[str, ...]
    """Titles of the sections above it, outermost first."""
    hosts: tuple[str, ...]
    batches: tuple[tuple[str, ...], ...]
    """At least one; a confirm step has one empty batch."""
    rolling: str | None = None
    """Id of the section it rolls with."""
    between: str = "ask"


@dataclass(frozen=True, slots=True)
class Turn:
    """One step on one batch: the unit that runs, is judged and is asked about."""

    index: int
    step: int
    """Index into the plan's steps."""
    batch: int
    batches: int
    hosts: tuple[str, ...]
    opens_batch: bool
    """The first turn of its batch."""


@dataclass(frozen=True, slots=True)
class PlannedInput:
    """An input and its value; a secret's value is never here."""

    name: str
    value: str | None
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a run does, in order."""

    title: str
    path: str
    ours: bool
    pace: str
    """`step` or `flow`."""
    steps: tuple[PlannedStep, ...]
    turns: tuple[Turn, ...]
    hosts: Mapping[str, PlannedHost] = field(default_factory=dict)
    inputs: tuple[PlannedInput, ...] = ()

    def step_of(self, turn: Turn) -> PlannedStep:
        """Return the step that a turn belongs to."""
        return self.steps[turn.step]

    def turns_of(self, step: int) -> list[Turn]:
        """Return a step's turns, batch by batch."""
        return [turn for turn in self.turns if turn.step == step]

    def dump(self) -> bytes:
        """Return the plan as JSON, the same bytes for the same plan."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1)

    @staticmethod
    def parse(data: bytes) -> Plan:
        """Read what `dump` wrote; raise RunError when it is something else."""
        try:
            return msgspec.json.decode(data, type=Plan)
        except msgspec.MsgspecError as error:
            raise RunError(f"the run's plan.json cannot be read: {error}") from None
