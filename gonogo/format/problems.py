"""Collecting mistakes, so that all of them are told at once."""

from __future__ import annotations

from dataclasses import dataclass, field

from .model import Place, Problem, Severity

LIMIT = 1000
"""Mistakes of one document that are kept: a hostile one may hold millions."""


@dataclass(slots=True)
class Problems:
    """Every mistake found so far, each once."""

    found: list[Problem] = field(default_factory=list)
    _seen: set[tuple[Place, str, str]] = field(default_factory=set)

    @property
    def full(self) -> bool:
        """Tell whether the limit is passed: nothing more is kept."""
        return len(self.found) > LIMIT

    def error(self, place: Place, code: str, message: str, mend: str = "", length: int = 0) -> None:
        """Add a mistake that keeps the runbook from running."""
        self.add(Problem(place, Severity.ERROR, code, message, mend, length))

    def warn(self, place: Place, code: str, message: str, mend: str = "", length: int = 0) -> None:
        """Add a mistake that a person should look at."""
        self.add(Problem(place, Severity.WARNING, code, message, mend, length))

    def add(self, problem: Problem) -> None:
        """Add a mistake; one told before is dropped, and so is what comes past the limit."""
        key = (problem.place, problem.code, problem.message)
        if key in self._seen or self.full:
            return
        if len(self.found) == LIMIT:
            what = f"there are more than {LIMIT} mistakes; those that follow are not told"
            problem = Problem(problem.place, Severity.ERROR, "too-many", what, "Mend these first.")
        self._seen.add(key)
        self.found.append(problem)
