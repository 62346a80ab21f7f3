"""Answers given beforehand: `--yes` for plain gates, `--answers FILE` for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gonogo.errors import UsageError
from gonogo.run.state import Answer, At, Gate, RunState

_KEYS = {"step", "at", "answer", "reason", "note", "batch", "typed"}
_PLAIN = frozenset({At.GO, At.BATCH, At.CONFIRM})


@dataclass(frozen=True, slots=True)
class Given:
    """One answer of the file. `at` and `batch` narrow which gate of the step it is for."""

    step: str
    answer: Answer
    at: At | None = None
    batch: int | None = None
    reason: str = ""
    note: str = ""
    typed: str = ""


@dataclass(slots=True)
class Answers:
    """Answers in the file's order; each is used once."""

    given: list[Given] = field(default_factory=list)
    yes: bool = False

    def take(self, state: RunState, gate: Gate) -> Given | None:
        """Return and use up the first answer that fits a gate; None when a person has to answer."""
        turn = state.plan.turns[gate.turn]
        step = state.plan.step_of(turn).step.id
        for number, given in enumerate(self.given):
            fits_batch = given.batch is None or given.batch == turn.batch + 1
            fits_at = given.at in (None, gate.at) or (given.at is At.GO and gate.at is At.BATCH)
            if given.step == step and fits_at and fits_batch and given.answer in gate.choices:
                return self.given.pop(number)
        # A document that was not written for us never runs unattended.
        if self.yes and gate.at in _PLAIN and state.plan.ours:
            return Given(step, Answer.GO)
        return None


def load_answers(path: Path) -> list[Given]:
    """Read an answers file; raise UsageError naming the entry that is wrong."""
    import yaml

    try:
        data = yaml.load(path.read_bytes(), Loader=yaml.BaseLoader)  # noqa: S506 - strings only
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
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
    if not isinstance(entry, Mapping) or not {"step", "answer"} <= set(entry):
        raise UsageError(f"{where} needs `step` and `answer`")
    if unknown := set(entry) - _KEYS:
        raise UsageError(f"{where} has unknown keys: {', '.join(sorted(unknown))}")
    try:
        return Given(
            step=entry["step"],
            answer=Answer(entry["answer"]),
            at=At(entry["at"]) if "at" in entry else None,
            batch=int(entry["batch"]) if "batch" in entry else None,
            reason=entry.get("reason", ""),
            note=entry.get("note", ""),
            typed=entry.get("typed", ""),
        )
    except ValueError as error:
        raise UsageError(f"{where}: {error}") from None
