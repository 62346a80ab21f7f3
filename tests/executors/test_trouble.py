"""SSH when something is wrong on the way: busy, frozen, silent, without keys, through jump hosts."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import asyncssh
import pytest

from gonogo.errors import TrailError
from gonogo.executors import connect
from gonogo.executors.login import Login
from gonogo.executors.ssh import SshExecutor
from gonogo.run.ports import Ended, Exit, Job, Target
from tests.executors.conftest import Heard
from tests.sshd import Sshd, keygen, loopback, ssh_agent
from tests.sshd import sshd as run_sshd


async def _end(executor: SshExecutor, target: Target, script: str = "true") -> tuple[Exit, Heard]:
    heard = Heard()
    await executor.run(Job((target,), script), heard)
    return heard.ends[target.name], heard


def _ssh_keygen(*words: str | Path) -> None:
    subprocess.run(["ssh-keygen", "-q", *words], check=True, capture_output=True)


@pytest.fixture
async def impatient(sshd: Sshd) -> AsyncIterator[SshExecutor]:
    """An executor that soon finds out that nobody answers."""
    executor = SshExecutor(
        config=[],
        known_hosts=[sshd.known_hosts],
        client_keys=[sshd.key],
        agent=False,
        login_timeout=2,
        keepalive=0.2,
    )
    yield executor
    await executor.close()


@contextlib.contextmanager
def _frozen(pids: set[int]) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)


async def test_a_login_outlasts_a_standstill_of_this_machine(
    ssh: SshExecutor, target: Callable[..., Target], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Suspended, or without a processor, it heard nobody: whose limit passed meanwhile has it anew."""
    loop, answered = asyncio.get_running_loop(), Login.connection_made
    clock, ahead = loop.time, [0.0]

    def stand_still(login: Login, connection: asyncssh.SSHClientConnection) -> None:
        answered(login, connection)
        ahead[0] += 100

    monkeypatch.setattr(loop, "time", lambda: clock() + ahead[0])
    monkeypatch.setattr(Login, "connection_made", stand_still)
    end, _ = await _end(ssh, target())
    assert end == Exit(Ended.EXIT, 0)
    assert ahead == [100]


async def test_a_host_that_freezes_is_lost(
    sshd: Sshd, impatient: SshExecutor, target: Callable[..., Target]
) -> None:
    """A host that stops answering while a command runs is found by asking."""
    before = set(sshd.sessions())
    heard = Heard()
    work = asyncio.create_task(impatient.run(Job((target(),), "echo on; sleep 31.1"), heard))
    while not heard.out() and not work.done():
        await asyncio.sleep(0.01)
    with _frozen(set(sshd.sessions()) - before):
        await work
    assert heard.ends["a"].how is Ended.LOST
    assert "lost" in heard.ends["a"].reason


async def test_a_frozen_host_does_not_confirm_its_end(
    sshd: Sshd, ssh: SshExecutor, target: Callable[..., Target]
) -> None:
    """Past its limit on a host that is frozen, a command is not said to have been ended."""
    before = set(sshd.sessions())
    heard = Heard()
    work = asyncio.create_task(ssh.run(Job((target(),), "echo on; sleep 31.2", timeout=1.5), heard))
    while not heard.out() and not work.done():
        await asyncio.sleep(0.01)
    with _frozen(set(sshd.sessions()) - before):
        await work
    assert heard.ends["a"].how is Ended.LOST
    assert "may run still" in heard.ends["a"].reason


async def test_a_kept_connection_that_froze_is_opened_again(
    sshd: Sshd, target: Callable[..., Target], marker: Path
) -> None:
    """Nobody noticed that it died: the command is sent over a new one, and runs once."""
    executor = SshExecutor(
        config=[], known_hosts=[sshd.known_hosts], client_keys=[sshd.key], agent=False, login_timeout=2
    )
    before = set(sshd.sessions())
    await _end(executor, target())
    with _frozen(set(sshd.sessions()) - before):
        end, heard = await _end(executor, target(), f"echo x >> {marker}")
    assert end == Exit(Ended.EXIT, 0)
    assert heard.started == ["a"]
    assert marker.read_text() == "x\n"
    await executor.close()


