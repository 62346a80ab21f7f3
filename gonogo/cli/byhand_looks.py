"""What a person in plain lines looks at: steps, hosts, one host's output, a text in all of it, notes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gonogo.errors import RunError
from gonogo.hosts import fold
from gonogo.run.state import HostState, RunState
from gonogo.text import clean_bytes, clean_line, many
from gonogo.trail.output import OutputReader, output_path
from gonogo.tui.outline import Outline, step_look, tail
from gonogo.tui.words import clock

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


def step_id(state: RunState, word: str) -> str:
    """Return the name of the step that a number or a name stands for."""
    outline = Outline(state.plan)
    if word.isascii() and word.isdecimal() and len(word) < 10 and 0 < int(word) <= len(outline.steps):
        return state.plan.steps[outline.steps[int(word) - 1]].step.id
    return word


def hosts(state: RunState, step: str) -> Iterator[str]:
    """Yield a step's hosts, folded by how they stand, each with why; no step: the one that the run is at."""
    groups: dict[tuple[str, str], list[str]] = {}
    for name, host in state.turns[_turn(state, step)].hosts.items():
        # While it runs it still holds why the attempt before ended as it did.
        why = "" if host.state is HostState.RUNNING else host.why
        groups.setdefault((host.state.value, why), []).append(name)
    for (stands, why), names in groups.items():
        words = f"{many(len(names))} {stands}: {clean_line(fold(names))}"
        yield f"{words}: {clean_line(why)}" if why else words


def output(run: Path, state: RunState, words: str) -> Iterator[str]:
    """Yield what a host printed in the latest attempt; `words` are the host and, if any, the step."""
    host, _, step = words.partition(" ")
    turn = _turn(state, step.strip())
    if host not in state.turns[turn].hosts:
        raise RunError(f"the step has no host {clean_line(host)[:80]!r}", "`hosts` lists them.")
    last, all_of_it = b"", 0
    for chunk in OutputReader(output_path(run, turn, state.turns[turn].attempt)).more(1 << 62):
        if chunk.host == host:
            all_of_it += len(chunk.data)
            last = (last + chunk.data)[-LONGEST:]
    if all_of_it > len(last):
        yield f"... the last {len(last):,} of {all_of_it:,} bytes"
    lines = last.split(b"\n")
    yield from (clean_bytes(line.rstrip(b"\r")) for line in (lines if lines[-1] else lines[:-1]))
    if not all_of_it:
        yield "(printed nothing)"


def search(run: Path, state: RunState, words: str) -> Iterator[str]:
    """Yield the lines with a text, in capitals or not, of all hosts in a step's latest attempt.

    `words` are the text, behind `step=STEP ` for another step than the one that the run is at.
    """
    step = ""
    if words.startswith("step="):
        step, _, words = words[5:].partition(" ")
    wanted = words.strip().lower()
    if not wanted:
        raise RunError("there is no text to search for", "Write `search TEXT`, or `search step=3 TEXT`.")
    turn = _turn(state, step)
    found = 0
    with_it: dict[str, None] = {}
    for host, line in _lines(output_path(run, turn, state.turns[turn].attempt)):
        if wanted in line.lower():
            found += 1
            with_it[host] = None
            if found <= FOUND:
                yield f"{clean_line(host)}: {line}"
    more = f", the first {FOUND} are told" if found > FOUND else ""
    yield f"{many(found, 'line')} on {many(len(with_it))}{more}." if found else "No line has that."


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """Yield every line with its host, cleaned; one longer than `LONGEST` in pieces."""
    begun: dict[str, bytes] = {}
    for chunk in OutputReader(path).more(1 << 62):
        *lines, rest = (begun.pop(chunk.host, b"") + chunk.data).split(b"\n")
        if len(rest) > LONGEST:
            lines, rest = [*lines, rest], b""
        if rest:
            begun[chunk.host] = rest
        yield from ((chunk.host, clean_bytes(line.rstrip(b"\r"))) for line in lines)
    yield from ((host, clean_bytes(rest)) for host, rest in begun.items())


def notes(state: RunState) -> Iterator[str]:
    """Yield the notes."""
    for one in state.notes:
        yield f"{clock(one['m'])} {clean_line(one['by'])}: {clean_line(one['text'])}"
    if not state.notes:
        yield "No note was written yet."


def _turn(state: RunState, step: str) -> int:
    """Return a step's turn, that of the run when none is named; raise RunError when there is none."""
    if step:
        outline, wanted = Outline(state.plan), step_id(state, step)
        for number in outline.steps:
            if state.plan.steps[number].step.id == wanted:
                return outline.turn_to_show(state, number)
        raise RunError(f"there is no step {clean_line(step)[:80]!r}", "`steps` lists them.")
    if state.gate is not None:
        return state.gate.turn
    return 0 if state.current is None else state.current.index
