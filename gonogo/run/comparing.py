"""A test's result beside that of the baseline: same, differs, newly failing, mended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct, field

from gonogo.hosts import fold
from gonogo.text import clean_line
from gonogo.trail.output import read_host, round_path
from gonogo.trail.reader import Reading

from .judge import difference
from .rounds import Compared
from .words import BAD

TOLD = 3
"""Differences of a kind that are told one by one; hosts with the same one are told together."""
_BAD = frozenset(state.value for state in BAD)


class HostResult(Struct, frozen=True):
    """One host in one test."""

    passed: bool
    why: str
    """Why it is not well."""
    stdout: str
    """Digest of its stdout, trailing blank space aside."""


class Baseline(Struct, frozen=True):
    """A round to compare with: its results by the test's step id."""

    run: Path
    number: int
    name: str
    """What a person calls it: `round 1`, or the other run's name."""
    tests: Mapping[str, tuple[int, Mapping[str, HostResult]]] = field(default_factory=dict)
    """Step id -> the test's index in that round, and what each host came to."""


class Found(Struct, frozen=True):
    """How a test stands to the baseline."""

    compared: Compared
    lines: tuple[str, ...] = ()
    """What differs otherwise than in what was printed: hosts, and what became of them."""
    differing: tuple[tuple[str, ...], ...] = ()
    """Hosts that are as well as then, and printed something else: those with the same difference together."""


def compare(now: Mapping[str, HostResult], then: Mapping[str, HostResult] | None) -> Found:
    """Compare the hosts of a test with the baseline's."""
    if then is None:
        return Found(Compared.FIRST)
    failing, mended, moved = _Alike(), _Alike(), _Alike()
    other: dict[tuple[str, str], list[str]] = {}
    for host, one in now.items():
        was = then.get(host)
        if not one.passed and (was is None or was.passed):
            failing.put(one.why or "failed", host)
        elif was is None:
            moved.put("not there before", host)
        elif one.passed and not was.passed:
            mended.put(f"was not well: {was.why or 'failed'}", host)
        elif one.stdout != was.stdout:
            other.setdefault((was.stdout, one.stdout), []).append(host)
    for host in (host for host in then if host not in now):
        moved.put("not there any more", host)
    kinds = (
        (failing, Compared.NEWLY_FAILING),
        (other or moved, Compared.DIFFERS),
        (mended, Compared.MENDED),
    )
    compared = next((kind for found, kind in kinds if found), Compared.SAME)
    lines = (*failing.lines(), *moved.lines(), *mended.lines())
    return Found(compared, lines, tuple(map(tuple, other.values())))


class _Alike(dict[str, list[str]]):
    """Hosts by what is to be said of them."""

    def put(self, what: str, host: str) -> None:
        self.setdefault(what, []).append(host)

    def lines(self) -> list[str]:
        return [f"{fold(hosts)}: {what}" for what, hosts in self.items()]


def told(found: Found, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> str:
    """Return what differs in one line; `before` and `after` are stdouts of the first host of each group."""
    lines = list(found.lines[:TOLD])
    for hosts in found.differing[:TOLD]:
        shown = difference(before.get(hosts[0], b""), after.get(hosts[0], b""))
        lines.append(f"{fold(hosts)}: {shown or 'it differs in what is not kept'}")
    more = len(found.lines) + len(found.differing) - len(lines)
    return clean_line("; ".join(lines) + (f"; and {more} more" if more else ""))[:2000]


def outputs(run: Path, number: int, test: int, hosts: Iterable[str]) -> dict[str, bytes]:
    """Return what some hosts of a test printed on stdout, as far as it is kept."""
    path = round_path(run, number, test)
    return {host: read_host(path, host, "o") for host in hosts}


def read_baseline(run: Path, number: int | None = None, name: str = "") -> Baseline | None:
    """Read a round of a run's trail: this one, or its first complete one; None when there is none such."""
    wanted, tests, names = number, dict[str, tuple[int, dict[str, HostResult]]](), dict[int, str]()
    current = 0
    for record in Reading(run / "audit.jsonl").records():
        match record:
            case {"k": "test.begin", "round": int(current)}:
                if wanted is None or current == wanted:
                    tests, names = {}, {}
            case {"k": "test.start", "round": int(at), "test": int(test), "step": str(step)}:
                if wanted is None or at == wanted:
                    names[test] = step
                    tests.setdefault(step, (test, {}))
            case {"k": "test.exit", "round": int(at), "test": int(test), "host": str(host)}:
                if (wanted is None or at == wanted) and test in names:
                    tests[names[test]][1][host] = HostResult(
                        record.get("state") not in _BAD,
                        str(record.get("why", "")),
                        str(record.get("stdout", "")),
                    )
            case {"k": "test.end", "round": int(at)} if wanted in (None, at) and not record.get("why"):
                return Baseline(run, at, name or f"round {at}", tests)
    return None
