"""Answers given beforehand: `--yes` for plain gates, `--answers FILE` for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from gonogo.errors import UsageError
from gonogo.format.keys import flag
from gonogo.hosts import pick
from gonogo.near import meant
from gonogo.run.plan import Plan
from gonogo.run.state import WHOLE, Answer, At, Gate, RunState

W = TypeVar("W", Answer, At)
_KEYS = {"step", "at", "answer", "reason", "note", "batch", "typed", "hosts", "test"}
_PLAIN = frozenset({At.START, At.GO, At.BATCH, At.CONFIRM, At.END})
_NAMED = frozenset({At.START, At.INPUT, At.APPROVE, At.AGAIN, At.END})
"""Gates that only an answer with their name in `at` is for."""


class Given(Struct, frozen=True):
    """One answer of the file. `at` and `batch` narrow which gate of the step it is for.

    `typed` is the number of hosts or an input's value; `hosts` a pattern over those that failed.
    """

    step: str
    answer: Answer
    at: At | None = None
    batch: int | None = None
    reason: str = ""
    note: str = ""
    typed: str = ""
    pattern: str | None = None
    hosts: tuple[str, ...] | None = None
    """What the pattern means at the gate."""
    test: bool = False
    """The test plan is run first."""

    def fits(self, state: RunState, gate: Gate) -> bool:
        """Return whether it is for this gate."""
        turn = state.plan.turns[gate.turn]
        if gate.at in _NAMED and self.at is not gate.at:
            return False
        return (
            (gate.at in WHOLE or self.step == state.plan.step_of(turn).step.id)
            and (self.at in (None, gate.at) or (self.at is At.GO and gate.at is At.BATCH))
            and self.batch in (None, turn.batch + 1)
            and self.answer in gate.choices
        )


class Answers(Struct):
    """Answers in the file's order; each is used once."""

    given: list[Given] = field(default_factory=list)
    yes: bool = False

    def take(self, state: RunState, gate: Gate) -> Given | None:
        """Return and use up the first answer that fits a gate; None when a person has to answer."""
        for number, given in enumerate(self.given):
            if given.fits(state, gate):
                del self.given[number]
                if given.pattern is None:
                    return given
                return replace(given, hosts=pick(given.pattern, gate.meant(state.turns[gate.turn])))
        if gate.at is At.START and self.given:
            # Answers given for its steps are a go for the run.
            return Given("", Answer.GO)
        # A document that was not written for us never runs unattended.
        if self.yes and gate.at in _PLAIN and state.plan.ours:
            return Given("", Answer.GO)
        return None

    def check(self, plan: Plan) -> None:
        """Raise UsageError for an answer whose step is not in a plan."""
        steps = {planned.step.id for planned in plan.steps}
        for given in self.given:
            if given.step and given.step not in steps:
                mend = meant(given.step, sorted(steps), "`gonogo show` lists the ids.")
                raise UsageError(f"an answer is for {given.step!r}, and the runbook has no such step", mend)

    def awaits(self, state: RunState, gate: Gate) -> bool:
        """Return whether an answer is there that waits for other people's signatures."""
        if gate.at is not At.APPROVE or len(state.approvals) >= gate.evidence["approvers"]:
            return False
        return any(given.fits(state, gate) and given.answer is Answer.GO for given in self.given)


def load_answers(path: Path) -> list[Given]:
    """Read an answers file; raise UsageError naming the entry that is wrong."""
    import yaml

    try:
        data = yaml.load(path.read_bytes(), Loader=yaml.BaseLoader)  # noqa: S506 - strings only
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", "Name a file of answers.") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise UsageError(f"{path}: this is no YAML: {error}") from None
    if not isinstance(data, dict) or data.get("gonogo-answers") != "1":
        raise UsageError(f"{path}: an answers file begins with `gonogo-answers: 1`")
    entries = data.get("answers")
    if not isinstance(entries, list):
        raise UsageError(f"{path}: `answers` must be a list")
    return [_given(path, number, entry) for number, entry in enumerate(entries, 1)]


def _given(path: Path, number: int, entry: Any) -> Given:
    where = f"{path}: answer {number}"
    if not isinstance(entry, Mapping) or "answer" not in entry or not {"step", "at"} & set(entry):
        raise UsageError(f"{where} needs `step` and `answer`")
    if "step" not in entry and entry["at"] not in WHOLE:
        raise UsageError(f"{where} needs `step`")
    if unknown := set(entry) - _KEYS:
        raise UsageError(f"{where} has unknown keys: {', '.join(sorted(unknown))}")
    try:
        return Given(
            step=entry.get("step", ""),
            answer=_word(Answer, entry["answer"]),
            at=_word(At, entry["at"]) if "at" in entry else None,
            batch=int(entry["batch"]) if "batch" in entry else None,
            reason=entry.get("reason", ""),
            note=entry.get("note", ""),
            typed=entry.get("typed", ""),
            pattern=entry.get("hosts"),
            test=flag(entry.get("test", "false")),
        )
    except ValueError as error:
        raise UsageError(f"{where}: {error}") from None


def _word(kind: type[W], text: str) -> W:
    """Return one of the words of a gate or an answer; raise ValueError that names them all."""
    try:
        return kind(text)
    except ValueError:
        words = ", ".join(one.value for one in kind)
        raise ValueError(f"{text!r} is none of {words}") from None
