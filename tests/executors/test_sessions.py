"""Hosts that take few commands at once on a connection (MaxSessions): ours wait for each other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from gonogo.executors.ssh import SshExecutor
from gonogo.run.ports import Ended, Exit, Job, Target
from tests.executors.conftest import Heard
from tests.sshd import Sshd
from tests.sshd import sshd as run_sshd


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory, need: Callable[[str, str], str]) -> Iterator[Sshd]:
    """An sshd that takes one command at once."""
    folder = tmp_path_factory.mktemp("narrow")
    with run_sshd(need("sshd", "openssh-server"), folder, hosts=1, more="MaxSessions 1\n") as running:
        yield running


@pytest.fixture
async def executor(narrow: Sshd) -> AsyncIterator[SshExecutor]:
    """An executor for it."""
    made = SshExecutor(config=[], known_hosts=[narrow.known_hosts], client_keys=[narrow.key], agent=False)
    yield made
    await made.close()


async def _holding(executor: SshExecutor, target: Target, tmp_path: Path) -> asyncio.Task[None]:
    """Have a command run on the host that goes on until `over` is there."""
    heard = Heard()
    script = f"echo on; until test -e {tmp_path}/over; do sleep 0.05; done"
    task = asyncio.create_task(executor.run(Job((target,), script), heard))
    while not heard.out():
        await asyncio.sleep(0.01)
    return task


async def test_commands_at_once_wait_for_each_other(narrow: Sshd, executor: SshExecutor) -> None:
    """Four jobs at once on one host, all end well, though it takes one at a time."""
    target = Target("a", narrow.variables())
    heard = [Heard() for _ in range(4)]
    script = "sleep 0.1; echo $SSH_CONNECTION"
    await asyncio.gather(*(executor.run(Job((target,), script), one) for one in heard))
    assert [one.ends["a"] for one in heard] == [Exit(Ended.EXIT, 0)] * 4
    assert len({one.out() for one in heard}) == 1


async def test_commands_one_after_the_other(narrow: Sshd, executor: SshExecutor) -> None:
    """A command that has just ended is not in the way of the next."""
    target = Target("a", narrow.variables())
    for _ in range(30):
        heard = Heard()
        await executor.run(Job((target,), "true"), heard)
        assert heard.ends["a"] == Exit(Ended.EXIT, 0)


async def test_waiting_ends_with_the_jobs_time(narrow: Sshd, executor: SshExecutor, tmp_path: Path) -> None:
    """A command waits no longer than it may run, and then was not started."""
    target, heard = Target("a", narrow.variables()), Heard()
    holding = await _holding(executor, target, tmp_path)
    await executor.run(Job((target,), f"touch {tmp_path}/ran", timeout=0.3), heard)
    assert heard.ends["a"].how is Ended.UNREACHABLE
    assert heard.ends["a"].reason == "it takes no command beside 1 of ours, for 0.3 s (MaxSessions)"
    (tmp_path / "over").touch()
    await holding
    assert not (tmp_path / "ran").exists()


async def test_waiting_can_be_cancelled(narrow: Sshd, executor: SshExecutor, tmp_path: Path) -> None:
    """A command that waits is cancelled before anything was sent; the other one goes on."""
    target, heard = Target("a", narrow.variables()), Heard()
    holding = await _holding(executor, target, tmp_path)
    waiting = asyncio.create_task(executor.run(Job((target,), f"touch {tmp_path}/ran"), heard))
    while not heard.started:
        await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert heard.ends["a"] == Exit(Ended.CANCELLED, reason="cancelled before anything was sent")
    assert not holding.done()
    (tmp_path / "over").touch()
    await holding
    assert not (tmp_path / "ran").exists()


async def test_a_host_that_takes_none_is_asked_no_third_time(
    tmp_path: Path, need: Callable[[str, str], str]
) -> None:
    """Where nothing of ours is in the way, it is an error at once, in the host's own words."""
    with run_sshd(need("sshd", "openssh-server"), tmp_path, hosts=1, more="MaxSessions 0\n") as none:
        executor = SshExecutor(config=[], known_hosts=[none.known_hosts], client_keys=[none.key], agent=False)
        heard = Heard()
        await executor.run(Job((Target("a", none.variables()),), "true"), heard)
        await executor.close()
    assert heard.ends["a"] == Exit(Ended.UNREACHABLE, reason='it takes no command: it said: "open failed"')