@contextlib.asynccontextmanager
async def _port(
    address: str, serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
) -> AsyncIterator[tuple[int, list[asyncio.Task[None]]]]:
    """A port of our own: its number, and one task for each connection that came."""
    seen: list[asyncio.Task[None]] = []

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(asyncio.get_running_loop().create_task(served(reader, writer)))

    server = await asyncio.start_server(accepted, address, 0)
    try:
        yield server.sockets[0].getsockname()[1], seen
    finally:
        server.close()
        await asyncio.gather(*seen)


def _busy(sshd: Sshd, drop: int) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """Serve as sshd does, once some first connections have been closed at once."""
    left = [None] * drop

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if left:
            left.pop()
            return
        there, here = await asyncio.open_connection(sshd.addresses[0], sshd.port)
        await asyncio.gather(copy(reader, here), copy(there, writer))

    return serve


@pytest.mark.parametrize(("drop", "how"), [(7, Ended.EXIT), (8, Ended.UNREACHABLE)])
async def test_a_busy_sshd_is_tried_again(
    sshd: Sshd, tmp_path: Path, drop: int, how: Ended, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that is closed before a word was said is tried again, not for ever."""
    monkeypatch.setattr(connect, "PAUSE", 0.001)
    (tmp_path / "known").write_text("* " + (sshd.folder / "host_key.pub").read_text())
    executor = SshExecutor(config=[], known_hosts=[tmp_path / "known"], client_keys=[sshd.key], agent=False)
    async with _port(loopback(9)[8], _busy(sshd, drop)) as (port, seen):
        variables = sshd.variables(loopback(9)[8]) | {"ansible_port": str(port)}
        end, _ = await _end(executor, Target("a", variables))
        await executor.close()
    assert end.how is how
    assert len(seen) == 8
    assert ("busy" in end.reason) == (how is Ended.UNREACHABLE)


async def test_a_port_that_says_nothing(sshd: Sshd) -> None:
    """An open port without an answer is told from a closed one, and not tried again."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    executor = SshExecutor(
        config=[], known_hosts=[sshd.known_hosts], client_keys=[sshd.key], agent=False, login_timeout=0.3
    )
    async with _port("127.0.0.1", silent) as (port, seen):
        where = {"ansible_host": "127.0.0.1", "ansible_port": str(port)}
        end, _ = await _end(executor, Target("a", where))
    assert end.how is Ended.UNREACHABLE
    assert "timed out during login" in end.reason
    assert len(seen) == 1


