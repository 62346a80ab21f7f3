"""Defaults and choices that the runbook itself would refuse."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from gonogo.errors import InventoryError
from gonogo.format.checks.source import Source
from gonogo.format.model import Input, Problem, Runbook, Severity
from gonogo.text import clean_line

from .hosts import Inventories

_LONGEST = 200
_MEND = "Mend the value, or what it must be."


def check_inputs(runbook: Runbook, inventories: Inventories, source: Source) -> Iterator[Problem]:
    """Yield a problem for each value written in an input that could not be given for it."""
    for one in runbook.inputs:
        if one.place is None:
            continue
        for key, values in (("default", filter(None, [one.default])), ("choices", one.choices)):
            for value in values:
                if why := _refused(one, key, value, runbook, inventories):
                    message = f"{key}: {clean_line(why)}"
                    place, length = source.value(one.place, key, value)
                    yield Problem(place, Severity.ERROR, "bad-input", message, _MEND, length)


def _refused(one: Input, key: str, value: str, runbook: Runbook, inventories: Inventories) -> str:
    pattern = one.pattern if one.pattern and _is_quick(one.pattern) and len(value) <= _LONGEST else None
    is_choice = key == "choices"
    if one.secret or (one.type == "text" and pattern is None and (is_choice or not one.choices)):
        return ""
    from gonogo.run.inputs import accept
    from gonogo.run.plan import PlannedInput

    hosts: Container[str] = ()
    if one.type == "host":
        inventory = inventories.of(runbook)
        if inventory is None or isinstance(inventory, InventoryError):
            return ""
        hosts = inventory.hosts
    choices = () if is_choice else one.choices
    return accept(PlannedInput(one.name, None, choices=choices, type=one.type, pattern=pattern), value, hosts)


def _is_quick(pattern: str) -> bool:
    """Tell whether a pattern cannot run for long: no repeated group, few repetitions."""
    return not re.search(r"\)[*+{]", pattern) and len(re.findall(r"[*+{]", pattern)) <= 3
