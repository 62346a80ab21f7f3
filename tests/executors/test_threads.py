"""What waits in threads holds up nothing else."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from gonogo.executors.ssh import SshExecutor
from gonogo.run.ports import Ended, Exit, Job, Target
from tests.executors.conftest import Heard


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