async def test_no_key_at_all(
    sshd: Sshd, target: Callable[..., Target], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without key files it is told whether there is no agent, a dead one, or an empty one."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    end, _ = await _end(SshExecutor(config=[], known_hosts=[sshd.known_hosts]), target())
    assert "no agent (SSH_AUTH_SOCK is not set)" in end.reason
    path = tmp_path / "agent"
    monkeypatch.setenv("SSH_AUTH_SOCK", str(path))
    end, _ = await _end(SshExecutor(config=[], known_hosts=[sshd.known_hosts]), target())
    assert "no agent answers" in end.reason
    with ssh_agent(path):
        end, _ = await _end(SshExecutor(config=[], known_hosts=[sshd.known_hosts]), target())
    assert "there is no key file, and the agent holds none" in end.reason


@pytest.mark.parametrize(("name", "config"), [("id_ed25519", ""), ("mine", "IdentityFile ~/.ssh/mine\n")])
async def test_a_key_with_a_passphrase_and_no_agent(
    sshd: Sshd,
    target: Callable[..., Target],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    config: str,
) -> None:
    """It is not told that there is no key file: the file is named, with what it lacks."""
    (tmp_path / ".ssh").mkdir()
    key = tmp_path / ".ssh" / name
    keygen(key, passphrase="secret")
    (tmp_path / "config").write_text(config)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    executor = SshExecutor(config=[tmp_path / "config"], known_hosts=[sshd.known_hosts])
    end, _ = await _end(executor, target())
    assert f"{name} wants a passphrase, and no agent (SSH_AUTH_SOCK is not set)" in end.reason


async def test_a_jump_host_is_logged_in_to_once(sshd: Sshd, ssh: SshExecutor) -> None:
    """Hosts behind one jump host share its connection."""
    before = set(sshd.sessions())
    arguments = f"-o ProxyJump={sshd.addresses[2]}:{sshd.port}"
    targets = tuple(
        Target(f"h{number}", sshd.variables(sshd.addresses[number]) | {"ansible_ssh_common_args": arguments})
        for number in range(3, 6)
    )
    heard = Heard()
    await ssh.run(Job(targets, "true"), heard)
    assert {end.code for end in heard.ends.values()} == {0}
    assert len(set(sshd.sessions()) - before) == 4


async def test_one_jump_host_through_another(sshd: Sshd, ssh: SshExecutor) -> None:
    """Several hops go each through the one before."""
    hops = ",".join(f"{address}:{sshd.port}" for address in sshd.addresses[2:4])
    variables = sshd.variables(sshd.addresses[4]) | {"ansible_ssh_common_args": f"-J {hops}"}
    end, heard = await _end(ssh, Target("a", variables), "echo $SSH_CONNECTION")
    assert end.code == 0, end.reason
    assert heard.out().split()[2] == sshd.addresses[4].encode()
    assert len(ssh._kept.connector._jumps) == 2


async def test_a_jump_host_in_ssh_config(sshd: Sshd, tmp_path: Path) -> None:
    """Aliases of host and jump host come from ssh_config; one that leads to itself is told."""
    (tmp_path / "config").write_text(
        f"Host gate\n  HostName {sshd.addresses[1]}\nHost inner\n  HostName {sshd.addresses[2]}\n"
        "  ProxyJump gate\nHost loop\n  ProxyJump loop\n"
        f"Host *\n  Port {sshd.port}\n  IdentityFile {sshd.key}\n  RequestTTY force\n"
    )
    executor = SshExecutor(config=[tmp_path / "config"], known_hosts=[sshd.known_hosts], agent=False)
    end, heard = await _end(executor, Target("inner"), "echo $SSH_CONNECTION; test -t 1 || echo plain")
    assert end.code == 0, end.reason
    assert sshd.addresses[2].encode() in heard.out("inner")
    assert heard.out("inner").endswith(b"plain\n")
    end, _ = await _end(executor, Target("loop"))
    assert "through itself" in end.reason
    await executor.close()


async def test_a_jump_host_is_checked_as_well(sshd: Sshd, tmp_path: Path) -> None:
    """A jump host whose key is unknown stops the host behind it, by name."""
    lines = sshd.known_hosts.read_text().splitlines(keepends=True)
    (tmp_path / "known").write_text("".join(line for line in lines if sshd.addresses[2] not in line))
    executor = SshExecutor(config=[], known_hosts=[tmp_path / "known"], client_keys=[sshd.key], agent=False)
    arguments = {"ansible_ssh_common_args": f"-J {sshd.addresses[2]}:{sshd.port}"}
    end, _ = await _end(executor, Target("a", sshd.variables(sshd.addresses[3]) | arguments))
    assert end.how is Ended.UNREACHABLE
    assert f"jump host {sshd.addresses[2]}: the host key is not known" in end.reason


async def test_no_config_is_no_config(
    sshd: Sshd, target: Callable[..., Target], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an empty list of files the user's own ssh_config is not read."""
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh/config").write_text(f"Host *\n  ProxyCommand touch {tmp_path}/read\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    executor = SshExecutor(config=[], known_hosts=[sshd.known_hosts], client_keys=[sshd.key], agent=False)
    end, _ = await _end(executor, target())
    assert end.code == 0, end.reason
    assert not (tmp_path / "read").exists()
    await executor.close()


async def test_hashed_and_revoked(sshd: Sshd, target: Callable[..., Target], tmp_path: Path) -> None:
    """A hashed file is trusted; a revoked key is refused though it is known."""
    shutil.copy(sshd.known_hosts, tmp_path / "known")
    _ssh_keygen("-H", "-f", tmp_path / "known")
    executor = SshExecutor(config=[], known_hosts=[tmp_path / "known"], client_keys=[sshd.key], agent=False)
    end, _ = await _end(executor, target())
    assert end.code == 0, end.reason
    await executor.close()
    with (tmp_path / "known").open("a") as known:
        known.write("@revoked * " + (sshd.folder / "host_key.pub").read_text())
    executor = SshExecutor(config=[], known_hosts=[tmp_path / "known"], client_keys=[sshd.key], agent=False)
    end, _ = await _end(executor, target())
    assert end.how is Ended.UNREACHABLE
    assert "revoked" in end.reason


async def test_hashed_with_another_of_the_hosts_keys(
    tmp_path: Path, need: Callable[[str, str], str], marker: Path
) -> None:
    """A hashed line with a key that the host has, but shows only when asked for, is found."""
    second = keygen(tmp_path / "second", "rsa")
    with run_sshd(need("sshd", "openssh-server"), tmp_path, 2, f"HostKey {tmp_path}/second\n") as server:
        known = tmp_path / "known"
        names = [f"[{address}]:{server.port}" for address in server.addresses]
        known.write_text(f"{names[0]} {second}\n{names[1]} {keygen(tmp_path / 'third')}\n")
        _ssh_keygen("-H", "-f", known)
        executor = SshExecutor(config=[], known_hosts=[known], client_keys=[server.key], agent=False)
        end, _ = await _end(executor, Target("a", server.variables()), f"echo x >> {marker}")
        assert end == Exit(Ended.EXIT, 0)
        end, _ = await _end(executor, Target("b", server.variables(server.addresses[1])))
        assert "the host key has changed" in end.reason
        await executor.close()
    assert marker.read_text() == "x\n"


async def test_a_host_with_another_kind_of_key(
    sshd: Sshd, target: Callable[..., Target], tmp_path: Path
) -> None:
    """When the known key is of a kind that the host has not, its key has changed."""
    known = tmp_path / "known"
    known.write_text(f"[{sshd.addresses[0]}]:{sshd.port} {keygen(tmp_path / 'other', 'ecdsa')}\n")
    executor = SshExecutor(config=[], known_hosts=[known], client_keys=[sshd.key], agent=False)
    end, _ = await _end(executor, target())
    assert "has changed: it is ssh-ed25519 SHA256:" in end.reason
    assert "known is ecdsa-sha2-nistp256 SHA256:" in end.reason


async def test_a_host_certificate(tmp_path: Path, need: Callable[[str, str], str]) -> None:
    """An authority in known_hosts vouches for a host whose own key is not there."""
    authority = keygen(tmp_path / "ca")
    keygen(tmp_path / "host_key")
    names = ",".join(loopback(2))
    _ssh_keygen("-s", tmp_path / "ca", "-I", "x", "-h", "-n", names, tmp_path / "host_key.pub")
    more = f"HostCertificate {tmp_path}/host_key-cert.pub\n"
    with run_sshd(need("sshd", "openssh-server"), tmp_path, 2, more) as server:
        (tmp_path / "known").write_text(f"@cert-authority * {authority}\n")
        executor = SshExecutor(
            config=[], known_hosts=[tmp_path / "known"], client_keys=[server.key], agent=False
        )
        end, _ = await _end(executor, Target("a", server.variables()))
        await executor.close()
    assert end.code == 0, end.reason


async def test_one_refused_start_stops_the_others(
    sshd: Sshd, ssh: SshExecutor, target: Callable[..., Target], tmp_path: Path
) -> None:
    """When one start cannot be recorded, commands that run are ended, and each host is reported."""

    class Refusing(Heard):
        async def starting(self, host: str) -> None:
            if host == "b":
                while not self.out("a"):
                    await asyncio.sleep(0.01)
                raise TrailError("the disk is full")

    heard = Refusing()
    script = f"echo on; sleep 31.3; touch {tmp_path}/$H"
    targets = (target("a", 0, H="a"), target("b", 1, H="b"))
    with pytest.raises(TrailError, match="disk is full"):
        await ssh.run(Job(targets, script), heard)
    assert {name: end.how for name, end in heard.ends.items()} == {
        "a": Ended.CANCELLED,
        "b": Ended.CANCELLED,
    }
    assert ("b" in {host for host, _ in heard.data}) is False
    assert list(tmp_path.iterdir()) == []


async def test_a_cancel_tells_what_was_sent(ssh: SshExecutor, target: Callable[..., Target]) -> None:
    """Hosts that had not begun are told from those that were ended."""
    heard = Heard()
    job = Job((target("a"), target("b", 1)), "echo on; sleep 31.4", parallel=1)
    work = asyncio.create_task(ssh.run(job, heard))
    while not heard.out() and not work.done():
        await asyncio.sleep(0.01)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert "ended with all its processes" in heard.ends["a"].reason
    assert "before anything was sent" in heard.ends["b"].reason


async def test_a_command_that_closed_its_output_can_be_ended(
    ssh: SshExecutor, target: Callable[..., Target], tmp_path: Path
) -> None:
    """It goes on without output, and a cancel still ends it."""
    heard, begun = Heard(), tmp_path / "begun"
    script = f"exec >&- 2>&-; touch {begun}; sleep 61.3"
    work = asyncio.create_task(ssh.run(Job((target(),), script), heard))
    while not begun.exists():
        await asyncio.sleep(0.01)
    ssh.cancel("a")
    with contextlib.suppress(asyncio.CancelledError):
        await work
    assert heard.ends["a"].reason == "cancelled, and ended with all its processes"


async def test_one_host_under_two_addresses(sshd: Sshd, ssh: SshExecutor) -> None:
    """A kept connection serves a host only while the inventory says the same of it."""
    for address in sshd.addresses[:2]:
        end, heard = await _end(ssh, Target("a", sshd.variables(address)), "echo $SSH_CONNECTION")
        assert end.code == 0
        assert address.encode() in heard.out()


async def test_a_dropped_connection_kills_nothing(
    sshd: Sshd, ssh: SshExecutor, target: Callable[..., Target], marker: Path
) -> None:
    """What runs goes on when the connection breaks: half a package update is worse than a whole one."""
    go = marker.with_name("go")
    before = set(sshd.sessions())
    heard = Heard()
    script = f"echo on; while ! test -e {go}; do sleep 0.01; done; touch {marker}"
    work = asyncio.create_task(ssh.run(Job((target(),), script), heard))
    while not heard.out() and not work.done():
        await asyncio.sleep(0.01)
    for pid in set(sshd.sessions()) - before:
        os.kill(pid, signal.SIGKILL)
    await work
    assert heard.ends["a"].how is Ended.LOST
    go.touch()
    while not marker.exists():
        await asyncio.sleep(0.01)


async def test_a_port_that_does_not_answer(ssh: SshExecutor) -> None:
    """A host that takes no connection in time says so, within the job's own limit."""
    heard = Heard()
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for client in (first, second):
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        where = {"ansible_host": "127.0.0.1", "ansible_port": str(full.getsockname()[1])}
        await ssh.run(Job((Target("a", where),), "true", connect_timeout=0.3), heard)
    assert heard.ends["a"].how is Ended.UNREACHABLE
    assert "no answer from its SSH port" in heard.ends["a"].reason
