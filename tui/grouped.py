"""A turn's output as lines: why hosts are not ok, then identical output together, odd ones marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace

from gonogo.run.state import BAD, HostRun, Phase, TurnState
from gonogo.text import clean, clean_line, many

from .lines import Line, few, pieces, wrap
from .projection import Group, folded, groups, reasons
from .symbols import HOSTS
from .words import size

SHOWN = 60
"""Different outputs told in full; past that a person looks at single hosts."""
NAMES = 3
"""Lines that hosts' names take at most; all of them can be copied."""
HEAD = 12
"""Lines of an odd group; the majority's get more, as there is only one of it."""
_NOT_OK = frozenset(HOSTS[state] for state in BAD)


class Told(Struct, frozen=True):
    """One line and the host that it leads to."""

    line: Line
    host: str = ""
    hosts: tuple[str, ...] = ()
    """All that the line is about."""


FAILED, ODD = "only what failed", "only what is odd"
ONLY = ("", FAILED, ODD)
"""What of a turn's output is told: all of it, or some of its hosts'."""


def tell(turn: TurnState, cells: int, wanted: str = "", unkept: str = "", only: str = "") -> list[Told]:
    """Return a turn's output; with `wanted` only lines that hold it, whatever the case.

    `unkept` says why there is none, where none is kept. `only` is one of ONLY.
    """
    told: list[Told] = []
    for reason in reasons(turn) if only != ODD else ():
        look = HOSTS[reason.state]
        head = [
            (f"{look.symbol} {many(len(reason.hosts))} {look.word} ", look.style),
            (folded(reason.hosts), "title"),
        ]
        lines = few(wrap(head, cells, "  "), NAMES, cells)
        told += [Told(line, reason.hosts[0], reason.hosts) for line in lines]
        for text in clean(reason.why).split("\n"):
            lines = wrap([("  " + clean_line(text), "bad")], cells, "  ")
            told += [Told(line, reason.hosts[0], reason.hosts) for line in lines]
    found = groups(turn)
    if only == FAILED:
        failed = {name: host for name, host in turn.hosts.items() if host.state in BAD}
        turn = replace(turn, hosts=failed)
    usual = frozenset(found[0].text) if found else frozenset()
    if only:
        found = groups(turn) if only == FAILED else [group for group in found if group.odd]
    # In a low pane the majority's lines would leave no room for what a failed host says.
    found.sort(key=lambda group: _NOT_OK.isdisjoint(group.looks))
    if told and found:
        told.append(Told(()))
    for group in found[:SHOWN]:
        told += _group(group, usual, cells, wanted, unkept)
    if rest := found[SHOWN:]:
        hosts = sum(len(group.hosts) for group in rest)
        told.append(Told(((f"and {len(rest)} more different outputs, on {many(hosts)}", "dim"),)))
    return told


def why(host: HostRun, cells: int) -> list[Line]:
    """Return why one host is not ok, with an empty line after it; nothing when it is."""
    return [*_because(host.why, cells, ""), ()] if host.state in BAD and host.why else []


def _because(text: str, cells: int, indent: str) -> list[Line]:
    lines = clean(text).split("\n")
    return [line for one in lines for line in wrap([(indent + clean_line(one), "bad")], cells, indent)]


def _group(group: Group, usual: frozenset[str], cells: int, wanted: str, unkept: str) -> list[Told]:
    host = group.hosts[0]
    head = [(f"{look.symbol} ", look.style) for look in group.looks if look.style != "dim"]
    head.append((many(len(group.hosts)), "odd" if group.odd else "section"))
    if group.phase is not Phase.RUN:
        head.append((f" {group.phase.value}", "dim"))
    if group.old:
        head.append((" before they run again" if len(group.hosts) > 1 else " before it runs again", "dim"))
    if group.odd:
        head.append((" differs" if len(group.hosts) == 1 else " differ", "odd"))
    head.append((f"  {folded(group.hosts)}", "title"))
    told = [Told(line, host, group.hosts) for line in few(wrap(head, cells, "  "), NAMES, cells)]
    kept = [text for text in group.text if wanted.lower() in text.lower()]
    limit = HEAD if group.odd else HEAD * 3
    for text in kept[:limit]:
        style = "odd" if group.odd and text not in usual else ""
        told += [
            Told((("  ", ""), *found(piece, wanted, style)), host, group.hosts)
            for piece in pieces(text, cells - 2)
        ]
    if not group.bytes:
        told.append(Told(((f"  ({unkept or 'printed nothing'})", "dim"),), host, group.hosts))
    elif group.more or len(kept) > limit:
        told.append(Told(((f"  … {size(group.bytes)} in all: open it", "dim"),), host, group.hosts))
    told.append(Told(()))
    return told


def found(text: str, wanted: str, style: str) -> list[tuple[str, str]]:
    """Return text as spans with what was searched for marked."""
    if not wanted:
        return [(text, style)]
    spans: list[tuple[str, str]] = []
    at = 0
    low, want = text.lower(), wanted.lower()
    while len(low) == len(text) and (hit := low.find(want, at)) >= 0:
        spans += [(text[at:hit], style), (text[hit : hit + len(want)], "found")]
        at = hit + len(want)
    return [one for one in [*spans, (text[at:], style)] if one[0]]


class ToldAt(Struct, frozen=True):
    """A place in told output that stays the same however its lines are broken."""

    hosts: tuple[str, ...]
    time: int
    """The hosts are told about for the so-manyth time, from 0: why they failed, then what they printed."""
    letters: int
    """Letters about them that stand before it."""


def spot_of(told: Sequence[Told], y: int) -> ToldAt:
    """Return where a line stands."""
    hosts, time, lines = next(one for one in _runs(told) if y <= one[2][-1][0])
    return ToldAt(hosts, time, sum(_letters(one) for at, one in lines if at < y))


def line_of(told: Sequence[Told], spot: ToldAt) -> int | None:
    """Return the line at which a spot is told now; None where nothing is told of its hosts."""
    for hosts, time, lines in _runs(told):
        if time == spot.time and hosts == spot.hosts:
            found, before = lines[0][0], 0
            for y, one in lines:
                found = y if before <= spot.letters else found
                before += _letters(one)
            return found
    return None


_Run = tuple[tuple[str, ...], int, list[tuple[int, Told]]]


def _runs(told: Sequence[Told]) -> Iterator[_Run]:
    """Yield lines that stand together about the same hosts, and for the so-manyth time they do.

    Thousands of names are looked at once for all lines, as these share them.
    """
    times: Counter[tuple[str, ...]] = Counter()
    for _, group in groupby(enumerate(told), key=lambda one: id(one[1].hosts)):
        lines = list(group)
        hosts = lines[0][1].hosts
        times[hosts] += 1
        yield hosts, times[hosts] - 1, lines


def _letters(told: Told) -> int:
    return sum(len(text.replace(" ", "")) for text, _ in told.line)
