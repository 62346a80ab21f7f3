"""What the screen shows of a run, worked out from its state alone. No toolkit in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from gonogo.format.model import Kind
from gonogo.hosts import fold
from gonogo.run.plan import Plan, PlannedStep, Turn
from gonogo.run.state import BAD, HostRun, HostState, Phase, RunState, TurnState
from gonogo.text import clean_line

from .lines import Span, clip
from .symbols import DONE, HOSTS, STEPS, TODO, Look
from .words import counts, duration, limit, many, size

STRIP = 8
"""Batches drawn one by one; more are drawn as shares of so many cells."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the checklist: a section's heading (`step` None) or a step."""

    title: str
    depth: int
    step: int | None = None


class Outline:
    """The plan as checklist rows, and where each step stands. Made once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.rows: list[Row] = []
        self.row_of: list[int] = []
        """Row of each step."""
        self.turns_of: list[list[int]] = [[] for _ in plan.steps]
        for turn in plan.turns:
            self.turns_of[turn.step].append(turn.index)
        above: tuple[str, ...] = ()
        for number, planned in enumerate(plan.steps):
            same = 0
            while same < min(len(above), len(planned.sections)) and above[same] == planned.sections[same]:
                same += 1
            for depth in range(same, len(planned.sections)):
                self.rows.append(Row(clean_line(planned.sections[depth]), depth))
            above = planned.sections
            self.row_of.append(len(self.rows))
            self.rows.append(Row(clean_line(planned.step.title), len(planned.sections), number))

    def current(self, state: RunState) -> int | None:
        """Return the turn that the run is at: the open gate's, the running one's, or the next."""
        if state.gate is not None:
            return state.gate.turn
        turn = state.current
        return None if turn is None else turn.index

    def turn_to_show(self, state: RunState, step: int) -> int:
        """Return the turn of a step that matters now: the current one, else the last begun."""
        turns = self.turns_of[step]
        current = self.current(state)
        if current in turns:
            return current
        begun = [turn for turn in turns if state.turns[turn].started is not None]
        return begun[-1] if begun else turns[0]


def step_look(outline: Outline, state: RunState, step: int) -> Look:
    """Return how a step stands, over all its batches."""
    turns = [state.turns[index] for index in outline.turns_of[step]]
    results = [turn.result for turn in turns if turn.result is not None]
    if any(turn.running for turn in turns):
        return STEPS["running"]
    if state.gate is not None and state.gate.turn in outline.turns_of[step]:
        return STEPS["failed" if state.turns[state.gate.turn].bad() else "waiting"]
    if len(results) == len(turns):
        for worst in ("aborted", "no-go", "rolled-back", "by-hand", "warn"):
            if worst in results:
                return STEPS[worst]
        return STEPS["ok" if "ok" in results else "skipped"]
    return STEPS["between" if results else "pending"]


def tail(outline: Outline, state: RunState, step: int, now: int, *, short: bool = False) -> str:
    """Return what stands at the right of a step's line: batches, hosts, time; the batches alone if short."""
    turns = [state.turns[index] for index in outline.turns_of[step]]
    planned = outline.plan.steps[step]
    done = sum(turn.result is not None for turn in turns)
    if short:
        return f"{done}/{len(turns)}" if len(turns) > 1 else ""
    parts = []
    if len(turns) > 1:
        parts.append(strip(done, len(turns)))
    elif planned.step.kind is Kind.RUN and planned.step.options.hosts is not None:
        parts.append(f"{len(planned.hosts):,}")
    if taken := time_of(turns, now):
        parts.append(taken)
    return "  ".join(parts)


def strip(done: int, batches: int) -> str:
    """Return `▰▰▱▱ 2/4`: batches done of all."""
    cells = min(batches, STRIP)
    full = done * cells // batches
    return DONE * full + TODO * (cells - full) + f" {done}/{batches}"


def time_of(turns: list[TurnState], now: int) -> str:
    """Return how long the step has taken so far, all batches together; empty before it began."""
    total = 0
    for turn in turns:
        if turn.started is not None:
            total += (now if turn.ended is None else turn.ended) - turn.started
    return duration(total) if any(turn.started is not None for turn in turns) else ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a turn's script is on its hosts."""

    done: int
    total: int
    failed: int
    running: int
    since: int | None


def progress(turn: TurnState) -> Progress:
    """Count a turn's hosts."""
    found = turn.counts()
    total = len(turn.hosts) - found.get(HostState.LEFT_OUT, 0)
    out = found.get(HostState.RUNNING, 0)
    waiting = found.get(HostState.PENDING, 0) + found.get(HostState.TO_ROLL_BACK, 0)
    if turn.running and turn.phase is Phase.CHECK:
        waiting += sum(
            host.phase is Phase.RUN and host.state in (HostState.OK, HostState.WARN)
            for host in turn.hosts.values()
        )
    failed = sum(number for state, number in found.items() if state in BAD)
    return Progress(max(total - out - waiting, 0), total, failed, out, turn.started)


@dataclass(frozen=True, slots=True)
class Group:
    """Hosts that printed the very same."""

    hosts: tuple[str, ...]
    text: tuple[str, ...]
    """The first lines, clean."""
    bytes: int
    more: bool
    """There is more than `text` shows."""
    odd: bool
    """Not the majority."""
    looks: tuple[Look, ...]
    """The states its hosts are in."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Hosts that are not ok for the same reason."""

    state: HostState
    why: str
    hosts: tuple[str, ...]


