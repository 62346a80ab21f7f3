"""What a login says to a host, and what it leaves out, as its sshd tells it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gonogo.executors.ssh import SshExecutor
from gonogo.run.ports import Ended, Job, Target
from tests.executors.conftest import Heard
from tests.sshd import Sshd, keygen
from tests.sshd import sshd as run_sshd


@pytest.fixture
def talking(need: Callable[[str, str], str], tmp_path: Path) -> Iterator[Sshd]:
    """An sshd that tells of each login, of each question and of each packet that is to be ignored."""
    more = "Match all\n  LogLevel DEBUG3\n"
    with run_sshd(need("sshd", "openssh-server"), tmp_path, 2, more) as sshd:
        yield sshd


async def _login(sshd: Sshd, *keys: Path, **more: str) -> tuple[Ended, int, int]:
    """Log in with these keys; return how it ended, how often sshd was asked, and how often it accepted."""
    executor = SshExecutor(config=[], known_hosts=[sshd.known_hosts], client_keys=keys, agent=False)
    heard = Heard()
    await executor.run(Job((Target("a", sshd.variables() | more),), "true"), heard)
    await executor.close()
    log = (sshd.folder / "log").read_text()
    return heard.ends["a"].how, log.count("Postponed publickey"), log.count("Accepted publickey")


async def test_the_only_key_signs_at_once(talking: Sshd) -> None:
    """Nothing is asked when there is no other key to choose: a round trip less."""
    assert await _login(talking, talking.key) == (Ended.EXIT, 0, 1)


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
    log = (talking.folder / "log").read_text()
    assert "receive packet: type 98" in log  # the request to run a command
    assert "SSH2_MSG_IGNORE" not in log
