"""What a person in plain lines looks at: steps, hosts, one host's output, a text in all of it, notes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from gonogo.errors import RunError
from gonogo.hosts import fold
from gonogo.hosts.here import LOCALHOST
from gonogo.run.replay.search import find_output
from gonogo.run.state import At, HostState, RunState
from gonogo.text import clean_bytes, clean_line, many
from gonogo.trail.output import chunks, output_path
from gonogo.tui.deeds import step_called
from gonogo.tui.outline import Outline, step_look, tail
from gonogo.tui.words import clock

from .step import described

LONGEST = 64 << 10
"""Bytes of a host's output that are told, the last ones."""
FOUND = 50
"""Lines with a text that are told."""


def steps(state: RunState) -> Iterator[str]:
    """Yield every step with its number, how it stands, and its name for `jump`."""
    outline = Outline(state.plan)
    at = outline.current(state)
    here = -1 if at is None else state.plan.turns[at].step
    for number, step in enumerate(outline.steps, 1):
        one = state.plan.steps[step].step
        look, rest = step_look(outline, state, step), tail(outline, state, step, state.now)
        mark = ">" if step == here else " "
        told = f"{mark} {number}. {clean_line(one.title)}: {look.word}"
        yield "  ".join(part for part in (told, rest, f"[{clean_line(one.id)}]") if part)


def step_number(state: RunState, word: str) -> int:
    """Return the step that a number, as `steps` tells it, or a name stands for, or raise RunError."""
    outline = Outline(state.plan)
    with contextlib.suppress(ValueError):
        return step_called(outline, word)
    for number in outline.steps:
        if state.plan.steps[number].step.id == word:
            return number
    raise RunError(f"there is no step {clean_line(word)[:80]!r}", "`steps` lists them.")


def step(state: RunState, words: str) -> Iterator[str]:
    """Yield all of a step before it runs; no words: of the one that the run is at."""
    number = step_number(state, words) if words else state.plan.turns[_turn(state, "")].step
    yield from described(state, number)


def step_to_edit(state: RunState, words: str) -> tuple[int, str]:
    """Return (step, other words): the one whose name the words begin with, else the one the run is at."""
    first, _, rest = words.partition(" ")
    named = {state.plan.steps[number].step.id: number for number in Outline(state.plan).steps}
    if first in named:
        return named[first], rest
    return state.plan.turns[_turn(state, "")].step, words


def hosts(state: RunState, step: str) -> Iterator[str]:
    """Yield a step's hosts, folded by how they stand, each with why; no step: the one that the run is at."""
    gate = state.gate
    if not step and gate is not None and gate.at is At.START:
        yield f"Nothing has run yet; {_all_hosts(state)}"
        return
    groups: dict[tuple[str, str], list[str]] = {}
    for name, host in state.turns[_turn(state, step)].hosts.items():
        # While it runs it still holds why the attempt before ended as it did.
        why = "" if host.state is HostState.RUNNING else host.why
        groups.setdefault((host.state.value, why), []).append(name)
    for (stands, why), names in groups.items():
        words = f"{many(len(names))} {stands}: {clean_line(fold(names))}"
        yield f"{words}: {clean_line(why)}" if why else words
    if not groups:
        yield "The step runs on no host."


def _all_hosts(state: RunState) -> str:
    """Return all hosts that the run is to reach, folded, and who is left out of it."""
    names = [name for name in state.plan.hosts if name != LOCALHOST and name not in state.left_out]
    told = f"{many(len(names))}: {clean_line(fold(names))}" if names else "it is to run on this machine"
    out = list(state.left_out)
    return f"{told}; {many(len(out))} left out: {clean_line(fold(out))}" if out else told


def output(run: Path, state: RunState, words: str) -> Iterator[str]:
    """Yield what a host printed in the latest attempt; `words` are the host and, if any, the step."""
    host, _, step = words.partition(" ")
    turn = _turn(state, step.strip())
    if host not in state.turns[turn].hosts:
        raise RunError(f"the step has no host {clean_line(host)[:80]!r}", "`hosts` lists them.")
    turn = Outline(state.plan).printed(state, turn, host)
    last, all_of_it = bytearray(), 0
    for chunk in chunks(output_path(run, turn, state.turns[turn].attempt)):
        if chunk.host == host:
            all_of_it += len(chunk.data)
            last += chunk.data
            del last[:-LONGEST]
    if all_of_it > len(last):
        yield f"... the last {len(last):,} of {all_of_it:,} bytes"
    lines = bytes(last).split(b"\n")
    yield from (clean_bytes(line.rstrip(b"\r")) for line in (lines if lines[-1] else lines[:-1]))
    if not all_of_it:
        yield "(printed nothing)"


def search(run: Path, state: RunState, words: str) -> Iterator[str]:
    """Yield where a text stands, in capitals or not, in what a step's hosts printed in the latest attempt.

    `words` are the text, behind `step=STEP ` for another step than the one that the run is at.
    """
    step = ""
    if words.startswith("step="):
        step, _, words = words[5:].partition(" ")
    wanted = words.strip()
    if not wanted:
        raise RunError("there is no text to search for", "Write `search TEXT`, or `search step=3 TEXT`.")
    turn = _turn(state, step)
    found = 0
    with_it: set[str] = set()
    for hit in find_output(output_path(run, turn, state.turns[turn].attempt), turn, wanted, lambda: False):
        if hit is not None:
            found += 1
            with_it.add(hit.host)
            if found <= FOUND:
                yield f"{clean_line(hit.host)}: {hit.text}"
    more = f", the first {FOUND} are told" if found > FOUND else ""
    yield f"{many(found, 'line')} on {many(len(with_it))}{more}." if found else "No line has that."


def notes(state: RunState) -> Iterator[str]:
    """Yield the notes."""
    for one in state.notes:
        yield f"{clock(one['m'])} {clean_line(one['by'])}: {clean_line(one['text'])}"
    if not state.notes:
        yield "No note was written yet."


def _turn(state: RunState, step: str) -> int:
    """Return a step's turn, that of the run when none is named; raise RunError when there is none."""
    outline = Outline(state.plan)
    return outline.turn_to_show(state, step_number(state, step)) if step else outline.current(state) or 0
