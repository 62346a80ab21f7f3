"""Hosts that log in well and then lie: in the signal they name, in how they end, in what they refuse."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncssh
import pytest

from gonogo.executors.ssh import SshExecutor
from gonogo.run.ports import Ended, Exit, Job, Target
from tests.executors.conftest import Heard
from tests.sshd import Sshd

Lie = Callable[["asyncssh.SSHServerChannel[Any]"], None]
ASCII = "\x1b]0;title\x07\r\n[bold]"
WILD = f"{ASCII}\u202e"
RAW = set("\x1b\x07\r\n\u202e")


class _Session(asyncssh.SSHServerSession[Any]):
    """Takes any command, and tells a lie instead of running it."""

    def __init__(self, lie: Lie) -> None:
        self._lie = lie

    def connection_made(self, chan: asyncssh.SSHServerChannel[Any]) -> None:
        self._channel = chan

    def exec_requested(self, command: str) -> bool:
        return True

    def session_started(self) -> None:
        self._lie(self._channel)

    def eof_received(self) -> bool:
        return True


class _Server(asyncssh.SSHServer):
    """Lets everybody in."""

    lie: Lie | None = None
    """None: it takes no session."""

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.connection = conn

    def begin_auth(self, username: str) -> bool:
        return False

    def session_requested(self) -> Any:
        lie = type(self).lie
        return _Session(lie) if lie is not None else False


class _Greeting(_Server):
    """Greets for ever instead of answering the login."""

    def begin_auth(self, username: str) -> bool:
        self._greeting = asyncio.get_running_loop().create_task(self._greet())
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._greeting.cancel()

    def public_key_auth_supported(self) -> bool:
        return True

    async def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        await asyncio.Event().wait()
        return True

    async def _greet(self) -> None:
        while True:
            self.connection.send_auth_banner(f"be welcome {WILD}\r\n" * 100)
            await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def _liar(sshd: Sshd, factory: Callable[[], asyncssh.SSHServer]) -> AsyncIterator[dict[str, str]]:
    """A server of our own with the sshd's host key: variables that lead to it."""
    server = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=factory,
        server_host_keys=[str(sshd.folder / "host_key")],
        encoding=None,
    )
    (sshd.folder / "any").write_text("* " + (sshd.folder / "host_key.pub").read_text())
    try:
        yield {"ansible_host": "127.0.0.1", "ansible_port": str(server.get_port())}
    finally:
        server.close()


def _executor(sshd: Sshd, login_timeout: float = 30) -> SshExecutor:
    return SshExecutor(
        config=[],
        known_hosts=[sshd.folder / "any"],
        client_keys=[sshd.key],
        agent=False,
        login_timeout=login_timeout,
    )


async def _told(sshd: Sshd, lie: Lie | None) -> tuple[Exit, Heard]:
    class Liar(_Server):
        pass

    Liar.lie = staticmethod(lie) if lie else None
    heard, executor = Heard(), _executor(sshd)
    async with _liar(sshd, Liar) as variables:
        await executor.run(Job((Target("a", variables),), "true"), heard)
        await executor.close()
    return heard.ends["a"], heard


@pytest.mark.parametrize(("name", "how"), [(ASCII, Ended.SIGNAL), (WILD, Ended.LOST)], ids=["ASCII", "other"])
async def test_a_signal_that_is_none(sshd: Sshd, name: str, how: Ended) -> None:
    """Whatever name a host gives to a signal, it is no exit code and safe to show; or it is no end at all."""
    end, _ = await _told(sshd, lambda channel: channel.exit_with_signal(name, True, name, name))
    assert end.how is how
    assert end.code is None
    assert not RAW & set(end.reason + str(end.signal))


def _end_of_output(channel: asyncssh.SSHServerChannel[Any]) -> None:
    channel.write(b"half")
    channel.write_eof()
    channel.close()


def _last_words(channel: asyncssh.SSHServerChannel[Any]) -> None:
    channel.write(b"half")
    channel.get_connection().disconnect(asyncssh.DISC_BY_APPLICATION, WILD)


@pytest.mark.parametrize("lie", [_end_of_output, _last_words])
async def test_an_end_without_an_exit_code_is_lost(sshd: Sshd, lie: Lie) -> None:
    """A host ends its output, or says goodbye, and names no exit code: nobody knows whether it finished."""
    end, heard = await _told(sshd, lie)
    assert end.how is Ended.LOST
    assert end.code is None
    assert heard.out() in (b"half", b"")
    assert not RAW & set(end.reason)


async def test_a_host_that_takes_no_command(sshd: Sshd) -> None:
    """It lets in but opens no session: it is unreachable, and nothing ran there."""
    end, _ = await _told(sshd, None)
    assert end.how is Ended.UNREACHABLE
    assert "it takes no command" in end.reason


async def test_a_login_that_only_greets_has_its_time(sshd: Sshd) -> None:
    """Banners without end instead of an answer to the login are no answer."""
    heard, executor = Heard(), _executor(sshd, login_timeout=1)
    async with _liar(sshd, _Greeting) as variables:
        await executor.run(Job((Target("a", variables),), "true"), heard)
        await executor.close()
    assert heard.ends["a"].how is Ended.UNREACHABLE
    assert "timed out during login" in heard.ends["a"].reason
    assert not heard.started
