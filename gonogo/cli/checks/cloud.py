"""Blocks in `openstack`, read before anything runs."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from gonogo.errors import InventoryError
from gonogo.format.checks.source import Source
from gonogo.format.model import SPOKEN, Place, Problem, Runbook, Script, Severity
from gonogo.text import clean_line

from .hosts import Inventories

_HOST = "host"


def check_clouds(runbook: Runbook, inventories: Inventories, source: Source) -> Iterator[Problem]:
    """Yield the first mistake of each block."""
    blocks = [
        (step, script)
        for _, step in runbook.commands()
        for script in (step.script, step.check, step.rollback)
        if script is not None and script.language in SPOKEN
    ]
    if not blocks:
        return
    from gonogo.executors.openstack.commands import COMMANDS, WORDS
    from gonogo.executors.openstack.language import Mistake, NoValue, parse

    names = _names(runbook, inventories)
    severity = Severity.ERROR if runbook.ours else Severity.WARNING
    looks = {id(step) for _, step in runbook.tests()} | {id(one.step) for one in runbook.monitors}
    for step, script in blocks:
        env = dict(step.options.env)
        try:
            for ask in parse(script.text, dict.fromkeys([*names, *env, _HOST], "x"), WORDS):
                if COMMANDS[ask.name].changes and id(step) in looks and script is step.script:
                    place = _place(script, ask.line, source)
                    what = f"{clean_line(step.title)!r} only looks, and this changes something: {ask.name}"
                    yield Problem(place, severity, "changes", what, "Make it a step of the run.")
        except NoValue as error:
            place = _place(script, error.line, source)
            yield Problem(place, Severity.WARNING, "undefined-variable", error.said, error.mend)
        except Mistake as error:
            place = _place(script, error.line, source)
            yield Problem(place, severity, "openstack", error.said, error.mend)


def _names(runbook: Runbook, inventories: Inventories) -> set[str]:
    """Return all names that have a value somewhere in the run."""
    found = {one.name for one in runbook.inputs}
    for _, step in runbook.steps():
        found.update(filter(None, (step.options.capture, *step.options.capture_keys)))
    inventory = inventories.of(runbook)
    if inventory is not None and not isinstance(inventory, InventoryError):
        found.update(name for host in inventory.hosts.values() for name in host.vars)
    return found


def _place(script: Script, line: int, source: Source) -> Place:
    """Return where a line of a block stands: under its fence or key, or right behind the key."""
    place = script.place or Place("")
    text = script.text.splitlines()[line - 1].strip() if script.text.strip() else ""
    for further in range(len(script.text.splitlines()) + 1):
        at = replace(place, line=place.line + further, column=1)
        if further >= line - 1 and text and (column := source.line(at).find(text)) >= 0:
            return replace(at, column=column + 1)
    return place
