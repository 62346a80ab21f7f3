"""What is known of the rounds of the test plan: each test's result, and how it compares with the baseline.

Plain values that the fold makes of the `test.*` records; each is replaced, never changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from gonogo.text import many

NAMED = 50
"""Hosts of one test that are named with why they are not well."""


class Compared(StrEnum):
    """How a test's result stands to that of the baseline."""

    FIRST = "first"
    """There is no baseline, or it has no result of this test."""
    SAME = "same"
    DIFFERS = "differs"
    """As well as then, but it printed something else."""
    NEWLY_FAILING = "newly failing"
    MENDED = "mended"


class Result(Struct, frozen=True):
    """One test in one round."""

    test: int
    """Index into the plan's `tests`."""
    step: str
    """The step's id."""
    title: str
    began: int
    """Nanoseconds since the run began."""
    ended: int | None = None
    passed: bool | None = None
    """Whether all its hosts did well; None while it is out."""
    compared: Compared | None = None
    difference: str = ""
    """What differs, in one line: `-gone +new`."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Host state -> hosts."""
    bad: tuple[tuple[str, str], ...] = ()
    """(host, why it is not well), at most NAMED."""
    excerpt: str = ""
    """What the first host printed, cleaned."""


class TestRound(Struct, frozen=True):
    """The tests run once, one after the other."""

    number: int
    """From 1."""
    by: str
    began: int
    """Nanoseconds since the run began."""
    tests: int
    """How many tests it has."""
    turn: int | None
    """The turn at whose gate it was asked for."""
    ended: int | None = None
    against: str = ""
    """What it was compared with: `round 1`, or another run's name; empty: nothing."""
    results: tuple[Result, ...] = ()
    """Of the tests begun so far, in the plan's order."""
    broken: str = ""
    """Why it did not run to its end; such a round is never a baseline."""

    @property
    def complete(self) -> bool:
        """Whether every test ran to its end."""
        return self.ended is not None and not self.broken

    @property
    def failing(self) -> tuple[Result, ...]:
        """The tests that are not well."""
        return tuple(one for one in self.results if one.passed is False)

    def told(self) -> str:
        """Return the round in one line: what a person wants to know at the gate."""
        name = f"tests, round {self.number}"
        if self.ended is None:
            return f"{name}: {len([one for one in self.results if one.ended])} of {self.tests} done"
        if self.broken:
            return f"{name}: not complete: {self.broken}"
        failed = len(self.failing)
        passed = f"all {self.tests} pass" if self.tests > 1 else "the only one passes"
        words = [f"{failed} of {many(self.tests, 'test')} failed" if failed else passed]
        counts = {kind: [one for one in self.results if one.compared is kind] for kind in Compared}
        for kind in (Compared.NEWLY_FAILING, Compared.DIFFERS, Compared.MENDED):
            if found := counts[kind]:
                named = ", ".join(one.title for one in found[:3])
                words.append(f"{len(found)} {kind}: {named}{' …' if found[3:] else ''}")
        if self.against:
            words.append(f"{len(counts[Compared.SAME])} the same as in {self.against}")
        return f"{name}: {'; '.join(words)}"
