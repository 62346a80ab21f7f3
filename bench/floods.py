"""Hosts that print without end, recorded and grouped, beside pdsh and clush -b: `make bench-floods`."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from .__main__ import show
from .fleet import Fleet, fleet
from .measure import Row
from .meter import Taken, measure
from .peers import PEERS

HOSTS = 200
LINES = f"seq {10_000}"
WHOLE = 1_000_000_000
"""Bytes from one host."""
SMALL = 10_000_000
FLAT = 20e6
"""Bytes of memory that a hundred times the output may take more."""


def _ours(hosts: Fleet, command: str) -> list[str]:
    inventory = ["all", "-i", str(hosts.inventory), "--yes"]
    return [sys.executable, "-m", "gonogo", "exec", *inventory, "--", command]


def _taken(hosts: Fleet, ways: dict[str, list[str]], rounds: int) -> dict[str, list[Taken]]:
    home = hosts.folder / "home"
    (home / ".ssh").mkdir(parents=True, exist_ok=True)
    (home / ".ssh" / "config").write_text(hosts.config.read_text())
    found: dict[str, list[Taken]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, words in ways.items():
            out = hosts.folder / f"{name}.out"
            found[name].append(measure(words, out, HOME=str(home), GONOGO_RUNS=str(hosts.folder / "runs")))
            if found[name][-1].code:
                raise RuntimeError(f"{name} ended {found[name][-1].code}: {out.read_text()[-500:]}")
    return found


def _wall(taken: list[Taken]) -> float:
    return statistics.median(one.wall for one in taken)


def _many(folder: Path, rounds: int) -> list[Row]:
    """Two million lines from two hundred hosts."""
    with fleet(folder, HOSTS) as hosts:
        ways = {"gonogo": _ours(hosts, LINES)}
        for peer in PEERS:
            if peer.name in ("pdsh", "clush") and not peer.missing():
                words = peer.command(hosts, LINES)
                # pdsh only has to print; nobody keeps it.
                ways[peer.name] = ["sh", "-c", 'exec "$@" >/dev/null', "sh", *words]
        found = _taken(hosts, ways, rounds)
    ours = _wall(found.pop("gonogo"))
    what = f"{HOSTS} hosts x 10,000 lines"
    rows = []
    for name, most in (("pdsh", 1.0), ("clush", 0.1)):
        if name in found:
            ratio = ours / _wall(found[name])
            beside = f"{name}: {_wall(found[name]):.2f} s"
            rows.append(Row(what, f"{ours:.2f} s", beside, ratio, f"<= {most:g}x", ratio <= most))
    return rows or [Row(what, f"{ours:.2f} s", "", None, "", None)]


def _one(folder: Path, rounds: int) -> list[Row]:
    """A gigabyte from one host."""
    with fleet(folder, 1) as hosts:
        sizes = {"small": SMALL, "whole": WHOLE}
        ways = {name: _ours(hosts, f"head -c {size} /dev/zero") for name, size in sizes.items()}
        found = _taken(hosts, ways, rounds)
    rate = (WHOLE - SMALL) / (_wall(found["whole"]) - _wall(found["small"])) / 1e6
    more = max(one.private for one in found["whole"]) - max(one.private for one in found["small"])
    return [
        Row("one host, 1 GB", f"{rate:.0f} MB/s", "", None, ">= 200 MB/s", rate >= 200),
        Row("memory beside that of 10 MB", f"{more / 1e6:+.1f} MB", "", None, "<= 20 MB", more <= FLAT),
    ]


def main() -> int:
    """Measure and print; 1 when a target was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.floods", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    rows: list[Row] = []
    for part in (_one, _many):
        with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as folder:
            rows += part(Path(folder), rounds)
    show(rows)
    return int(any(row.good is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
