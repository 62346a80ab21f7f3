"""What a login says to a host, and what it leaves out, as its sshd tells it."""

from __future__ import annotations

import asyncio
import gc
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncssh
import pytest

from gonogo.executors.connection import Connection
from gonogo.executors.options import Plans
from gonogo.executors.route import Route
from gonogo.executors.ssh import SshExecutor
from gonogo.run.ports import Ended, Exit, Job, Target
from tests.executors.conftest import Heard
from tests.sshd import Sshd, keygen
from tests.sshd import sshd as run_sshd


@pytest.fixture
def talking(need: Callable[[str, str], str], tmp_path: Path) -> Iterator[Sshd]:
    """An sshd that tells of each login, of each question and of each packet that is to be ignored."""
    more = "Match all\n  LogLevel DEBUG3\n"
    with run_sshd(need("sshd", "openssh-server"), tmp_path, 2, more) as sshd:
        yield sshd


def _log(sshd: Sshd) -> str:
    return (sshd.folder / "log").read_text()


async def _login(sshd: Sshd, *keys: Path, config: Path | None = None, **more: str) -> tuple[Ended, int, int]:
    """Log in with these keys; return how it ended, how often sshd was asked, and how often it accepted."""
    files = [config] if config else []
    executor = SshExecutor(config=files, known_hosts=[sshd.known_hosts], client_keys=keys, agent=False)
    heard = Heard()
    await executor.run(Job((Target("a", sshd.variables() | more),), "true"), heard)
    await executor.close()
    log = _log(sshd)
    return heard.ends["a"].how, log.count("Postponed publickey"), log.count("Accepted publickey")


async def test_the_only_key_signs_at_once(talking: Sshd) -> None:
    """Nothing is asked when there is no other key to choose: a round trip less."""
    assert await _login(talking, talking.key) == (Ended.EXIT, 0, 1)


def _methods(sshd: Sshd) -> list[str]:
    """Return the ways to log in that were tried, in order."""
    return re.findall(r"try method (\S+)", _log(sshd))


async def test_the_only_key_comes_first(talking: Sshd) -> None:
    """Which ways there are to log in is not asked before: another round trip less."""
    await _login(talking, talking.key)
    assert _methods(talking) == ["publickey"]


async def test_a_refused_key_is_followed_by_the_question_for_other_ways(
    talking: Sshd, tmp_path: Path
) -> None:
    """A host may take those alone that ask for nothing."""
    keygen(tmp_path / "stranger")
    await _login(talking, tmp_path / "stranger")
    assert _methods(talking) == ["publickey", "none"]


async def test_the_ways_that_ssh_config_prefers_come_first(talking: Sshd, tmp_path: Path) -> None:
    """The only key is one of several ways then, and waits for its turn."""
    (tmp_path / "config").write_text("PreferredAuthentications keyboard-interactive,publickey\n")
    ended, _, accepted = await _login(talking, talking.key, config=tmp_path / "config")
    assert (ended, accepted) == (Ended.EXIT, 1)
    assert _methods(talking)[0] == "none"


async def test_a_jump_host_is_not_asked_either(talking: Sshd) -> None:
    """Each hop saves its question."""
    jump = f"-J {talking.addresses[1]}:{talking.port}"
    assert await _login(talking, talking.key, ansible_ssh_common_args=jump) == (Ended.EXIT, 0, 2)


async def test_one_of_several_keys_is_asked_for(talking: Sshd, tmp_path: Path) -> None:
    """Signing with a key that the host does not take would be work for nothing."""
    keygen(tmp_path / "other")
    assert await _login(talking, tmp_path / "other", talking.key) == (Ended.EXIT, 1, 1)


async def test_the_only_key_is_refused(talking: Sshd, tmp_path: Path) -> None:
    """A signature that the host does not take is a refused login."""
    keygen(tmp_path / "stranger")
    assert await _login(talking, tmp_path / "stranger") == (Ended.UNREACHABLE, 0, 0)


async def test_nothing_is_sent_to_be_ignored(talking: Sshd) -> None:
    """A packet before each other one would be work for nothing, here and there."""
    assert await _login(talking, talking.key) == (Ended.EXIT, 0, 1)
    log = _log(talking)
    assert "receive packet: type 98" in log  # the request to run a command
    assert "SSH2_MSG_IGNORE" not in log


def _connections() -> int:
    return sum(isinstance(one, Connection) for one in gc.get_objects())


async def test_keys_are_exchanged_anew(need: Callable[[str, str], str], tmp_path: Path) -> None:
    """As often as sshd wants, in the middle of output and on a connection that was kept: nothing is lost."""
    more = "RekeyLimit 64K\nMatch all\n  LogLevel DEBUG1\n"
    with run_sshd(need("sshd", "openssh-server"), tmp_path, 1, more) as sshd:
        executor = SshExecutor(config=[], known_hosts=[sshd.known_hosts], client_keys=[sshd.key], agent=False)
        for _ in range(2):
            heard = Heard()
            await executor.run(Job((Target("a", sshd.variables()),), "seq 100000"), heard)
            assert heard.ends["a"] == Exit(Ended.EXIT, 0)
            assert heard.out("a").split() == [b"%d" % number for number in range(1, 100_001)]
        await executor.close()
        assert _log(sshd).count("rekey") > 10
        assert _log(sshd).count("Accepted publickey") == 1


async def test_a_connection_that_is_over_takes_no_memory(
    ssh: SshExecutor, target: Callable[..., Target]
) -> None:
    """It does not wait for a search for garbage, which is seldom: 200 hosts would take 4 MB."""
    gc.collect()
    before = _connections()
    gc.disable()
    try:
        await ssh.run(Job((target("a"), target("b", 1)), "true", last=True), Heard())
        async with asyncio.timeout(20):
            while _connections() > before:
                await asyncio.sleep(0)
    finally:
        gc.enable()


async def test_hosts_wait_for_what_is_read_without_tasks(
    ssh: SshExecutor, target: Callable[..., Target], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While keys and ssh_config are read for all, a host that waits is no more than a name."""
    loop, read, tasks = asyncio.get_running_loop(), Plans._options, list[int]()

    async def turns() -> int:
        for _ in range(100):
            await asyncio.sleep(0)
        return len(asyncio.all_tasks())

    def slow(plans: Plans, way: Route) -> asyncssh.SSHClientConnectionOptions:
        tasks.append(asyncio.run_coroutine_threadsafe(turns(), loop).result())
        return read(plans, way)

    monkeypatch.setattr(Plans, "_options", slow)
    heard = Heard()
    await ssh.run(Job(tuple(target(f"h{number}") for number in range(60)), "true"), heard)
    assert {end.code for end in heard.ends.values()} == {0}
    assert len(tasks) == 1
    assert tasks[0] < 10
