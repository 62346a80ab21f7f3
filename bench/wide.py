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

from .fleet import Fleet, fleet
from .meter import Taken, measure
from .peers import PEERS

_WARM = 6
"""Commands on connections that are kept, less the first."""
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


def gonogo_exec(hosts: Fleet, command: str) -> list[str]:
    """Return our command line: the whole product, its own process, its trail and its grouping."""
    return [sys.executable, "-m", "gonogo", "exec", "all", "-i", str(hosts.inventory), "--yes", "--", command]


def gonogo_steps(hosts: Fleet, command: str, steps: int) -> list[str]:
    """Return a run of so many steps on kept connections."""
    path = hosts.folder / f"{steps}.md"
    block = f"```sh {{hosts=all read-only}}\n{command}\n```\n"
    path.write_text(_RUNBOOK.format(steps=steps, blocks="\n".join([block] * steps)))
    return [sys.executable, "-m", "gonogo", "run", str(path), "-i", str(hosts.inventory), "--yes"]


def cold(hosts: Fleet, command: str, rounds: int) -> list[Taking]:
    """Run every tool once a round, each with new connections."""
    ways = {"gonogo": gonogo_exec(hosts, command)}
    ways |= {peer.name: peer.command(hosts, command) for peer in PEERS if not peer.missing()}
    return _rounds(hosts, ways, rounds)


def warm(hosts: Fleet, command: str, rounds: int) -> list[Taking]:
    """Run one command and seven: what the six more take is done on kept connections."""
    ways = {}
    for count in (1, 1 + _WARM):
        ways[f"gonogo x{count}"] = gonogo_steps(hosts, command, count)
        for peer in PEERS:
            if peer.warm and not peer.missing():
                ways[f"{peer.name} x{count}"] = peer.command(hosts, command, count)
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
    ours = found[0]
    print(f"\ncold, {len(hosts.hosts)} hosts: wall s, ratio | client ms/host, ratio | private MB | sshd s")
    for one in found:
        wall, cpu = one.median("wall"), one.median("cpu")
        print(
            f"  {one.name:<14} {wall:7.2f} {ours.median('wall') / wall:6.2f}x | "
            f"{cpu * 1000 / len(hosts.hosts):6.2f} {ours.median('cpu') / cpu:6.2f}x | "
            f"{one.median('private') / 1e6:6.0f} | {statistics.median(one.server):6.1f}"
        )
    floor = (statistics.median(ours.server) + ours.median("cpu")) / (os.cpu_count() or 1)
    print(f"  gonogo's wall over the floor of {floor:.2f} s: {ours.median('wall') / floor:.2f}x")


def _print_warm(hosts: Fleet, found: list[Taking]) -> None:
    print(f"\nwarm, {len(hosts.hosts)} hosts, one command more: wall s | client ms/host")
    by_name = {one.name: one for one in found}
    for name in [one.name.removesuffix(" x1") for one in found if one.name.endswith(" x1")]:
        first, more = by_name[f"{name} x1"], by_name[f"{name} x{1 + _WARM}"]
        wall = (more.median("wall") - first.median("wall")) / _WARM
        cpu = (more.median("cpu") - first.median("cpu")) / _WARM
        print(f"  {name:<14} {wall:7.2f} | {cpu * 1000 / len(hosts.hosts):6.2f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.wide", description=__doc__)
    parser.add_argument("-n", type=int, default=1000, help="hosts")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--command", default="uname -r")
    parser.add_argument("--cold", action="store_true", help="cold alone")
    given = parser.parse_args()
    for peer in PEERS:
        if peer.missing():
            print(f"not there: {peer.name}; {peer.install}", file=sys.stderr)
        elif peer.note:
            print(f"note: {peer.name} {peer.note}", file=sys.stderr)
    print(
        f"{sys.version.split()[0]}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}, {given.command!r}"
    )
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as folder, fleet(Path(folder), given.n) as hosts:
        _print_cold(hosts, cold(hosts, given.command, given.rounds))
        if not given.cold:
            _print_warm(hosts, warm(hosts, given.command, given.rounds))


if __name__ == "__main__":
    main()
