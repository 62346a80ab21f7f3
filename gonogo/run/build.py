"""A runbook and an inventory become a plan: hosts resolved, batches cut, turns in order."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from itertools import groupby

from msgspec.structs import replace

from gonogo.errors import InventoryError, RunbookError
from gonogo.format.model import Kind, Monitor, Options, Runbook, Section, Step
from gonogo.hosts import resolve
from gonogo.hosts.here import LOCALHOST, is_here
from gonogo.hosts.model import Inventory

from .batches import cut, ordered
from .inputs import NAMED
from .plan import Plan, PlannedHost, PlannedInput, PlannedMonitor, PlannedStep, Turn

_CONNECTION = frozenset(
    f"ansible_{name}"
    for name in (
        *("connection", "host", "port", "user", "private_key_file"),
        *("ssh_host", "ssh_port", "ssh_user", "ssh_private_key_file", "ssh_common_args", "ssh_extra_args"),
    )
)


def build(
    runbook: Runbook,
    inventory: Inventory | None,
    inputs: tuple[PlannedInput, ...] = (),
    pace: str = "step",
    among: Collection[str] | None = None,
) -> Plan:
    """Return the plan of a runbook; raise RunbookError or InventoryError where hosts don't resolve.

    `among` are the hosts that it may touch; None for all.
    """
    values = {given.name: given.value or "" for given in inputs if not given.secret}
    late = tuple(given.name for given in inputs if given.reached)

    def plan_step(step: Step, above: tuple[Section, ...]) -> PlannedStep:
        return _plan_step(step, above, inventory, values, late, among)

    steps = _in_every_batch([plan_step(step, above) for above, step in runbook.steps() if not step.test])
    watched = [_monitor(one, plan_step(one.step, ())) for one in runbook.monitors]
    monitors = tuple(one for one in watched if one.hosts)
    tests = tuple(_test(plan_step(step, above)) for above, step in runbook.tests())
    if not steps:
        raise RunbookError(
            f"{runbook.path}: there is nothing to do: no code block runs and there is no checkbox",
            "Write a fenced block in `sh`, or a `- [ ]` item.",
        )
    return Plan(
        title=runbook.title,
        path=runbook.path,
        ours=runbook.ours,
        pace=pace,
        steps=steps,
        turns=_turns(steps),
        hosts=_hosts((*steps, *tests, *(one.planned for one in monitors)), inventory),
        inputs=inputs,
        blast_radius=runbook.blast_radius,
        roles=dict(runbook.roles),
        monitors=monitors,
        tests=tuple(one for one in tests if one.hosts),
    )


def _monitor(monitor: Monitor, planned: PlannedStep) -> PlannedMonitor:
    if planned.needs:
        raise RunbookError(
            f"{monitor.step.place}: the monitor {monitor.name!r} uses an input asked for when reached",
            "Monitors run from the start: ask for it at the start.",
        )
    return PlannedMonitor(monitor, planned.hosts)


def _test(planned: PlannedStep) -> PlannedStep:
    """Return a test as a round runs it: on all its hosts at once, rolling with nothing."""
    return replace(planned, batches=(planned.hosts,), rolling=None)


def _plan_step(
    step: Step,
    above: tuple[Section, ...],
    inventory: Inventory | None,
    values: Mapping[str, str],
    late: tuple[str, ...],
    among: Collection[str] | None,
) -> PlannedStep:
    rolling = next((section for section in reversed(above) if section.rolling), None)
    own = step.options
    if is_here(own.hosts, inventory):
        own = replace(own, hosts=None)
        step = replace(step, options=own)
    rule = rolling.rolling if rolling and rolling.rolling else own
    hosts = _resolve(step, own, inventory, values, late) if step.kind is Kind.RUN else ()
    if among is not None and own.hosts is not None:
        hosts = tuple(host for host in hosts if host in among)
    hosts = ordered(hosts, own.order)
    titles = tuple(section.title for section in above)
    batches = cut(hosts, rule.batch) if hosts else ((),)
    needs = tuple(name for name in late if name in _words(step))
    return PlannedStep(step, titles, hosts, batches, rolling.id if rolling else None, rule.between, needs)


def _words(step: Step) -> set[str]:
    """Return every word in what a step runs and asks."""
    scripts = [one.text for one in (step.script, step.check, step.rollback) if one]
    return set(re.findall(r"\w+", " ".join([*scripts, step.options.when or "", step.options.expect or ""])))


def _resolve(
    step: Step,
    options: Options,
    inventory: Inventory | None,
    values: Mapping[str, str],
    late: tuple[str, ...],
) -> tuple[str, ...]:
    if options.hosts is None:
        return (LOCALHOST,)
    if asked_late := sorted(set(NAMED.findall(options.hosts)) & set(late)):
        raise RunbookError(
            f"{step.place}: the hosts of step {step.id!r} depend on {asked_late[0]}, asked for when reached",
            "Hosts are resolved before the run: ask for it at the start.",
        )
    pattern = NAMED.sub(lambda name: values.get(name[1], name[0]), options.hosts)
    if inventory is None:
        raise RunbookError(
            f"{step.place}: step {step.id!r} names hosts ({pattern}), but there is no inventory",
            "Give -i FILE, or add `inventory: FILE` to the front matter.",
        )
    try:
        return resolve(pattern, inventory)
    except InventoryError as error:
        raise InventoryError(f"{step.place}: {error.what}", error.mend) from None


def _in_every_batch(steps: list[PlannedStep]) -> tuple[PlannedStep, ...]:
    """Have what a rolling section asks a person, or runs on this machine, come in each of its batches."""
    most: dict[str | None, int] = {}
    for planned in steps:
        most[planned.rolling] = max(most.get(planned.rolling, 1), len(planned.batches))
    return tuple(
        replace(planned, batches=planned.batches * most[planned.rolling])
        if planned.rolling and planned.hosts in ((), (LOCALHOST,))
        else planned
        for planned in steps
    )


def _turns(steps: tuple[PlannedStep, ...]) -> tuple[Turn, ...]:
    """Order the turns: step after step, but a rolling section's steps batch by batch, together."""
    turns: list[Turn] = []
    numbered = list(enumerate(steps))
    for _, run in groupby(numbered, key=lambda pair: pair[1].rolling or f"step {pair[0]}"):
        group = list(run)
        for batch in range(max(len(planned.batches) for _, planned in group)):
            opens = True
            for index, planned in group:
                if batch >= len(planned.batches):
                    continue
                hosts = planned.batches[batch]
                turns.append(Turn(len(turns), index, batch, len(planned.batches), hosts, opens))
                opens = False
    return tuple(turns)


def _hosts(steps: tuple[PlannedStep, ...], inventory: Inventory | None) -> dict[str, PlannedHost]:
    """Keep of each host's variables only how to reach it and what a script names."""
    named: set[str] = set()
    for planned in steps:
        for script in (planned.step.script, planned.step.check, planned.step.rollback):
            named.update(NAMED.findall(script.text) if script else ())
        named.update(NAMED.findall(planned.step.options.when or ""))
    found: dict[str, PlannedHost] = {}
    for name in dict.fromkeys(host for planned in steps for host in planned.hosts):
        known = inventory.hosts.get(name) if inventory else None
        variables = known.vars if known else {}
        found[name] = PlannedHost(
            connection_of(variables),
            {key: str(value) for key, value in variables.items() if key in named},
        )
    return found


def connection_of(variables: Mapping[str, object]) -> dict[str, str]:
    """Return those of a host's variables that say how it is reached."""
    return {key: str(value) for key, value in variables.items() if key in _CONNECTION}
