"""A thousand hosts of which some are broken, beside pdsh and clush: `make bench-faults N=1000`.

50 refuse, 50 take the connection and say nothing, 20 drop it while the command runs, 20 have another host
key than the known one. Printed are walls, and whether each broken host was told for what it is.
"""

from __future__ import annotations

import argparse
import json
import re
import socket
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from .__main__ import show
from .fleet import Fleet, addresses, fleet, free_port, keygen, running
from .measure import Row
from .meter import measure
from .peers import PEERS

REFUSE, HANG, DROP, CHANGED = 50, 50, 20, 20
PATIENCE = 10
"""Seconds that every tool waits for a connection."""
_CLASSES = {
    "refuse": ("unreachable", "connection refused"),
    "hang": ("unreachable", "timed out during login"),
    "drop": ("lost", "lost while the command ran"),
    "changed": ("unreachable", "the host key has changed"),
}


@contextmanager
def broken(hosts: Fleet) -> Iterator[dict[str, tuple[str, ...]]]:
    """Add broken hosts to a fleet's files until the block ends; give them by what is wrong."""
    bad = {
        kind: addresses(count, 2 + number)
        for number, (kind, count) in enumerate(zip(_CLASSES, (REFUSE, HANG, DROP, CHANGED), strict=True))
    }
    with ExitStack() as stack:
        silent = stack.enter_context(socket.create_server(("0.0.0.0", 0), backlog=1024))
        ports = {"refuse": free_port(), "hang": silent.getsockname()[1]}
        ports["drop"] = stack.enter_context(
            _sshd(hosts, "drop", bad["drop"][0], "ForceCommand kill -9 $PPID\n")
        )
        other = hosts.folder / "other_key"
        keygen(other)
        ports["changed"] = stack.enter_context(_sshd(hosts, "changed", bad["changed"][0], "", other))
        _write(hosts, bad, ports)
        yield bad


@contextmanager
def _sshd(hosts: Fleet, name: str, address: str, more: str, key: Path | None = None) -> Iterator[int]:
    port = free_port()
    text = (hosts.folder / "sshd_config").read_text().replace(f"Port {hosts.port}", f"Port {port}")
    if key is not None:
        text = text.replace(f"HostKey {hosts.folder}/host_key", f"HostKey {key}")
    config = hosts.folder / f"sshd_{name}"
    config.write_text(text + more)
    with running(config, address, port):
        yield port


def _write(hosts: Fleet, bad: dict[str, tuple[str, ...]], ports: dict[str, int]) -> None:
    public = (hosts.folder / "host_key.pub").read_text().strip()
    text, rest = "", hosts.config.read_text()
    for number, (kind, names) in enumerate(bad.items()):
        text += f"Host 127.{2 + number}.*\n  Port {ports[kind]}\n"
        with hosts.known_hosts.open("a") as known, hosts.inventory.open("a") as inventory:
            for name in names:
                known.write(f"[{name}]:{ports[kind]} {public}\n")
                inventory.write(f"{name} ansible_port={ports[kind]}\n")
    hosts.config.write_text(f"{text}{rest}  ConnectTimeout {PATIENCE}\n")


def _told(out: str, bad: dict[str, tuple[str, ...]], good: tuple[str, ...]) -> list[str]:
    """Return what was told wrongly."""
    groups = json.loads(out[out.index("{\n") :])["groups"]
    said = {host: (group["state"], group["why"]) for group in groups for host in group["hosts"]}
    wrong = [f"{host}: {said[host]}" for host in good if said[host][0] != "ok"]
    for kind, names in bad.items():
        state, words = _CLASSES[kind]
        wrong += [
            f"{name} ({kind}): {said[name]}"
            for name in names
            if said[name][0] != state or not re.search(words, said[name][1])
        ]
    return wrong


def _rows(walls: dict[str, float], wrong: int) -> list[Row]:
    """Return our wall beside those of others, of which pdsh's should not be less."""
    ours = walls.pop("gonogo")
    rows = [Row("hosts told wrongly", str(wrong), "", None, "0", not wrong)]
    for name, wall in walls.items():
        ratio, is_aim = ours / wall, name == "pdsh"
        good = ratio <= 1 if is_aim else None
        rows.append(
            Row("wall", f"{ours:.2f} s", f"{name}: {wall:.2f} s", ratio, "<= 1x" if is_aim else "", good)
        )
    return rows


def main() -> None:
    """Measure and print; exit 1 when a host was told wrongly."""
    parser = argparse.ArgumentParser(prog="python -m bench.faulty", description=__doc__)
    parser.add_argument("-n", type=int, default=1000, help="hosts, the broken ones among them")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    good = given.n - REFUSE - HANG - DROP - CHANGED
    walls: dict[str, list[float]] = {}
    wrong: list[str] = []
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="gonogo-bench-"))
        hosts = stack.enter_context(fleet(Path(folder), good))
        bad = stack.enter_context(broken(hosts))
        everyone = hosts.hosts + tuple(name for names in bad.values() for name in names)
        whole = Fleet(hosts.folder, hosts.port, hosts.pid, everyone)
        home = hosts.folder / "home" / ".ssh"
        home.mkdir(parents=True)
        (home / "config").write_text(hosts.config.read_text())
        own = [
            sys.executable,
            "-m",
            "gonogo",
            "exec",
            "all",
            "-i",
            str(hosts.inventory),
            "--yes",
            "--json",
        ]
        ways = {"gonogo": [*own, "--", "uname -r"]}
        ways |= {
            peer.name: peer.command(whole, "uname -r")
            for peer in PEERS
            if peer.name in ("pdsh", "clush") and not peer.missing()
        }
        more = {"HOME": str(home.parent), "GONOGO_RUNS": str(hosts.folder / "runs")}
        for _ in range(given.rounds):
            for name, words in ways.items():
                out = hosts.folder / f"{name}.out"
                walls.setdefault(name, []).append(measure(words, out, **more).wall)
                if name == "gonogo":
                    wrong += _told(out.read_text(), bad, hosts.hosts)
    print(f"\n{given.n} hosts, {REFUSE} refuse, {HANG} hang, {DROP} drop, {CHANGED} changed keys")
    show(_rows({name: statistics.median(seconds) for name, seconds in walls.items()}, len(wrong)))
    print(*wrong[::5][:20], sep="\n")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
