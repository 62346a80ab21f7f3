"""SSH alone: trust, kept connections, and why a host could not be reached."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gonogo.executors import slots
from gonogo.executors.ssh import SshExecutor
from gonogo.run.ports import Ended, Exit, Job, Target
from tests.executors.conftest import Heard
from tests.sshd import Sshd, keygen, ssh_agent


async def _end(executor: SshExecutor, target: Target, script: str = "true") -> tuple[Exit, Heard]:
    heard = Heard()
    await executor.run(Job((target,), script), heard)
    return heard.ends[target.name], heard


async def test_a_connection_is_kept(ssh: SshExecutor, target: Callable[..., Target]) -> None:
    """A second command goes over the same connection."""
    _, first = await _end(ssh, target(), "echo $SSH_CONNECTION")
    _, second = await _end(ssh, target(), "echo $SSH_CONNECTION")
    assert first.out() == second.out()
    assert len(first.out().split()) == 4


async def test_the_last_command_closes_its_connection(
    ssh: SshExecutor, target: Callable[..., Target]
) -> None:
    """What ended well and was the host's last holds no session there; what failed may be tried again."""
    script = "echo $SSH_CONNECTION; exit $code"
    said = []
    for code in "010":
        heard = Heard()
        await ssh.run(Job((target(code=code),), script, last=True), heard)
        said.append(heard.out())
    assert said[0] != said[1] == said[2]


