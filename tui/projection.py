"""What the screen shows of a turn and its hosts, worked out from its state alone. No toolkit in here."""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from gonogo.hosts import fold
from gonogo.run.ports import Ended
from gonogo.run.state import BAD, HostRun, HostState, Phase, TurnState
from gonogo.text import clean_line

from .lines import Span, clip
from .symbols import HOSTS, Look
from .words import duration, size

_TO_COME = (HostState.PENDING, HostState.AGAIN, HostState.TO_ROLL_BACK)


class Progress(Struct, frozen=True):
    """How far a turn's script is on its hosts."""

    done: int
    total: int
    failed: int
    running: int
    since: int | None


def progress(turn: TurnState) -> Progress:
    """Count a turn's hosts."""
    found = turn.counts()
    total = len(turn.live())
    out = found.get(HostState.RUNNING, 0)
    waiting = sum(found.get(state, 0) for state in _TO_COME)
    if turn.running and turn.phase is Phase.CHECK:
        waiting += sum(
            host.phase is Phase.RUN and host.state in (HostState.OK, HostState.WARN)
            for host in turn.hosts.values()
        )
    failed = sum(number for state, number in found.items() if state in BAD)
    return Progress(max(total - out - waiting, 0), total, failed, out, turn.started)


class Group(Struct, frozen=True):
    """Hosts that printed the very same."""

    hosts: tuple[str, ...]
    text: tuple[str, ...]
    """The first lines, clean."""
    bytes: int
    more: bool
    """There is more than `text` shows."""
    odd: bool
    """Not the majority of those that did the same."""
    phase: Phase
    """Which of the step's scripts printed it."""
    old: bool
    """They are to run again: it is of an earlier attempt."""
    looks: tuple[Look, ...]
    """The states its hosts are in."""


class Reason(Struct, frozen=True):
    """Hosts that are not ok for the same reason."""

    state: HostState
    why: str
    hosts: tuple[str, ...]


def groups(turn: TurnState) -> list[Group]:
    """Return identical output together: the majority first, then the odd ones, rarest last."""
    found: dict[tuple[tuple[Phase, bool], str], list[tuple[str, HostRun]]] = {}
    for name, host in turn.hosts.items():
        old = host.state is HostState.PENDING
        silent = (old or host.state in BAD) and not host.out_bytes + host.err_bytes
        if host.ended is not None and host.output and not silent:
            found.setdefault(((host.phase, old), host.output), []).append((name, host))
    ordered = sorted(found.items(), key=lambda item: -len(item[1]))
    seen: set[tuple[Phase, bool]] = set()
    told = []
    for (like, _), members in ordered:
        told.append(_group(members, odd=like in seen, old=like[1]))
        seen.add(like)
    return told


def _group(members: list[tuple[str, HostRun]], *, odd: bool, old: bool) -> Group:
    first = members[0][1]
    total = first.out_bytes + first.err_bytes
    looks = {HOSTS[host.state].word: HOSTS[host.state] for _, host in members}
    return Group(
        hosts=tuple(name for name, _ in members),
        text=tuple(first.excerpt.split("\n")) if first.excerpt else (),
        bytes=total,
        more=total > len(first.excerpt.encode()) + 64,
        odd=odd,
        phase=first.phase,
        old=old,
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
    """Return a host's end in words: `exit 1 after 2.3 s`; of one that is to run again, its last one."""
    waits = host.state is HostState.PENDING
    if waits and (host.ended is None or host.how == Ended.HELD):
        return "not begun"
    if host.ended is None:
        return HOSTS[host.state].word
    words = f"exit {host.code}" if host.code is not None else (host.how or HOSTS[host.state].word)
    if host.started is not None and host.ended >= host.started:
        words += f" after {duration(host.ended - host.started)}"
    return f"to run again, was {words}" if waits else words


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
