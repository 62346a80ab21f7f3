"""What waits in threads holds up nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gonogo.executors.ssh import SshExecutor
from gonogo.run.ports import Ended, Exit, Job, Target
from tests.executors.conftest import Heard
from tests.sshd import Sshd


async def test_a_dead_name_server_does_not_hold_up_other_hosts(
    ssh: SshExecutor, target: Callable[..., Target], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host that is known by its address is logged in to while dozens of names are looked up in vain."""
    answer, real = threading.Event(), socket.getaddrinfo
    asked: set[str] = set()

    def slow(host: Any, *rest: Any, **more: Any) -> Any:
        if str(host).endswith(".invalid"):
            asked.add(host)
            answer.wait()
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    names = [Target(f"h{number}.invalid", {}, {}) for number in range(40)]
    heard = Heard()
    waiting = asyncio.create_task(ssh.run(Job(tuple(names), "true"), heard))
    try:
        other = Heard()
        async with asyncio.timeout(20):
            while len(asked) < len(names):
                await asyncio.sleep(0)
            await ssh.run(Job((target(),), "true"), other)
        assert other.ends["a"] == Exit(Ended.EXIT, 0)
        assert heard.ends == {}
    finally:
        answer.set()
    await waiting
    assert {end.how for end in heard.ends.values()} == {Ended.UNREACHABLE}


async def _login(sshd: Sshd, folder: Path, limit: float) -> Exit:
    """Log in to the host that is known by a name alone."""
    key = sshd.known_hosts.read_text().split(None, 1)[1].split("\n")[0]
    (folder / "known").write_text(f"[a.invalid]:{sshd.port} {key}\n")
    executor = SshExecutor(config=[], known_hosts=[folder / "known"], client_keys=[sshd.key], agent=False)
    heard = Heard()
    job = Job((Target("a", sshd.variables("a.invalid")),), "true", connect_timeout=limit)
    await executor.run(job, heard)
    await executor.close()
    return heard.ends["a"]


async def test_a_slow_name_server_is_no_silent_host(
    sshd: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a lookup takes does not count as time to connect."""
    answer, loop, real = threading.Event(), asyncio.get_running_loop(), socket.getaddrinfo

    def slow(host: Any, *rest: Any, **more: Any) -> Any:
        if host != "a.invalid":
            return real(host, *rest, **more)
        loop.call_soon_threadsafe(loop.call_later, 1.2, answer.set)
        answer.wait()
        return real(sshd.addresses[0], *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    assert await _login(sshd, tmp_path, 1) == Exit(Ended.EXIT, 0)


async def test_every_address_of_a_name_is_tried(
    sshd: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name whose first address is silent is reached at its second one, in time."""
    real = socket.getaddrinfo
    with contextlib.ExitStack() as stack:
        quiet = sshd.addresses[0].replace("127.7.", "127.8.")
        stack.enter_context(socket.create_server((quiet, sshd.port), backlog=0))
        for _ in range(2):  # What comes to a full queue is dropped.
            full = stack.enter_context(socket.socket())
            full.setblocking(False)
            full.connect_ex((quiet, sshd.port))

        def both(host: Any, *rest: Any, **more: Any) -> Any:
            if host != "a.invalid":
                return real(host, *rest, **more)
            return [*real(quiet, *rest, **more), *real(sshd.addresses[0], *rest, **more)]

        monkeypatch.setattr(socket, "getaddrinfo", both)
        assert await _login(sshd, tmp_path, 10) == Exit(Ended.EXIT, 0)
