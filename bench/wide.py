"""A thousand hosts, cold and warm, beside every other tool that is installed: `make bench-fanout N=1000`.

The hosts are addresses of this machine behind OpenSSH's own sshd, so the servers' work is done by the same
processors; it is shown, as is the floor that both together set. Tools take turns, and medians are compared.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from gonogo.executors.slots import LOGINS

from .__main__ import show
from .fleet import Fleet, fleet
from .measure import Row, here
from .meter import Taken, measure
from .peers import KEPT, PEERS

_WARM = 4
"""Commands on connections that are kept, less the first."""
_HALF = "gonogo, half of the hosts"
_HELD = "gonogo, held"
_RUNBOOK = """---
gonogo: 1
title: {steps} looks
---

{blocks}"""


@dataclass(slots=True)
class Taking:
    """A tool's rounds."""

    name: str
    taken: list[Taken] = field(default_factory=list)
    server: list[float] = field(default_factory=list)

    def median(self, of: str) -> float:
        """Return the median of one figure."""
        return float(statistics.median(getattr(one, of) for one in self.taken))

    def each_more(self, of: str, first: Taking) -> float:
        """Return the median of what each further command takes, in rounds that begin with `first`."""
        rounds = zip(first.taken, self.taken, strict=False)
        return float(
            statistics.median((getattr(more, of) - getattr(one, of)) / _WARM for one, more in rounds)
        )


def gonogo_exec(hosts: Fleet, pattern: str, command: str) -> list[str]:
    """Return our command line: the whole product, its own process, its trail and its grouping."""
    return [
        sys.executable,
        "-m",
        "gonogo",
        "exec",
        pattern,
        "-i",
        str(hosts.inventory),
        "--yes",
        "--",
        command,
    ]


def gonogo_steps(hosts: Fleet, command: str, steps: int, *more: str, settings: str = "") -> list[str]:
    """Return a run of so many steps on kept connections; `more` are options, `settings` each step's."""
    path = hosts.folder / f"{steps}{settings}.md"
    block = f"```sh {{hosts=all read-only {settings}}}\n{command}\n```\n"
    path.write_text(_RUNBOOK.format(steps=steps, blocks="\n".join([block] * steps)))
    return [sys.executable, "-m", "gonogo", "run", str(path), "-i", str(hosts.inventory), "--yes", *more]


def cold(hosts: Fleet, command: str, rounds: int) -> list[Taking]:
    """Run every tool once a round, each with new connections."""
    ways = {"gonogo": gonogo_exec(hosts, "all", command)}
    ways |= {peer.name: peer.command(hosts, command) for peer in PEERS if peer.cold and not peer.missing()}
    return _rounds(hosts, ways, rounds)


