"""Servers that attack, lie or flood, and hosts that are many, odd or the same twice."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncssh
import pytest

from gonogo.executors import connect
from gonogo.executors.kept import Kept
from gonogo.executors.ssh import SshExecutor
from gonogo.run.ports import Ended, Exit, Job, Stream, Target
from tests.executors.conftest import Heard
from tests.sshd import Sshd
from tests.sshd import sshd as run_sshd

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
VERSION = b"SSH-2.0-OpenSSH_9.2\r\n"


def _executor(sshd: Sshd, login_timeout: float = 30) -> SshExecutor:
    return SshExecutor(
        config=[],
        known_hosts=[sshd.known_hosts],
        client_keys=[sshd.key],
        agent=False,
        login_timeout=login_timeout,
    )


@contextlib.asynccontextmanager
async def _port(serve: Serve, address: str = "127.0.0.1") -> AsyncIterator[dict[str, str]]:
    """Variables that lead to a server of our own."""
    seen: list[asyncio.Task[None]] = []

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await serve(reader, writer)
        writer.close()

    def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(asyncio.get_running_loop().create_task(served(reader, writer)))

    server = await asyncio.start_server(accepted, address, 0)
    try:
        yield {"ansible_host": address, "ansible_port": str(server.sockets[0].getsockname()[1])}
    finally:
        server.close()
        for task in seen:
            task.cancel()
        await asyncio.gather(*seen)


async def _tarpit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def _reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(VERSION)
    await reader.readline()
    writer.transport.abort()


async def _banners(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        writer.write(b"be welcome\r\n" * 10_000)
        await writer.drain()


async def _endless_line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        writer.write(b"A" * 100_000)
        await writer.drain()


async def _web(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readline()
    writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
    await writer.drain()


async def _old(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-1.5-old\r\n")
    await reader.read()


async def _noise(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(VERSION + os.urandom(4096))
    await reader.read()


@pytest.mark.parametrize(
    ("serve", "said"),
    [
        (_tarpit, ("timed out during login",)),
        (_reset, ("closed during login",)),
        (_banners, ("no SSH",)),
        (_endless_line, ("no SSH",)),
        (_web, ("no SSH", "closed")),
        (_old, ("no SSH",)),
        (_noise, ("no SSH", "closed during login", "timed out during login")),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_a_server_that_is_none(
    sshd: Sshd, serve: Serve, said: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever stands behind a port, the host is unreachable in time, with a reason that fits."""
    monkeypatch.setattr(connect, "PAUSE", 0.001)
    executor, heard = _executor(sshd, login_timeout=1), Heard()
    async with _port(serve) as variables:
        await executor.run(Job((Target("a", variables),), "true"), heard)
        await executor.close()
    assert heard.ends["a"].how is Ended.UNREACHABLE
    assert any(words in heard.ends["a"].reason for words in said), heard.ends["a"].reason
    assert not heard.started


async def test_a_login_that_is_never_answered(sshd: Sshd) -> None:
    """A server that takes the key and then says nothing more has its time, and no longer."""

    class Silent(asyncssh.SSHServer):
        async def begin_auth(self, username: str) -> bool:
            await asyncio.Event().wait()
            return True

    end, starts = await _served(sshd, Silent)
    assert end.how is Ended.UNREACHABLE
    assert "timed out during login" in end.reason
    assert not starts


async def test_a_break_right_after_the_command_is_lost(sshd: Sshd) -> None:
    """A host that goes away before it says whether it took the command may run it: it is not tried again."""
    logins: list[asyncssh.SSHServerConnection] = []

    class Session(asyncssh.SSHServerSession[str]):
        def exec_requested(self, command: str) -> bool:
            logins[0].abort()
            return True

    class Server(asyncssh.SSHServer):
        def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
            logins.append(conn)

        def begin_auth(self, username: str) -> bool:
            return False

        def session_requested(self) -> Session:
            return Session()

    end, starts = await _served(sshd, Server)
    assert end.how is Ended.LOST
    assert starts == ["a"]
    assert len(logins) == 1


async def _served(sshd: Sshd, factory: type[asyncssh.SSHServer]) -> tuple[Exit, list[str]]:
    """Run a command on a server of our own; return its end, and who was started."""
    server = await asyncssh.listen(
        "127.0.0.1", 0, server_factory=factory, server_host_keys=[str(sshd.folder / "host_key")]
    )
    (sshd.folder / "any").write_text("* " + (sshd.folder / "host_key.pub").read_text())
    executor = SshExecutor(
        config=[], known_hosts=[sshd.folder / "any"], client_keys=[sshd.key], agent=False, login_timeout=1
    )
    heard = Heard()
    where = {"ansible_host": "127.0.0.1", "ansible_port": str(server.get_port())}
    await executor.run(Job((Target("a", where),), "true"), heard)
    server.close()
    await executor.close()
    return heard.ends["a"], heard.started


