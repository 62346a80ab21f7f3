"""A network that is cut: the jump host goes away, a host goes down and comes back, the agent is gone."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL
from collections.abc import Callable
from pathlib import Path

import pytest

from gonogo.executors.ssh import SshExecutor
from gonogo.run.ports import Ended, Exit, Job, Target
from tests.executors.conftest import Heard
from tests.sshd import Sshd, ssh_agent
from tests.sshd import sshd as run_sshd


async def _end(executor: SshExecutor, target: Target) -> Exit:
    heard = Heard()
    await executor.run(Job((target,), "true"), heard)
    return heard.ends[target.name]


def _cut(sshd: Sshd) -> None:
    for pid in sshd.sessions():
        os.kill(pid, signal.SIGKILL)


async def test_a_jump_host_that_goes_away_loses_all_behind_it(
    sshd: Sshd, tmp_path: Path, need: Callable[[str, str], str]
) -> None:
    """What ran behind it is lost, not failed, and not tried again; the next command goes through it anew."""
    gate_folder, go = tmp_path / "gate", tmp_path / "go"
    gate_folder.mkdir()
    with run_sshd(need("sshd", "openssh-server"), gate_folder, hosts=1) as gate:
        (tmp_path / "known").write_text(sshd.known_hosts.read_text() + gate.known_hosts.read_text())
        with (gate_folder / "authorized_keys").open("a") as keys:
            keys.write(Path(f"{sshd.key}.pub").read_text())
        executor = SshExecutor(
            config=[], known_hosts=[tmp_path / "known"], client_keys=[sshd.key], agent=False
        )
        through = {"ansible_ssh_common_args": f"-J {gate.addresses[0]}:{gate.port}"}
        targets = tuple(Target(f"h{n}", sshd.variables(sshd.addresses[n]) | through) for n in (1, 2))
        heard = Heard()
        script = f"echo on; while ! test -e {go}; do sleep 0.01; done"
        work = asyncio.create_task(executor.run(Job(targets, script), heard))
        while not (heard.out("h1") and heard.out("h2")) and not work.done():
            await asyncio.sleep(0.01)
        _cut(gate)
        await work
        go.touch()
        assert {name: end.how for name, end in heard.ends.items()} == dict.fromkeys(("h1", "h2"), Ended.LOST)
        assert sorted(heard.started) == ["h1", "h2"]
        assert [await _end(executor, target) for target in targets] == [Exit(Ended.EXIT, 0)] * 2
        await executor.close()


async def test_a_host_that_is_down_and_comes_back(tmp_path: Path, need: Callable[[str, str], str]) -> None:
    """Its kept connection is no host: down it is refused, and up again it is logged in to again."""
    program = need("sshd", "openssh-server")
    with run_sshd(program, tmp_path, hosts=1) as host:
        target = Target("a", host.variables())
        executor = SshExecutor(config=[], known_hosts=[host.known_hosts], client_keys=[host.key], agent=False)
        assert await _end(executor, target) == Exit(Ended.EXIT, 0)
        sessions = host.sessions()
    for pid in sessions:
        os.kill(pid, signal.SIGKILL)
    down = await _end(executor, target)
    assert down.how is Ended.UNREACHABLE
    assert "connection refused" in down.reason
    again = await asyncio.create_subprocess_exec(
        program, "-D", "-f", str(tmp_path / "config"), stderr=DEVNULL
    )
    try:
        while (up := await _end(executor, target)).reason == down.reason and again.returncode is None:
            await asyncio.sleep(0.01)
    finally:
        again.terminate()
        await again.wait()
        await executor.close()
    assert up == Exit(Ended.EXIT, 0)


async def test_an_agent_that_is_gone(
    sshd: Sshd, target: Callable[..., Target], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kept connection needs it no more; a host that is not logged in to yet says what is missing."""
    path = tmp_path / "agent"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SSH_AUTH_SOCK", str(path))
    executor = SshExecutor(config=[], known_hosts=[sshd.known_hosts])
    with ssh_agent(path):
        adding = await asyncio.create_subprocess_exec("ssh-add", "-q", str(sshd.key), stderr=DEVNULL)
        assert await adding.wait() == 0
        assert await _end(executor, target("a")) == Exit(Ended.EXIT, 0)
    assert await _end(executor, target("a")) == Exit(Ended.EXIT, 0)
    end = await _end(executor, target("b", 1))
    await executor.close()
    assert end.how is Ended.UNREACHABLE
    assert f"no agent answers at {path}" in end.reason
