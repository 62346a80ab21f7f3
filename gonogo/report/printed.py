"""All that the hosts of a run printed, identical output once: read from the run's output files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from gonogo.run.state import HostRun, HostState, RunState
from gonogo.text import clean_bytes, clean_line
from gonogo.trail.output import LIMIT, OutputReader, output_path

from .outputs import folded

AT_ONCE = 32 << 20
"""Bytes of output that are read in one pass through the files."""
_UNHEARD = (HostState.RUNNING, HostState.UNKNOWN)
"""What is known of these hosts' output is of an attempt before."""


class Alike(Struct, frozen=True):
    """Hosts that fared alike and printed the same."""

    names: list[str]
    turn: int
    """Of the first host."""
    host: HostRun
    """How the first one stands."""
    reasons: set[str]

    @property
    def why(self) -> str:
        """Return the reason that all have, or the kind of reason."""
        return self.host.why if len(self.reasons) == 1 else kind_of(self.host.why)

    @property
    def printed(self) -> int:
        """Return the bytes that each printed, kept or not."""
        return 0 if self.host.state in _UNHEARD else self.host.out_bytes + self.host.err_bytes

    @property
    def left_out(self) -> int:
        """Return the bytes of them that are not kept."""
        sent = (self.host.out_bytes, self.host.err_bytes) if self.printed else ()
        return sum(max(number - LIMIT, 0) for number in sent)


def kind_of(why: str) -> str:
    """Return a reason without what tells of one host: behind a colon are addresses and fingerprints."""
    return why.partition(":")[0]


def alike(state: RunState) -> list[Alike]:
    """Return hosts that fared alike and printed the same together, most first. A host has one turn."""
    groups: dict[tuple[str, int | None, str, str], Alike] = {}
    for turn, turn_state in enumerate(state.turns):
        for name, host in turn_state.hosts.items():
            key = (host.state.value, host.code, host.output, kind_of(host.why))
            group = groups.setdefault(key, Alike([], turn, host, set()))
            group.names.append(name)
            group.reasons.add(host.why)
    return sorted(groups.values(), key=lambda group: -len(group.names))


def read(run: Path, groups: Sequence[Alike], limit: int) -> list[bytearray]:
    """Return what each group's hosts printed at last, its first `limit` bytes; none where it is not there."""
    kept = [bytearray() for _ in groups]
    files: dict[tuple[int, int], dict[str, bytearray]] = {}
    for group, room in zip(groups, kept, strict=True):
        if group.host.attempt:
            files.setdefault((group.turn, group.host.attempt), {})[group.names[0]] = room
    for (turn, attempt), wanted in files.items():
        for chunk in OutputReader(output_path(run, turn, attempt)).more(1 << 62):
            if (found := wanted.get(chunk.host)) is not None:
                found += chunk.data[: limit - len(found)]
    return kept


def whole(run: Path, state: RunState) -> Iterator[str]:
    """Yield each group in lines, without the last line's end: who they are, and all of their output."""
    for groups in _passes(alike(state)):
        for group, data in zip(groups, read(run, groups, 3 * LIMIT), strict=True):
            yield _told(group, data)


def _passes(groups: list[Alike]) -> Iterator[list[Alike]]:
    """Yield the groups in their order, as many together as can be held at once."""
    held: list[Alike] = []
    room = AT_ONCE
    for group in groups:
        room -= group.printed - group.left_out
        if held and room < 0:
            yield held
            held, room = [], AT_ONCE - group.printed + group.left_out
        held.append(group)
    if held:
        yield held


def _told(group: Alike, data: bytearray) -> str:
    state = group.host.state.value
    about = [f"{state}: {clean_line(group.why)}" if group.why else state] if state != HostState.OK else []
    if group.left_out:
        about.append(f"{group.left_out:,} bytes of its output are not kept")
    elif group.printed and not data:
        about.append("its output is not there")
    elif not group.printed and group.host.state is HostState.OK:
        about.append("printed nothing")
    head = f"{folded(group.names)} ({len(group.names):,}): {'; '.join(about)}".rstrip()
    if not (group.printed and data):
        return head
    text = clean_bytes(bytes(data)).removesuffix("\n")
    return f"{head}\n{text}".replace("\n", "\n  | ")