def groups(turn: TurnState) -> list[Group]:
    """Return identical output together: the majority first, then the odd ones, rarest last."""
    found: dict[str, list[tuple[str, HostRun]]] = {}
    for name, host in turn.hosts.items():
        silent = host.state in BAD and not host.out_bytes + host.err_bytes
        if host.ended is not None and host.output and not silent:
            found.setdefault(host.output, []).append((name, host))
    ordered = sorted(found.values(), key=lambda members: -len(members))
    return [_group(members, odd=place > 0) for place, members in enumerate(ordered)]


def _group(members: list[tuple[str, HostRun]], *, odd: bool) -> Group:
    first = members[0][1]
    total = first.out_bytes + first.err_bytes
    looks = {HOSTS[host.state].word: HOSTS[host.state] for _, host in members}
    return Group(
        hosts=tuple(name for name, _ in members),
        text=tuple(first.excerpt.split("\n")) if first.excerpt else (),
        bytes=total,
        more=total > len(first.excerpt.encode()) + 64,
        odd=odd,
        looks=tuple(looks.values()),
    )


def reasons(turn: TurnState) -> list[Reason]:
    """Return why hosts are not ok, hosts with one reason together, most hosts first."""
    found: dict[tuple[HostState, str], list[str]] = {}
    for name, host in turn.hosts.items():
        if host.state in BAD:
            found.setdefault((host.state, host.why or outcome(host)), []).append(name)
    ordered = sorted(found.items(), key=lambda item: -len(item[1]))
    return [Reason(state, why, tuple(hosts)) for (state, why), hosts in ordered]


def outcome(host: HostRun) -> str:
    """Return a host's end in words: `exit 1 after 2.3 s`."""
    if host.state is HostState.PENDING:
        return "not begun"
    if host.ended is None:
        return HOSTS[host.state].word
    words = f"exit {host.code}" if host.code is not None else (host.how or HOSTS[host.state].word)
    if host.started is not None and host.ended >= host.started:
        words += f" after {duration(host.ended - host.started)}"
    return words


def folded(hosts: tuple[str, ...] | list[str], cells: int = 0) -> str:
    """Return hosts folded for the eye, cut to so many cells when given."""
    text = _fold(tuple(hosts)) if hosts else "no hosts"
    return clip(text, cells) if cells else text


@lru_cache(maxsize=256)
def _fold(hosts: tuple[str, ...]) -> str:
    """Folding takes 10 µs a host: 50 ms for 5,000."""
    return clean_line(fold(hosts))


def host_title(name: str, host: HostRun) -> list[Span]:
    """Return the line that heads one host's stream."""
    look = HOSTS[host.state]
    spans: list[Span] = [(f"{look.symbol} ", look.style), (clean_line(name), "title")]
    spans.append((f"  {clean_line(outcome(host))}", look.style))
    if host.attempt > 1:
        spans.append((f" · attempt {host.attempt}", "dim"))
    if total := host.out_bytes + host.err_bytes:
        spans.append((f" · {size(total)}", "dim"))
    return spans


def evidence(found: Mapping[str, Any]) -> list[Span]:
    """Return a gate's evidence in words; empty when there is none that a person needs."""
    spans: list[Span] = []
    numbers = found.get("counts")
    if isinstance(numbers, dict) and numbers and "batch" in found:
        spans.append((f"batch {found['batch']}: ", "dim"))
        for name, number in numbers.items():
            look = next((one for state, one in HOSTS.items() if state.value == name), None)
            word = look.word if look else clean_line(str(name))
            spans.append((f"{look.symbol if look else ''} {number} {word}  ", look.style if look else ""))
    slowest = found.get("slowest")
    if slowest and isinstance(found.get("slowest_ns"), int):
        spans.append((f"slowest {clean_line(str(slowest))}, {duration(found['slowest_ns'])}", "dim"))
    return spans


def before(state: RunState, turn: int) -> list[Span]:
    """Return what the turn before this one came to, where it ran something; else nothing."""
    if turn == 0 or not any(host.touched for host in state.turns[turn - 1].hosts.values()):
        return []
    last = state.turns[turn - 1]
    planned = state.plan.step_of(state.plan.turns[turn - 1])
    spans: list[Span] = [("before this: ", "dim"), (clean_line(planned.step.title), ""), ("  ", "")]
    spans += counts(last.counts())
    kinds = len({host.output for host in last.hosts.values() if host.output})
    if kinds > 1:
        spans.append((f" · {kinds} different outputs", "odd"))
    return spans


def where(planned: PlannedStep, turn: Turn) -> list[Span]:
    """Return how a step will reach its hosts: `as root · via ssh · timeout 15m`."""
    options = planned.step.options
    parts = []
    if turn.batches > 1:
        parts.append(f"batch {turn.batch + 1} of {turn.batches}")
    if options.run_as:
        parts.append(f"as {clean_line(options.run_as)}")
    parts.append(f"via {clean_line(options.via or ('ssh' if options.hosts else 'local'))}")
    if options.parallel:
        parts.append(f"{options.parallel} at once")
    if options.timeout:
        parts.append(f"timeout {limit(options.timeout)}")
    if options.cwd:
        parts.append(f"in {clean_line(options.cwd)}")
    return [(" · ".join(parts), "dim")]


def left(turn: TurnState) -> str:
    """Return `, 3 left out` when hosts of a turn are, else nothing."""
    out = len(turn.in_state(HostState.LEFT_OUT))
    return f", {many(out)} left out" if out else ""
