"""Collecting mistakes, so that all of them are told at once."""

from __future__ import annotations

from dataclasses import dataclass, field

from .model import Place, Problem, Severity


@dataclass(slots=True)
class Problems:
    """Every mistake found so far."""

    found: list[Problem] = field(default_factory=list)

    def error(self, place: Place, code: str, message: str, mend: str = "") -> None:
        """Add a mistake that keeps the runbook from running."""
        self.found.append(Problem(place, Severity.ERROR, code, message, mend))

    def warn(self, place: Place, code: str, message: str, mend: str = "") -> None:
        """Add a mistake that a person should look at."""
        self.found.append(Problem(place, Severity.WARNING, code, message, mend))
