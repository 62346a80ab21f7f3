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
REFUSED = "connection refused: nothing listens on its SSH port"
LONG = REFUSED + '", x: "' + "y" * 20_000
TOLD = f"it said: \"{REFUSED}', x: '{'y' * (200 - len(REFUSED) - 7)}\" and 19,858 more characters"


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
    assert end.signal in ("unknown", None)
    assert not RAW & set(end.reason + str(end.signal))


@pytest.mark.parametrize("name", ["TERM", "SEGV"])
async def test_a_signal_that_is_one(sshd: Sshd, name: str) -> None:
    """The names that SSH knows are told as they are."""
    end, _ = await _told(sshd, lambda channel: channel.exit_with_signal(name, False, LONG, "en-US"))
    assert end == Exit(Ended.SIGNAL, signal=f"SIG{name}", reason=f"ended by SIG{name}")


async def test_a_signal_in_a_hosts_own_words(sshd: Sshd) -> None:
    """Any other name is the host's word, and cut."""
    end, _ = await _told(sshd, lambda channel: channel.exit_with_signal(LONG, False, "", "en-US"))
    assert end == Exit(Ended.SIGNAL, signal="unknown", reason=f"ended by an unknown signal: {TOLD}")


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


@pytest.mark.parametrize("language", ["", "en-US"])
@pytest.mark.parametrize("code", [asyncssh.DISC_CONNECTION_LOST, asyncssh.DISC_TOO_MANY_CONNECTIONS, 4_711])
async def test_last_words_are_the_hosts(sshd: Sshd, code: int, language: str) -> None:
    """What a host says as it hangs up is told as its words, cut, whatever code it gives."""
    end, _ = await _told(
        sshd, lambda channel: channel.get_connection()._send_disconnect(code, LONG + WILD, language)
    )
    assert end.how is Ended.LOST
    before = "the connection was lost while the command ran: it said: "
    assert end.reason.startswith(before + TOLD[len("it said: ") : 200])
    assert end.reason.endswith("more characters")
    assert not RAW & set(end.reason)


@pytest.mark.parametrize("code", [*range(1, 16), 99])
@pytest.mark.parametrize("language", ["", "en-US"])
async def test_a_login_that_is_hung_up_on(sshd: Sshd, code: int, language: str) -> None:
    """No code and no words make a refusal of a login pass for a host that was not there, or grow."""

    class Rude(_Server):
        def begin_auth(self, username: str) -> bool:
            self.connection.disconnect(code, LONG, language)
            return True

    heard, executor = Heard(), _executor(sshd)
    async with _liar(sshd, Rude) as variables:
        await executor.run(Job((Target("a", variables),), "true"), heard)
        await executor.close()
    end = heard.ends["a"]
    assert end.how is Ended.UNREACHABLE
    assert not heard.started
    assert len(end.reason) < 350
    assert not end.reason.startswith("connection refused")
    if code != asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE:
        assert f"\"{REFUSED}', x: " in end.reason
    if not language and code != asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE:
        assert "it said: " in end.reason


async def test_a_jump_host_that_lies(sshd: Sshd) -> None:
    """Why it reaches nobody is told in its own words, cut, and as of a jump host."""

    class Jump(_Server):
        def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> Any:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, LONG, "")

    heard, executor = Heard(), _executor(sshd)
    async with _liar(sshd, Jump) as variables:
        way = f"-o ProxyJump={variables['ansible_host']}:{variables['ansible_port']}"
        behind = {"ansible_host": "192.0.2.1", "ansible_ssh_common_args": way}
        await executor.run(Job((Target("a", behind),), "true"), heard)
        await executor.close()
    reason = f"the jump host does not reach it: {TOLD}"
    assert heard.ends["a"] == Exit(Ended.UNREACHABLE, reason=reason)


async def test_a_host_that_vanishes(sshd: Sshd) -> None:
    """A connection that ends without a word is said to be lost, once."""
    end, _ = await _told(sshd, lambda channel: channel.get_connection().abort())
    assert end == Exit(Ended.LOST, reason="the connection was lost while the command ran")


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
