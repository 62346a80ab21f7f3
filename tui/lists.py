"""Host lists that can be handed on: which there are, and how each is written. No toolkit in here."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterable, Iterator

from msgspec import Struct

from gonogo.errors import GonogoError
from gonogo.hosts import fold
from gonogo.hosts.here import LOCALHOST
from gonogo.run.evidence import odd_hosts
from gonogo.run.state import Gate, TurnState
from gonogo.text import clean_line


class HostList(Struct, frozen=True):
    """Some hosts, and what they have in common."""

    name: str
    """By which its key is known."""
    word: str
    hosts: tuple[str, ...]


def host_lists(
    turn: TurnState,
    gate: Gate | None,
    *,
    group: Iterable[str] = (),
    shown: Iterable[str] = (),
    picked: Collection[str] = (),
) -> list[HostList]:
    """Return the lists that there are: `group` prints the same, `shown` are those of a narrowed wall.

    `gate` is one that is about the turn, `picked` the hosts that its answer is about.
    """
    lists = (
        HostList("copy.group", "this group", tuple(group)),
        HostList("copy.wall", "in the wall", tuple(shown)),
        HostList("copy.question", "in question", tuple(gate.meant(turn, picked or None)) if gate else ()),
        HostList("copy.failed", "not ok", tuple(turn.bad())),
        HostList("copy.odd", "odd", tuple(odd_hosts([turn]))),
        HostList("copy.all", "all", tuple(turn.hosts)),
    )
    return list(_each(lists))


def _each(lists: Iterable[HostList]) -> Iterator[HostList]:
    seen: set[tuple[str, ...]] = {(), (LOCALHOST,)}
    for one in lists:
        if one.hosts not in seen:
            seen.add(one.hosts)
            yield one


def as_lines(hosts: tuple[str, ...]) -> str:
    """Return one name a line."""
    return "".join(f"{clean_line(host)}\n" for host in hosts)


def as_names(hosts: tuple[str, ...]) -> str:
    """Return the names folded where that says exactly the same, else with commas between them."""
    # What reads patterns takes 10 ms to load: it is not waited for before a list is copied.
    from gonogo.hosts import pick

    short = clean_line(fold(hosts))
    try:
        same = set(pick(short, hosts)) == set(hosts) if short else False
    except GonogoError:
        same = False
    return short if same else ",".join(clean_line(host) for host in hosts)


def as_limit(hosts: tuple[str, ...]) -> str:
    """Return what `gonogo run` takes to work on these hosts alone, quoted for a shell."""
    return f"--limit {shlex.quote(as_names(hosts))}"


FORMS: tuple[tuple[str, str, str, Callable[[tuple[str, ...]], str]], ...] = (
    ("form.names", "names", "folded, as they stand here", as_names),
    ("form.limit", "--limit", "for `gonogo run`, quoted", as_limit),
    ("form.each", "each", "one name a line", as_lines),
)
"""The name by which its key is known, word, what it is, and what writes it."""
