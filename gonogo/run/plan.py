"""The plan: what will run, where, in which order. Made once, stored with the run, never re-resolved."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec
from msgspec import Struct, field

from gonogo.errors import RunError
from gonogo.format.model import Monitor, Step


class PlannedHost(Struct, frozen=True):
    """A host as it will be reached: its connection variables and the values that scripts use."""

    connection: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)


class PlannedStep(Struct, frozen=True):
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
    needs: tuple[str, ...] = ()
    """Inputs that are asked for when this step is reached."""
    before: int | None = None
    """The same step in the plan before the runbook was edited."""
    unchanged: bool = False
    """It does what it did before the edit."""


class PlannedMonitor(Struct, frozen=True):
    """A monitor with its hosts resolved."""

    monitor: Monitor
    hosts: tuple[str, ...]

    @property
    def name(self) -> str:
        """What it is called."""
        return self.monitor.name

    @property
    def planned(self) -> PlannedStep:
        """What it runs, as a step."""
        return PlannedStep(self.monitor.step, (), self.hosts, (self.hosts,))


class Turn(Struct, frozen=True):
    """One step on one batch: the unit that runs, is judged and is asked about."""

    index: int
    step: int
    """Index into the plan's steps."""
    batch: int
    batches: int
    hosts: tuple[str, ...]
    opens_batch: bool
    """The first turn of its batch."""


class PlannedInput(Struct, frozen=True):
    """An input and its value; a secret's value is never here."""

    name: str
    value: str | None
    """None for a secret, and for one that is asked for when it is reached."""
    secret: bool = False
    prompt: str = ""
    choices: tuple[str, ...] = ()
    type: str = "text"
    pattern: str | None = None
    default: str | None = None
    reached: bool = False
    """It is asked for at a gate, not before the run."""


class Plan(Struct, frozen=True):
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
    blast_radius: int | None = None
    """A changing step on more hosts than this asks for their number."""
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Role -> principals who have it."""
    signers: str | None = None
    """File of the run directory that names who may sign and approve."""
    preflight: bool = False
    """Nothing runs, not even what only reads, before somebody has said go to the run as a whole."""
    monitors: tuple[PlannedMonitor, ...] = ()
    tests: tuple[PlannedStep, ...] = ()
    """The test plan's steps, whether they stand in the run's order, too, or not."""
    first: int = 0
    """Where the current steps begin; those before it are of the runbook before it was edited."""

    def step_of(self, turn: Turn) -> PlannedStep:
        """Return the step that a turn belongs to."""
        return self.steps[turn.step]

    def is_last(self, turn: Turn) -> bool:
        """Return whether nothing more is planned for a turn's hosts once it is done."""
        hosts = set(turn.hosts)
        turns = (one.hosts for one in self.turns[turn.index + 1 :])
        looks = (*(one.hosts for one in self.monitors), *(one.hosts for one in self.tests))
        return all(hosts.isdisjoint(later) for later in (*turns, *looks))

    def turns_of(self, step: int) -> list[Turn]:
        """Return a step's turns, batch by batch."""
        return [turn for turn in self.turns if turn.step == step]

    def digest_of(self, number: int, script: str, given: Mapping[str, str | None]) -> str:
        """Return the SHA-256 that approvers sign: commands, settings, values, hosts and how they are reached.

        `script` is the one that will run, should the operator have edited it; `given` are the inputs that
        were asked for when reached. Secrets are not in it.
        """
        planned = self.steps[number]
        step = planned.step
        others = [one and (one.text, one.language) for one in (step.check, step.rollback)]
        language = step.script.language if step.script else ""
        values = {one.name: one.value for one in self.inputs} | dict(sorted(given.items()))
        reached = [[name, *self._reached(name)] for name in sorted(planned.hosts)]
        facts = [step.id, script, language, others, step.options, planned.batches, values, reached]
        return hashlib.sha256(msgspec.json.encode(facts)).hexdigest()

    def _reached(self, name: str) -> tuple[dict[str, str], dict[str, str]]:
        """Return how a host is reached and what its scripts are given, in one order."""
        host = self.hosts.get(name, PlannedHost())
        return dict(sorted(host.connection.items())), dict(sorted(host.values.items()))

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
