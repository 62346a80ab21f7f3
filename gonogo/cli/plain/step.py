"""A step in plain lines: its hosts and settings, what runs exactly, what the document says of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator

from gonogo.format.mdwrite import spelled
from gonogo.format.model import Kind, Options, Script, Step
from gonogo.format.spell_md import own_words, words_of
from gonogo.hosts import fold
from gonogo.run.inputs import NAMED
from gonogo.run.plan import PlannedInput, PlannedStep
from gonogo.run.state import RunState
from gonogo.text import clean, clean_line
from gonogo.tui.deeds import difference
from gonogo.tui.lines import Line
from gonogo.tui.outline import Outline
from gonogo.tui.prose import prose
from gonogo.tui.turns import left

_UNBROKEN = 1 << 30
"""Cells of a line that is never broken: a command is to be told as it is."""
_ELSEWHERE = ("hosts", "gate", "tags", "no-rollback")
"""Settings that are told by other lines."""


def described(state: RunState, number: int) -> Iterator[str]:
    """Yield all that is to be known of a step before it runs: every line of its commands and its prose."""
    planned = state.plan.steps[number]
    yield from told_step(planned)
    yield from now_on(state, number)
    yield from used_inputs(state, number)
    yield from told_scripts(state, number)
    if words := texts_of(prose(planned.step.prose, columns())):
        yield "document:"
        yield from (f"  {line}" for line in words)


def in_short(state: RunState, number: int) -> Iterator[str]:
    """Yield of a step that was described what may be new since, and what is not to be overlooked."""
    yield from now_on(state, number)
    yield from used_inputs(state, number)
    step = state.plan.steps[number].step
    if step.options.no_rollback:
        yield f"rollback: {_no_way_back(step)}"
    yield "`step` tells again what it runs."


def told_step(planned: PlannedStep) -> Iterator[str]:
    """Yield a step's title, its hosts, and each setting that is not as usual."""
    step = planned.step
    yield f"step:     {clean_line(step.title)}  [{clean_line(step.id)}]"
    yield f"hosts:    {_hosts(planned)}"
    if step.kind is Kind.RUN and not step.options.read_only:
        yield "changes:  yes, it may change something"
    for name, value in _settings(step.options):
        yield f"{name + ':':9} {clean_line(value)}"


def now_on(state: RunState, number: int) -> Iterator[str]:
    """Yield the batch that a step is at, where it has several, and who is left out of it."""
    turn = state.plan.turns[Outline(state.plan).turn_to_show(state, number)]
    without = left(state.turns[turn.index])
    if turn.batches > 1:
        names = clean_line(fold(turn.hosts))
        yield f"batch:    {turn.batch + 1} of {turn.batches}, {len(turn.hosts):,}: {names}{without}"
    elif without:
        yield f"without:  {without.removeprefix(', ')}"


def used_inputs(state: RunState, number: int) -> Iterator[str]:
    """Yield the inputs that a step's commands name."""
    step = state.plan.steps[number].step
    texts = [state.script_of(number), *(one.text for one in (step.check, step.rollback) if one)]
    yield from told_inputs(state, set(NAMED.findall("\n".join(texts))))


def told_inputs(state: RunState, used: Iterable[str] | None = None) -> Iterator[str]:
    """Yield inputs with their values, all or those that are `used`; secrets by name alone."""
    for one in state.plan.inputs:
        if used is None or one.name in used:
            yield f"input:    {clean_line(one.name)} = {clean_line(_value(state, one))}"


def _value(state: RunState, one: PlannedInput) -> str:
    given = state.inputs.get(one.name, one.value)
    return "a secret" if one.secret else "asked for later" if given is None else given


def told_scripts(state: RunState, number: int) -> Iterator[str]:
    """Yield what runs, how it differs from the document, its check, and its way back or that it has none."""
    step = state.plan.steps[number].step
    if step.script is not None:
        edited = " (the operator's own, not the document's)" if number in state.edited else ""
        yield f"runs:{edited}"
        yield from _script(state.script_of(number))
        if number in state.edited:
            yield "differs:"
            both = difference(step.script.text, state.edited[number], _UNBROKEN)
            yield from (f"  {mark[0]}| {code[0]}" for mark, _, code in both if mark[0] != "  ")
    for name, script in (("check", step.check), ("rollback", step.rollback)):
        if isinstance(script, Script):
            yield f"{name}: {spelled(own_words(script))}".rstrip()
            yield from _script(script.text)
    if step.rollback is None and (why := _no_way_back(step)):
        yield f"rollback: {why}"


def _no_way_back(step: Step) -> str:
    if step.options.no_rollback:
        return f"no way back: {clean_line(step.options.no_rollback)}"
    changes = step.kind is Kind.RUN and not step.options.read_only
    return "no way back is written in the document" if changes else ""


def _hosts(planned: PlannedStep) -> str:
    if not planned.hosts:
        waits = planned.step.kind is Kind.WAIT
        return f"none: {'it waits' if waits else 'a person is asked'}, nothing runs"
    batches = f", in {len(planned.batches)} batches" if len(planned.batches) > 1 else ""
    return f"{len(planned.hosts):,}{batches}: {clean_line(fold(planned.hosts))}"


def _settings(options: Options) -> Iterator[tuple[str, str]]:
    """Each setting that is not as usual, as the document writes it."""
    for name, value in words_of(options, Options()).items():
        if name not in _ELSEWHERE:
            yield name, "yes" if value is None else value


def _script(text: str) -> Iterator[str]:
    return (f"  | {line}" for line in clean(text).rstrip("\n").split("\n"))


def texts_of(lines: Iterable[Line]) -> list[str]:
    """Return lines of the screen as bare text."""
    return ["".join(text for text, _ in line).rstrip() for line in lines]


def columns() -> int:
    """Return the cells that words may take: a terminal's without what stands before them."""
    return max(shutil.get_terminal_size().columns - 8, 32)
