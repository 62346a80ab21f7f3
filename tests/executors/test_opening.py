"""What ssh_config may ask for beyond settings: a program on the way, another name, a second reading."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from gonogo.executors.ssh import SshExecutor
from gonogo.run.ports import Ended, Exit, Job, Target
from tests.executors.conftest import Heard
from tests.sshd import Sshd

_RELAY = """
import os, socket, sys, threading
open(sys.argv[3], "a").write(f"{os.getpid()} ")
there = socket.create_connection((sys.argv[1], int(sys.argv[2])))
def back():
    while data := there.recv(65536):
        os.write(1, data)
    os._exit(0)
threading.Thread(target=back, daemon=True).start()
while data := os.read(0, 65536):
    there.sendall(data)
"""


async def _login(sshd: Sshd, folder: Path, config: str, **variables: str) -> Exit:
    """Log in twice to one host, with an ssh_config; return how that ended."""
    (folder / "config").write_text(config)
    known = folder / "known" if (folder / "known").exists() else sshd.known_hosts
    executor = SshExecutor(
        config=[folder / "config"], known_hosts=[known], client_keys=[sshd.key], agent=False
    )
    heard = Heard()
    targets = tuple(Target(name, {"ansible_host": sshd.addresses[0]} | variables) for name in ("a", "b"))
    await executor.run(Job(targets, "true"), heard)
    await executor.close()
    assert heard.ends["a"] == heard.ends["b"]
    return heard.ends["a"]


async def test_a_program_makes_the_connection(sshd: Sshd, tmp_path: Path) -> None:
    """ProxyCommand is started with the host's address and port."""
    (tmp_path / "relay.py").write_text(_RELAY)
    relay = f"{sys.executable} {tmp_path}/relay.py %h %p {tmp_path}/pids"
    config = f"Host *\n  Port {sshd.port}\n  ProxyCommand {relay}\n"
    assert await _login(sshd, tmp_path, config) == Exit(Ended.EXIT, 0)
    for number in (tmp_path / "pids").read_text().split():
        while Path("/proc", number).exists():  # it ends after its connection, and the loop is to hear of it
            await asyncio.sleep(0)


async def test_a_configuration_that_is_read_twice(sshd: Sshd, tmp_path: Path) -> None:
    """`Match final` counts, after all else."""
    assert await _login(sshd, tmp_path, f"Match final all\n  Port {sshd.port}\n") == Exit(Ended.EXIT, 0)


async def test_a_short_name_is_completed(sshd: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The host is looked up, and known, under the name that its domain makes of it."""
    real = socket.getaddrinfo

    def found(host: Any, *rest: Any, **more: Any) -> Any:
        return real(sshd.addresses[0] if host == "cp01.invalid" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", found)
    key = sshd.known_hosts.read_text().split(None, 1)[1].split("\n")[0]
    (tmp_path / "known").write_text(f"[cp01.invalid]:{sshd.port} {key}\n")
    config = f"Host *\n  Port {sshd.port}\n  CanonicalizeHostname yes\n  CanonicalDomains invalid\n"
    assert await _login(sshd, tmp_path, config, ansible_host="cp01") == Exit(Ended.EXIT, 0)
