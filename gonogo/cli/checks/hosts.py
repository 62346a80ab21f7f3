"""Host patterns looked up before anything runs, all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from gonogo.errors import InventoryError
from gonogo.format.checks.source import Source
from gonogo.format.model import Kind, Place, Problem, Runbook, Section, Step
from gonogo.format.problems import Problems

from ..sources import names_cloud

if TYPE_CHECKING:
    from gonogo.hosts.model import Inventory

_NAME = re.compile(r"\$\{?([A-Za-z_]\w*)\}?")
_COMBINATIONS = 50
_MEND = "Add `inventory:` to the front matter, or give -i."


class Inventories:
    """Inventories read once, however many runbooks share them. Programs run only when given by hand."""

    def __init__(self, given: Sequence[Path]) -> None:
        self._given = tuple(given)
        self._read: dict[tuple[Path, ...], Inventory | InventoryError] = {}

    def of(self, runbook: Runbook) -> Inventory | InventoryError | None:
        """Return the runbook's inventory, why there is none, or None when it names none, or a cloud."""
        paths = self._given
        if not paths:
            if runbook.inventory is None or names_cloud(runbook):
                return None
            paths = (Path(runbook.path).parent / runbook.inventory,)
        if paths not in self._read:
            try:
                self._read[paths] = self._load(paths)
            except InventoryError as error:
                self._read[paths] = error
        return self._read[paths]

    def _load(self, paths: tuple[Path, ...]) -> Inventory:
        from gonogo.hosts import load_inventory

        return load_inventory(paths, run_programs=bool(self._given))


def check_hosts(runbook: Runbook, inventories: Inventories, source: Source) -> list[Problem]:
    """Return what is wrong with the inventory and with every step's pattern."""
    problems = Problems()
    steps = [at for at in runbook.commands() if at[1].options.hosts is not None and at[1].kind is Kind.RUN]
    inventory = inventories.of(runbook) if steps or runbook.inventory else None
    if isinstance(inventory, InventoryError):
        place = source.front(runbook.path, "inventory")
        problems.error(place, "inventory", inventory.what, inventory.mend)
    elif inventory is None and steps and not runbook.inventory:
        above, step = steps[0]
        message = f"hosts={step.options.hosts}, but there is no inventory to look it up in"
        problems.warn(source.key(step, above, "hosts"), "no-inventory", message, _MEND)
    elif inventory is not None:
        for above, step in steps:
            for place, error, length in _wrong(runbook, inventory, source, above, step):
                problems.error(place, "hosts", error.what, error.mend, length)
    return problems.found


def _wrong(
    runbook: Runbook, inventory: Inventory, source: Source, above: tuple[Section, ...], step: Step
) -> Iterator[tuple[Place, InventoryError, int]]:
    key = source.key(step, above, "hosts")
    for pattern in _patterns(step.options.hosts or "", runbook):
        for text, error in _errors(pattern, inventory):
            line, whole = source.line(key), step.options.hosts or ""
            start = line.find(whole, key.column - 1)
            at = line.find(text, max(start, key.column - 1))
            if at >= 0:
                yield replace(key, column=at + 1), error, len(text)
            else:
                yield key, error, source.length(key)


def _patterns(pattern: str, runbook: Runbook) -> Iterator[str]:
    """Yield the pattern with each choice of its inputs; nothing where a value cannot be known now."""
    names = list(dict.fromkeys(_NAME.findall(pattern)))
    inputs = {one.name: one for one in runbook.inputs if not one.secret}
    if not all(name in inputs and inputs[name].choices for name in names):
        return
    for number, chosen in enumerate(product(*(inputs[name].choices for name in names))):
        if number >= _COMBINATIONS:
            return
        values = dict(zip(names, chosen, strict=True))
        yield _NAME.sub(lambda name, values=values: values[name[1]], pattern)  # type: ignore[misc]


def _errors(pattern: str, inventory: Inventory) -> Iterator[tuple[str, InventoryError]]:
    """Yield each part of a pattern that is wrong; the whole when only together they are."""
    from gonogo.hosts.terms import split

    whole = _refusal(pattern, inventory)
    if whole is None:
        return
    found = []
    for term in split(pattern, frozenset(name for name in inventory.hosts if ":" in name)):
        if inventory.groups.get(term.text.removeprefix("@")) == ():
            continue
        if (error := _refusal(term.text, inventory)) is not None:
            found.append((term.text, error))
    yield from found or [(pattern, whole)]


def _refusal(pattern: str, inventory: Inventory) -> InventoryError | None:
    from gonogo.hosts import resolve
    from gonogo.hosts.here import is_here

    if is_here(pattern, inventory):
        return None
    try:
        resolve(pattern, inventory)
    except InventoryError as error:
        return error
    return None
