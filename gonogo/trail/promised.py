"""What the run's plan says about approvals, compared with what the trail says was approved and run.

Approvers sign a digest of a step's commands, settings, hosts and values. It is worked out here again from
the plan that lies beside the trail, so a plan that was changed after its approval is found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from .kept import read_document
from .sshsig import SignatureError

_HELD_LIMIT = 64 << 20
"""Characters of edited scripts and entered values that are held."""


class _Script(msgspec.Struct):
    text: str
    language: str


class _Step(msgspec.Struct):
    id: str
    options: dict[str, Any]
    script: _Script | None = None
    check: _Script | None = None
    rollback: _Script | None = None


class _Host(msgspec.Struct):
    connection: dict[str, str] = {}
    values: dict[str, str] = {}


class _Planned(msgspec.Struct):
    step: _Step
    hosts: list[str]
    batches: list[list[str]]


class _Turn(msgspec.Struct):
    step: int


class _Input(msgspec.Struct):
    name: str
    value: str | None = None


class _Plan(msgspec.Struct):
    """As much of a plan as approvals are about."""

    steps: list[_Planned]
    turns: list[_Turn]
    hosts: dict[str, _Host] = {}
    inputs: list[_Input] = []
    roles: dict[str, list[str]] = {}


class Promised:
    """Follows a trail's plan, edits and inputs. Without a readable plan it finds nothing wrong."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self._plan = _load(run, "plan.json")
        self._edited: dict[int, str] = {}
        self._given: dict[str, str | None] = {}
        self._gate: dict[str, Any] = {}
        self._approved: set[str] = set()
        self._held = 0

    @property
    def roles(self) -> Mapping[str, list[str]]:
        """Role -> the principals that have it."""
        return self._plan.roles if self._plan else {}

    def record(self, record: dict[str, Any]) -> None:
        """Take a record in; raise SignatureError when it is not what the plan says, or was not approved."""
        match record:
            case {"k": "edit", "number": int(number), "script": str(script)}:
                self._hold(script)
                self._edited[number] = script
            case {"k": "plan.change", "file": str(name)}:
                self._plan = _load(self._run, name)
            case {"k": "gate.ask", "evidence": dict(evidence)}:
                self._gate = record
                if record.get("at") == "approve":
                    self._asked(record, evidence)
            case {"k": "gate.answer", "answer": "go", "gate": number} if number == self._gate.get("gate"):
                self._go(record, self._gate["evidence"])
            case {"k": "step.plan", "phase": "run", "turn": int(turn), "script": str(script)}:
                self._ran(turn, script)

    def _hold(self, text: str) -> None:
        self._held += len(text)
        if self._held > _HELD_LIMIT:
            raise SignatureError("more was edited and entered than can be followed")

    def _asked(self, record: dict[str, Any], evidence: dict[str, Any]) -> None:
        number = self._step(record.get("turn"))
        if number is None or self._plan is None:
            return
        options = self._plan.steps[number].step.options
        named = [evidence.get(name) for name in ("step", "plan", "approvers", "role")]
        planned = [self._plan.steps[number].step.id, self._digest(number)]
        if named != [*planned, options.get("approvers", 1), options.get("role")]:
            raise SignatureError("it asks for the approval of something else than the plan holds")

    def _go(self, record: dict[str, Any], evidence: dict[str, Any]) -> None:
        if self._gate.get("at") == "approve":
            self._approved.add(str(evidence.get("plan")))
        elif self._gate.get("at") == "input":
            name, value = str(evidence.get("input")), record.get("value")
            self._hold(f"{name}{value}")
            self._given[name] = value if isinstance(value, str) else None

    def _ran(self, turn: int, script: str) -> None:
        number = self._step(turn)
        if number is None or self._plan is None:
            return
        if self._plan.steps[number].step.options.get("gate") != "approve":
            return
        if self._digest(number) not in self._approved:
            raise SignatureError("nobody approved this step as it ran")
        if hashlib.sha256(self._script(number).encode()).hexdigest() != script:
            raise SignatureError("another script ran than the one that was approved")

    def _step(self, turn: Any) -> int | None:
        if self._plan is None or type(turn) is not int or not 0 <= turn < len(self._plan.turns):
            return None
        number = self._plan.turns[turn].step
        return number if 0 <= number < len(self._plan.steps) else None

    def _script(self, number: int) -> str:
        script = self._plan.steps[number].step.script if self._plan else None
        return self._edited.get(number, script.text if script else "")

    def _digest(self, number: int) -> str:
        """The digest that approvers sign: docs/trail.md says how it is made."""
        if self._plan is None:
            return ""
        planned = self._plan.steps[number]
        step = planned.step
        others = [one and (one.text, one.language) for one in (step.check, step.rollback)]
        language = step.script.language if step.script else ""
        values = {one.name: one.value for one in self._plan.inputs} | dict(sorted(self._given.items()))
        script = self._script(number)
        reached = [[name, *_reached(self._plan, name)] for name in sorted(planned.hosts)]
        facts = [step.id, script, language, others, step.options, planned.batches, values, reached]
        return hashlib.sha256(msgspec.json.encode(facts)).hexdigest()


def _reached(plan: _Plan, name: str) -> tuple[dict[str, str], dict[str, str]]:
    host = plan.hosts.get(name, _Host())
    return dict(sorted(host.connection.items())), dict(sorted(host.values.items()))


def _load(run: Path, name: str) -> _Plan | None:
    """Read a plan; None for one that cannot be read: its digest tells that it is not the one that ran."""
    try:
        return msgspec.json.decode(read_document(run, name), type=_Plan)
    except (OSError, ValueError, RecursionError):
        return None
