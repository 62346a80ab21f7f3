"""Everything that can be found out about a runbook before it runs."""

from __future__ import annotations

import os
import re
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from gonogo.errors import InventoryError, RunbookError
from gonogo.format.checks.source import Source
from gonogo.format.load import load
from gonogo.format.model import Place, Problem, Runbook, Severity
from gonogo.text import clean_line

from .cloud import check_clouds
from .hosts import Inventories, check_hosts
from .inputs import check_inputs
from .signers import check_signers
from .via import check_executors

_SHORTEST = 4
"""Letters of a secret that is covered: shorter ones stand in ordinary words."""


class Checked(Struct, frozen=True):
    """A file and its mistakes in order. `source` has the lines to show them in, where it could be read.

    `secrets` stand in those lines, and are not to be shown: what is told here goes to logs that others read.
    """

    file: str
    problems: tuple[Problem, ...]
    source: Source | None = None
    ours: bool = True
    secrets: tuple[str, ...] = ()

    def count(self, severity: Severity) -> int:
        """Return how many of its mistakes are of a severity."""
        return sum(problem.severity is severity for problem in self.problems)

    def length(self, problem: Problem) -> int:
        """Return how many letters of its line a mistake is about; 0 where that is not known."""
        return problem.length or (self.source.length(problem.place) if self.source else 0)


def check_file(file: Path, inventories: Inventories) -> Checked:
    """Check one file; what keeps it from being read is its one mistake."""
    shown = str(file)
    try:
        loaded = load(file)
    except RunbookError as error:
        return Checked(shown, (_unreadable(shown, error),))
    runbook = loaded.runbook
    source = Source(runbook)
    found = _with_host_variables(loaded.problems, runbook, inventories)
    found += check_hosts(runbook, inventories, source)
    found += check_inputs(runbook, inventories, source)
    found += check_signers(runbook, source)
    found += check_executors(runbook, source)
    found += check_clouds(runbook, inventories, source)
    found += _shellcheck(runbook)
    order = {name: number for number, name in enumerate(source.files())}
    found.sort(key=lambda one: (order.get(one.place.file, 0), one.place.line, one.place.column))
    secrets = _secrets(found, source)
    covered = (
        replace(one, message=cover(one.message, secrets), mend=cover(one.mend, secrets)) for one in found
    )
    return Checked(shown, tuple(covered), source, runbook.ours, secrets)


def _secrets(problems: list[Problem], source: Source) -> tuple[str, ...]:
    """Return what was found to be secret, the longest first."""
    found = set()
    for one in problems:
        if one.code == "secret":
            line = source.line(one.place)
            found.add(line[one.place.column - 1 : one.place.column - 1 + one.length].strip("\"'"))
    return tuple(sorted((one for one in found if len(one) >= _SHORTEST), key=len, reverse=True))


def cover(text: str, secrets: tuple[str, ...]) -> str:
    """Return a text with as many asterisks in place of each secret."""
    for secret in secrets:
        text = text.replace(secret, "*" * len(secret))
    return text


def _unreadable(file: str, error: RunbookError) -> Problem:
    """Return why a file could not be read, at the place that the error names."""
    match = re.match(r"(?::(\d+):(\d+))?: ", error.what.removeprefix(clean_line(file)))
    if match is None or not error.what.startswith(clean_line(file)):
        return Problem(Place(file), Severity.ERROR, "unreadable", error.what, error.mend)
    place = Place(file, int(match[1] or 1), int(match[2] or 1))
    what = error.what.removeprefix(clean_line(file))[match.end() :]
    return Problem(place, Severity.ERROR, "unreadable", what, error.mend)


def _with_host_variables(
    problems: tuple[Problem, ...], runbook: Runbook, inventories: Inventories
) -> list[Problem]:
    """Take out what is no mistake once the inventory's variables are known."""
    if not any(problem.code == "undefined-variable" for problem in problems):
        return list(problems)
    inventory = inventories.of(runbook)
    if inventory is None or isinstance(inventory, InventoryError):
        return list(problems)
    from gonogo.format.checks.variables import undefined

    names = frozenset(name for host in inventory.hosts.values() for name in host.vars)
    still = set(undefined(runbook, names))
    return [
        problem
        for problem in problems
        if problem.code != "undefined-variable" or (problem.place, problem.message) in still
    ]


def _shellcheck(runbook: Runbook) -> tuple[Problem, ...]:
    # A relative folder would be the one that the operator stands in.
    folders = filter(os.path.isabs, os.environ.get("PATH", os.defpath).split(os.pathsep))
    names = (os.path.join(folder, "shellcheck") for folder in folders)
    program = next((name for name in names if os.path.isfile(name) and os.access(name, os.X_OK)), None)
    if program is None:
        return ()
    from gonogo.format.checks.shellcheck import shellcheck

    return shellcheck(runbook, program)


def strict(checked: Checked) -> Checked:
    """Return it with every warning an error."""
    return replace(
        checked, problems=tuple(replace(problem, severity=Severity.ERROR) for problem in checked.problems)
    )