async def test_whoever_is_connected_waits_for_nobody(
    ssh: SshExecutor, target: Callable[..., Target], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host with a connection runs its command while all places to log in are taken."""
    monkeypatch.setattr(slots, "WORKING", 1000)
    await _end(ssh, target("b", 1))
    heard = Heard()
    async with contextlib.AsyncExitStack() as taken:
        for _ in range(slots.LOGINS):
            await taken.enter_async_context(ssh._kept.connector.slots.taken(lambda: True))
        job = asyncio.create_task(ssh.run(Job((target("a"), target("b", 1)), "true"), heard))
        async with asyncio.timeout(20):
            while "b" not in heard.ends:
                await asyncio.sleep(0)
        assert "a" not in heard.ends
    await job
    assert heard.ends["a"] == heard.ends["b"] == Exit(Ended.EXIT, 0)


async def test_a_dropped_connection_is_opened_again(
    sshd: Sshd, ssh: SshExecutor, target: Callable[..., Target]
) -> None:
    """A kept connection that died between two steps is opened anew, unnoticed."""
    await _end(ssh, target())
    for pid in sshd.sessions():
        os.kill(pid, signal.SIGKILL)
    while any(not kept.is_closed() for kept in ssh._kept._open.values()):
        await asyncio.sleep(0.01)
    end, _ = await _end(ssh, target(), "exit 4")
    assert end == Exit(Ended.EXIT, 4)


async def test_lost_is_not_failed(sshd: Sshd, ssh: SshExecutor, target: Callable[..., Target]) -> None:
    """A connection that goes away while a command runs is lost: nobody knows whether it finished."""
    heard = Heard()
    work = asyncio.create_task(ssh.run(Job((target(),), "echo on; sleep 5"), heard))
    while not heard.out() and not work.done():
        await asyncio.sleep(0.01)
    for pid in sshd.sessions():
        os.kill(pid, signal.SIGKILL)
    await work
    assert heard.ends["a"].how is Ended.LOST
    assert heard.ends["a"].code is None


async def test_nothing_listens(ssh: SshExecutor) -> None:
    """A refused connection is unreachable, and nothing was started."""
    end, heard = await _end(ssh, Target("a", {"ansible_host": "127.0.0.1", "ansible_port": "1"}))
    assert end.how is Ended.UNREACHABLE
    assert "refused" in end.reason
    assert heard.started == []


async def test_a_name_that_is_not_found(ssh: SshExecutor) -> None:
    """A name without an address says so."""
    end, _ = await _end(ssh, Target("nowhere.invalid"))
    assert end.how is Ended.UNREACHABLE
    assert "not found" in end.reason


async def test_an_unknown_key(sshd: Sshd, target: Callable[..., Target], tmp_path: Path) -> None:
    """A host whose key is not known is refused, with the key's fingerprint."""
    (tmp_path / "empty").touch()
    executor = SshExecutor(config=[], known_hosts=[tmp_path / "empty"], client_keys=[sshd.key], agent=False)
    end, heard = await _end(executor, target())
    assert end.how is Ended.UNREACHABLE
    assert "not known: ssh-ed25519 SHA256:" in end.reason
    assert heard.started == []


async def test_a_changed_key(sshd: Sshd, target: Callable[..., Target], tmp_path: Path) -> None:
    """A host with another key than the known one is refused, with both fingerprints."""
    other = keygen(tmp_path / "other")
    (tmp_path / "known").write_text(f"[{sshd.addresses[0]}]:{sshd.port} {other}\n")
    executor = SshExecutor(config=[], known_hosts=[tmp_path / "known"], client_keys=[sshd.key], agent=False)
    end, _ = await _end(executor, target())
    assert end.how is Ended.UNREACHABLE
    assert "has changed" in end.reason
    assert end.reason.count("SHA256:") == 2


async def test_a_refused_login(sshd: Sshd, target: Callable[..., Target], tmp_path: Path) -> None:
    """A key that the host does not accept is a refused login."""
    keygen(tmp_path / "stranger")
    executor = SshExecutor(
        config=[], known_hosts=[sshd.known_hosts], client_keys=[tmp_path / "stranger"], agent=False
    )
    end, _ = await _end(executor, target())
    assert end.how is Ended.UNREACHABLE
    assert "login refused" in end.reason


@pytest.mark.parametrize(
    "line", ["UserKnownHostsFile none", "UserKnownHostsFile /dev/null", "StrictHostKeyChecking no"]
)
async def test_ssh_config_cannot_turn_checking_off(
    sshd: Sshd, target: Callable[..., Target], tmp_path: Path, line: str
) -> None:
    """Whatever ssh_config says, an unknown host key is refused."""
    (tmp_path / "config").write_text(f"Host *\n  {line}\n  GlobalKnownHostsFile {tmp_path}/nothing\n")
    executor = SshExecutor(config=[tmp_path / "config"], client_keys=[sshd.key], agent=False)
    end, heard = await _end(executor, target())
    assert end.how is Ended.UNREACHABLE
    assert "not known" in end.reason
    assert heard.started == []


async def test_ssh_config_is_read(sshd: Sshd, tmp_path: Path) -> None:
    """An alias with its address, port, key and known hosts in ssh_config just works."""
    (tmp_path / "config").write_text(
        f"Host alias\n  HostName {sshd.addresses[1]}\n  Port {sshd.port}\n  IdentityFile {sshd.key}\n"
        f"  UserKnownHostsFile {sshd.known_hosts}\n"
    )
    executor = SshExecutor(config=[tmp_path / "config"], agent=False)
    end, heard = await _end(executor, Target("alias"), "echo $SSH_CONNECTION")
    assert end.code == 0
    assert sshd.addresses[1].encode() in heard.out("alias")
    await executor.close()


async def test_through_a_jump_host(sshd: Sshd, ssh: SshExecutor) -> None:
    """ProxyJump goes through another host, whose key is checked as well."""
    jump = f"-o ProxyJump={sshd.addresses[2]}:{sshd.port}"
    variables = sshd.variables(sshd.addresses[3]) | {"ansible_ssh_common_args": jump}
    end, heard = await _end(ssh, Target("a", variables), "echo $SSH_CONNECTION")
    assert end.code == 0, end.reason
    assert heard.out().split()[2] == sshd.addresses[3].encode()


async def test_arguments_that_are_not_understood_are_refused(sshd: Sshd, ssh: SshExecutor) -> None:
    """An option that would change the connection and is not known stops the host."""
    variables = sshd.variables() | {"ansible_ssh_common_args": "-o ProxyCommand='nc %h %p'"}
    end, _ = await _end(ssh, Target("a", variables))
    assert end.how is Ended.UNREACHABLE
    assert "not understood" in end.reason


@pytest.fixture
def agent(sshd: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A real ssh-agent that holds the client's key; the home directory holds none."""
    path = tmp_path / "agent"
    with ssh_agent(path):
        monkeypatch.setenv("SSH_AUTH_SOCK", str(path))
        monkeypatch.setenv("HOME", str(tmp_path))
        subprocess.run(["ssh-add", "-q", str(sshd.key)], check=True)
        yield


@pytest.mark.usefixtures("agent")
async def test_the_agent_holds_the_key(sshd: Sshd, target: Callable[..., Target]) -> None:
    """A key that only the agent has is enough to log in."""
    executor = SshExecutor(config=[], known_hosts=[sshd.known_hosts])
    end, _ = await _end(executor, target())
    assert end.code == 0, end.reason
    await executor.close()


async def test_a_bad_line_of_known_hosts_does_not_spoil_the_rest(
    sshd: Sshd, target: Callable[..., Target], tmp_path: Path
) -> None:
    """One unreadable line is left out; hosts on other lines are still trusted."""
    (tmp_path / "known").write_text("garbage !!\nhost ssh-ed25519 AAAA\n" + sshd.known_hosts.read_text())
    executor = SshExecutor(config=[], known_hosts=[tmp_path / "known"], client_keys=[sshd.key], agent=False)
    end, _ = await _end(executor, target())
    assert end.code == 0, end.reason
    await executor.close()
