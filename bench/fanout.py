"""One short command on forty rehearsal hosts whose connections are open already."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import asyncssh

from gonogo.executors import create
from gonogo.executors.lab import start as start_lab
from gonogo.hosts import load_inventory
from gonogo.hosts.model import Host
from gonogo.run.ports import Ended, Exit, Job, Stream, Target

from .measure import Row, milliseconds

HOSTS = 40
ROUNDS = 15
COMMAND = "uname -r"
MOST = 0.2
"""Seconds that all hosts together should take at most."""


class Ends:
    """A sink that writes nothing to disk and remembers how each host ended."""

    def __init__(self) -> None:
        self.ends: list[Exit] = []

    async def starting(self, host: str) -> None:
        """Let it start at once."""

    def output(self, host: str, stream: Stream, data: bytes) -> None:
        """Let the output go."""

    def exited(self, host: str, end: Exit) -> None:
        """Keep the end."""
        self.ends.append(end)


async def ours(hosts: list[Host], seconds: list[float]) -> None:
    """Time a job of all hosts on connections that an earlier one opened, then let go of them."""
    job = Job(tuple(Target(host.name, host.vars) for host in hosts), COMMAND)
    executor = create("ssh")
    try:
        for number in range(ROUNDS + 1):
            sink = Ends()
            begun = time.perf_counter()
            await executor.run(job, sink)
            if number:
                seconds.append(time.perf_counter() - begun)
            if bad := [end for end in sink.ends if end.how is not Ended.EXIT or end.code]:
                raise RuntimeError(f"{len(bad)} of {len(hosts)} hosts failed: {bad[0]}")
    finally:
        await executor.close()


async def bare(hosts: list[Host], seconds: list[float]) -> None:
    """Time asyncssh alone on open connections: no known_hosts, no script, no trail."""
    connections = await asyncio.gather(
        *(
            asyncssh.connect(
                host.vars["ansible_host"],
                int(host.vars["ansible_port"]),
                username=host.vars.get("ansible_user", ()),
                client_keys=[host.vars["ansible_ssh_private_key_file"]],
                known_hosts=None,
                config=None,
            )
            for host in hosts
        )
    )
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        await asyncio.gather(*(connection.run(COMMAND, check=True) for connection in connections))
        seconds.append(time.perf_counter() - begun)
    for connection in connections:
        connection.close()


def rows() -> list[Row]:
    """Start a lab, take both ways in turns, stop it."""
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder, "hosts.ini")
        plan.write_text(f"[all]\nhost[01:{HOSTS}]\n")
        lab = start_lab(plan, None, Path(folder, "lab"))
        mine: list[float] = []
        other: list[float] = []
        try:
            hosts = list(load_inventory([lab.inventory]).hosts.values())
            for _ in range(3):
                asyncio.run(ours(hosts, mine))
                asyncio.run(bare(hosts, other))
        finally:
            lab.stop()
    taken, beside = statistics.median(mine), statistics.median(other)
    return [
        Row(
            f"{HOSTS} lab hosts, {COMMAND}, warm",
            milliseconds(taken),
            f"bare asyncssh: {milliseconds(beside)}",
            taken / beside,
            f"<= {milliseconds(MOST)}",
            taken <= MOST,
        )
    ]
