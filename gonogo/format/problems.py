"""Collecting mistakes, so that all of them are told at once."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct, field

from .model import Place, Problem, Severity

LIMIT = 1000
"""Mistakes of one document that are kept: a hostile one may hold millions."""


class Problems(Struct):
    """Every mistake found so far, each once."""

    found: list[Problem] = field(default_factory=list)
    _seen: set[tuple[Place, str, str]] = field(default_factory=set)
    _counts: Counter[Severity] = field(default_factory=Counter)

    def takes(self, severity: Severity) -> bool:
        """Tell whether one more of a severity would be kept; if not, its place needs no looking for."""
        return self._counts[severity] <= LIMIT

    def error(self, place: Place, code: str, message: str, mend: str = "", length: int = 0) -> None:
        """Add a mistake that keeps the runbook from running."""
        self.add(Problem(place, Severity.ERROR, code, message, mend, length))

    def warn(self, place: Place, code: str, message: str, mend: str = "", length: int = 0) -> None:
        """Add a mistake that a person should look at."""
        self.add(Problem(place, Severity.WARNING, code, message, mend, length))

    def add(self, problem: Problem) -> None:
        """Add a mistake; one told before is dropped, and so is what comes past the limit of its severity."""
        key = (problem.place, problem.code, problem.message)
        if key in self._seen or not self.takes(problem.severity):
            return
        if self._counts[problem.severity] == LIMIT:
            # As bad as those that are not told: warnings alone never keep a long document from running.
            what = f"there are more than {LIMIT} {problem.severity}s; those that follow are not told"
            problem = Problem(problem.place, problem.severity, "too-many", what, "Mend these first.")
        self._counts[problem.severity] += 1
        self._seen.add(key)
        self.found.append(problem)
