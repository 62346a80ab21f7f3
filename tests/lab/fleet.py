"""A lab for tests, and a client that trusts only what the lab's own known_hosts says."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncssh

from gonogo.executors.lab import Lab, start
from gonogo.executors.lab.isolate import why_not
from gonogo.hosts import load_inventory


@contextlib.contextmanager
def fleet(
    folder: Path, hosts: list[str], scenario: str | None = None, *, isolated: bool = True
) -> Iterator[Lab]:
    """Start a lab of these hosts; stop it at the end. It is unisolated where the machine has no isolation."""
    isolated = isolated and not why_not(folder)
    inventory = folder / "inventory.yaml"
    inventory.write_text("all:\n  hosts:\n" + "".join(f"    {name}: {{}}\n" for name in hosts))
    faults = None
    if scenario is not None:
        faults = folder / "scenario.yaml"
        faults.write_text(f"gonogo-lab: 1\n{scenario}")
    lab = start(inventory, faults, folder / "lab", isolated=isolated)
    try:
        yield lab
    finally:
        lab.stop()


@contextlib.asynccontextmanager
async def login(lab: Lab, host: str) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """Log in to a host as a client that checks its key."""
    variables = load_inventory([lab.inventory]).hosts[host].vars
    async with asyncssh.connect(
        variables["ansible_host"],
        int(variables["ansible_port"]),
        username=variables["ansible_user"],
        client_keys=[variables["ansible_ssh_private_key_file"]],
        known_hosts=str(lab.directory / "known_hosts"),
        agent_path=None,
        config=None,
    ) as connection:
        yield connection


async def ran(lab: Lab, host: str, command: str, **more: Any) -> asyncssh.SSHCompletedProcess:
    """Run one command on a host over a connection of its own."""
    async with login(lab, host) as connection:
        return await connection.run(command, **more)


async def said(lab: Lab, host: str, command: str) -> str:
    """Return a command's stdout, without the end of its line."""
    return str((await ran(lab, host, command)).stdout).rstrip("\n")


async def journal(lab: Lab, count: int) -> list[dict[str, Any]]:
    """Return the lab's journal once it has so many lines: a command's line is written as it ends."""
    async with asyncio.timeout(20):
        while True:
            lines = lab.journal.read_text().splitlines() if lab.journal.exists() else []
            if len(lines) >= count:
                return [json.loads(line) for line in lines]
            await asyncio.sleep(0.02)