def warm(hosts: Fleet, command: str, rounds: int) -> list[Taking]:
    """Run one command and several: what the further ones take is done on kept connections.

    Ours also with few commands at once, on all hosts and on half of them: what memory a held host takes.
    """
    few, half = f"parallel={LOGINS}", hosts.hosts[: len(hosts.hosts) // 2]
    ways = {_HELD: gonogo_steps(hosts, command, 1 + _WARM, settings=few)}
    if half:
        ways[_HALF] = gonogo_steps(hosts, command, 1 + _WARM, "--limit", ",".join(half), settings=few)
    counts = (1, 1 + _WARM)
    ways |= {f"gonogo x{count}": gonogo_steps(hosts, command, count) for count in counts}
    for peer in PEERS:
        if peer.warm and not peer.missing():
            ways |= {f"{peer.name} x{count}": peer.command(hosts, command, count) for count in counts}
    return _rounds(hosts, ways, rounds)


def _rounds(hosts: Fleet, ways: dict[str, list[str]], rounds: int) -> list[Taking]:
    found = [Taking(name) for name in ways]
    own = hosts.folder / "home"
    (own / ".ssh").mkdir(parents=True, exist_ok=True)
    (own / ".ssh" / "config").write_text(hosts.config.read_text())
    for number in range(rounds):
        for one in found:
            print(f"round {number + 1}: {one.name} ...", end="\r", file=sys.stderr, flush=True)
            if len(one.taken) < number:
                continue
            before = hosts.server_seconds()
            out = hosts.folder / f"{one.name.replace(' ', '-')}.out"
            taken = measure(ways[one.name], out, HOME=str(own), GONOGO_RUNS=str(hosts.folder / "runs"))
            if taken.code:
                said = out.read_text(errors="replace")[-2000:]
                if one.name.startswith("gonogo"):
                    raise RuntimeError(f"{one.name} ended {taken.code}:\n{said}")
                print(f"{one.name} ended {taken.code} and is left out:\n{said}", file=sys.stderr)
                continue
            one.taken.append(taken)
            one.server.append(hosts.server_seconds() - before)
    return [one for one in found if one.taken]


def _print_cold(hosts: Fleet, found: list[Taking]) -> None:
    count = len(hosts.hosts)
    print(f"\ncold, {count} hosts: wall s | client CPU ms/host, user and system | private MB | sshd CPU s")
    for one in found:
        cpu = one.median("cpu") * 1000 / count
        server, private = statistics.median(one.server), one.median("private") / 1e6
        print(f"  {one.name:<16} {one.median('wall'):7.2f} | {cpu:6.2f} | {private:6.0f} | {server:6.1f}")
    show(cold_rows(count, {one.name: one for one in found}))


def cold_rows(count: int, found: dict[str, Taking]) -> list[Row]:
    """Return our figures beside those of others, with what they should be at most."""
    ours = found["gonogo"]
    wall, cpu, private = (ours.median(of) for of in ("wall", "cpu", "private"))
    server = statistics.median(ours.server)
    floor = (server + cpu) / (os.cpu_count() or 1)
    rows = [
        _ratio("wall", wall, name, found[name].median("wall"), most) for name, most in _WALL if name in found
    ]
    rows.append(_ratio("wall", wall, "all CPU over the cores", floor, 1.3))
    rows.append(_most("client CPU", cpu * 1000 / count, 3, "ms/host"))
    rows += [
        _ratio("client CPU", cpu, name, found[name].median("cpu"), 0.2) for name in _CPU if name in found
    ]
    rows.append(_ratio("client CPU", cpu, "sshd's own", server, _PACE))
    rows.append(_most("private memory", private / 1e6, 60, "MB"))
    return rows


_PACE = 3 / 20
"""3 ms a host were asked for on a machine where sshd took 20: what that is on one of another pace."""
_WALL = (("fabric", 0.8), ("clush", 0.7), ("pdsh", 0.7))
_CPU = ("clush", "pdsh")


def _ratio(what: str, ours: float, name: str, theirs: float, most: float) -> Row:
    told = f"{ours:.2f} s", f"{name}: {theirs:.2f} s"
    if min(ours, theirs) <= 0:  # a difference of two runs, one of which was disturbed
        return Row(what, *told, None, f"<= {most:g}x", None)
    ratio = ours / theirs
    return Row(what, *told, ratio, f"<= {most:g}x", ratio <= most)


def _most(what: str, figure: float, most: float, unit: str) -> Row:
    return Row(what, f"{figure:.2f} {unit}", "", None, f"<= {most:g} {unit}", figure <= most)


def _print_warm(hosts: Fleet, found: list[Taking]) -> None:
    count = len(hosts.hosts)
    print(f"\nwarm, {count} hosts, one command more: wall s | client CPU ms/host, user and system")
    by_name = {one.name: one for one in found}
    walls = {}
    for name in [one.name.removesuffix(" x1") for one in found if one.name.endswith(" x1")]:
        first, more = by_name[f"{name} x1"], by_name.get(f"{name} x{1 + _WARM}")
        if more is None:
            continue
        walls[name], cpu = (more.each_more(of, first) for of in ("wall", "cpu"))
        print(f"  {name:<16} {walls[name]:7.2f} | {cpu * 1000 / count:6.2f}")
        if name == "gonogo":
            rows = [_most("client CPU", cpu * 1000 / count, 0.6, "ms/host")]
    rows += _memory(count, by_name)
    if best := min((name for name in KEPT if name in walls), key=walls.__getitem__, default=None):
        rows.append(_ratio("wall", walls["gonogo"], best, walls[best], 0.4))
    show(rows)


def _memory(count: int, found: dict[str, Taking]) -> list[Row]:
    """Return what each host takes while its connection is held, and while all have a command besides."""
    if _HALF not in found:
        return []
    half, held, busy = (found[name].median("private") for name in (_HALF, _HELD, f"gonogo x{1 + _WARM}"))
    each = (held - half) / (count - count // 2)
    whole = each + (busy - held) / count
    return [
        _most("private memory for each held host", each / 1000, 30, "KB"),
        Row("and while all have a command", f"{whole / 1000:.2f} KB", "", None, "", None),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.wide", description=__doc__)
    parser.add_argument("-n", type=int, default=1000, help="hosts")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--command", default="uname -r")
    parser.add_argument("--only", choices=("cold", "warm"))
    given = parser.parse_args()
    for peer in PEERS:
        if peer.missing() and peer.install:
            print(f"not there: {peer.name}; {peer.install}", file=sys.stderr)
        elif peer.note:
            print(f"note: {peer.name} {peer.note}", file=sys.stderr)
    print(f"{here()}, {given.command!r}")
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as folder, fleet(Path(folder), given.n) as hosts:
        if given.only != "warm":
            _print_cold(hosts, cold(hosts, given.command, given.rounds))
        if given.only != "cold":
            _print_warm(hosts, warm(hosts, given.command, given.rounds))


if __name__ == "__main__":
    main()