async def test_the_silent_do_not_keep_the_others_waiting(sshd: Sshd, target: Callable[..., Target]) -> None:
    """More silent hosts than there are login slots: a host behind them is done before they time out."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    executor, heard = _executor(sshd, login_timeout=5), Heard()
    async with _port(silent) as variables:
        dead = tuple(Target(f"dead{number}", variables) for number in range(100))
        await executor.run(Job((*dead, target("good")), "true"), heard)
        await executor.close()
    assert next(iter(heard.ends)) == "good"
    assert heard.ends.pop("good") == Exit(Ended.EXIT, 0)
    assert all("timed out during login" in end.reason for end in heard.ends.values())


async def test_a_silent_jump_host_is_tried_once_for_all(sshd: Sshd) -> None:
    """Hosts behind it are told so together, and not one after the other."""
    connected: list[int] = []

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.append(1)
        await reader.read()

    executor, heard = _executor(sshd, login_timeout=1), Heard()
    async with _port(silent) as there:
        jump = f"-J {there['ansible_host']}:{there['ansible_port']}"
        behind = sshd.variables() | {"ansible_ssh_common_args": jump}
        await executor.run(Job(tuple(Target(f"h{number}", behind) for number in range(20)), "true"), heard)
        await executor.close()
    assert len(connected) == 1
    assert len(heard.ends) == 20
    assert all("jump host 127.0.0.1: timed out during login" in end.reason for end in heard.ends.values())


async def test_a_throttling_sshd_lets_all_in(
    sshd: Sshd, tmp_path: Path, need: Callable[[str, str], str]
) -> None:
    """Many names for one sshd that drops logins at random beyond a few (MaxStartups): all come in at last."""
    program = need("sshd", "openssh-server")
    with run_sshd(program, tmp_path, hosts=1, startups="5:30:40") as strict:
        executor, heard = _executor(strict), Heard()
        targets = tuple(Target(f"h{number}", strict.variables()) for number in range(40))
        await executor.run(Job(targets, "true"), heard)
        await executor.close()
    assert {end.reason for end in heard.ends.values()} == {""}
    assert len(heard.ends) == 40


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("head -c 100000 /dev/zero", b"\0" * 100_000),
        ("head -c 1000000 /dev/zero | tr '\\0' x", b"x" * 1_000_000),
        ("printf '\\377\\376\\300'", b"\xff\xfe\xc0"),
        ("(sleep 0.3; echo late) & echo first", b"first\nlate\n"),
    ],
    ids=["NULs", "no-newline", "no-text", "after-the-exit"],
)
async def test_output_of_any_kind(
    ssh: SshExecutor, target: Callable[..., Target], script: str, expected: bytes
) -> None:
    """Bytes arrive as they were sent: NULs, a megabyte in one line, no text at all, late ones."""
    heard = Heard()
    await ssh.run(Job((target(),), script), heard)
    assert heard.ends["a"] == Exit(Ended.EXIT, 0)
    assert heard.out() == expected


async def test_noise_without_end_is_ended(ssh: SshExecutor, target: Callable[..., Target]) -> None:
    """A host that prints random bytes for ever is ended at its limit; nothing is kept open there."""

    class Counting(Heard):
        count = 0

        def output(self, host: str, stream: Stream, data: bytes) -> None:
            self.count += len(data)

    heard = Counting()
    await ssh.run(Job((target(),), "cat /dev/urandom", timeout=0.5), heard)
    assert heard.ends["a"].how is Ended.TIMEOUT
    assert heard.count > 100_000


async def test_two_names_for_one_address(ssh: SshExecutor, target: Callable[..., Target]) -> None:
    """Each name has a connection and an end of its own."""
    heard = Heard()
    await ssh.run(Job((target("a"), target("b")), "echo $SSH_CONNECTION"), heard)
    assert {end.code for end in heard.ends.values()} == {0}
    assert heard.out("a") != heard.out("b")


async def test_ipv6(tmp_path: Path, need: Callable[[str, str], str]) -> None:
    """A host may have an IPv6 address."""
    with run_sshd(need("sshd", "openssh-server"), tmp_path, hosts=1) as running:
        config = (tmp_path / "config").read_text()
        try:
            probe = await asyncio.start_server(lambda *_: None, "::1", 0)
        except OSError:
            pytest.skip("this machine has no IPv6")
        port = str(probe.sockets[0].getsockname()[1])
        probe.close()
        config = "\n".join(line for line in config.splitlines() if not line.startswith(("Port", "Listen")))
        (tmp_path / "config").write_text(f"Port {port}\nListenAddress ::1\n{config}\n")
        os.kill(running.pid, 1)
        public = (tmp_path / "host_key.pub").read_text()
        (tmp_path / "known_hosts").write_text(f"[::1]:{port} {public}")
        executor = _executor(running)
        variables = running.variables() | {"ansible_host": "::1", "ansible_port": port}
        end = Exit(Ended.UNREACHABLE)
        for _ in range(50):
            heard = Heard()
            await executor.run(Job((Target("a", variables),), "true"), heard)
            end = heard.ends["a"]
            if "refused" not in end.reason:
                break
            await asyncio.sleep(0.05)
        await executor.close()
    assert end == Exit(Ended.EXIT, 0)


async def test_more_hosts_than_open_files(sshd: Sshd, target: Callable[..., Target]) -> None:
    """Where the limit leaves room for few connections, idle ones are closed and every host has its turn."""
    executor = _executor(sshd)
    executor._kept = Kept(executor._kept.connector, most=5)
    for _ in range(2):
        heard = Heard()
        await executor.run(Job(tuple(target(f"h{number}") for number in range(30)), "echo on"), heard)
        assert {end.code for end in heard.ends.values()} == {0}
        assert len(executor._kept._open) <= 5
    await executor.close()


def test_the_limit_of_open_files_is_raised() -> None:
    """As far as it goes without root, and what it allows is known: for connections, for commands here."""
    program = (
        "import resource as r; r.setrlimit(r.RLIMIT_NOFILE, (256, 1024));"
        "from gonogo.executors.descriptors import commands, room;"
        "print(room(), commands(None), commands(500), *r.getrlimit(r.RLIMIT_NOFILE))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(1024 - 64 - 3 * 64), "64", "80", "1024", "1024"]
