"""The run as a process of its own: what may die beside it, and what is known when it dies itself."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE

import pytest
from msgspec.structs import asdict

from gonogo.cli.starting.launch import Launch
from gonogo.run.process import Order
from gonogo.run.state import Answer, At, HostState
from tests.run.live import PATIENCE, Live


class Spawned(Live):
    """A run whose process is a real one; `pid` is its number."""

    pid = 0

    async def _start(self, order: Order) -> None:
        launch = Launch()
        with launch:
            await asyncio.to_thread(launch.order, self.run, asdict(order))
        gc.unfreeze()  # these tests go on in this process
        self.pid = launch.pid
        self._task = asyncio.create_task(self._wait())
        self.link = await self.connect(order.by)

    async def _wait(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await asyncio.to_thread(os.waitpid, self.pid, 0)
            async for _ in self.link.changes():
                """What it said last is on its way."""

    async def kill(self) -> None:
        """End the process as nothing can be ended more rudely, and wait for its end."""
        os.kill(self.pid, signal.SIGKILL)
        assert self._task is not None
        await self._task
        await self.leave()

    async def leave(self) -> None:
        """Let go of the process; end it, should it not have left by itself."""
        if self._task is not None and not self.link.ended and not self.link.driving:
            self.link = await self.connect("ann@desk", take=True)
        await super().leave()


@pytest.fixture
async def spawned(live: Live) -> Spawned:
    """A run to begin in a real process."""
    return Spawned(live.folder)


STEPS = """
  - {id: first, hosts: web, via: local, run: 'echo "first $me" >>ran'}
  - id: wide
    hosts: web
    via: local
    run: |
      echo "wide $me" >>ran
      touch "up.$me"
      test "$me" = a || while test ! -e go; do sleep 0.02; done
    check: 'echo "check $me" >>ran'
"""


async def test_resume_asks_about_what_was_out_when_the_process_was_killed(spawned: Spawned) -> None:
    """Done hosts stay done, those out are unknown and asked about; nothing runs twice unasked."""
    await spawned.begin(STEPS)
    await spawned.there("up.a", "up.b", "up.c")
    await spawned.until(lambda state: state.turns[1].hosts["a"].state is HostState.OK)
    await spawned.kill()
    (spawned.folder / "go").touch()
    await spawned.resume()
    gate = await spawned.gate(At.FAILURE)
    assert gate.evidence["counts"] == {"unknown": 2}
    assert spawned.hosts("wide") == {"a": "ok", "b": "unknown", "c": "unknown"}
    await spawned.say(Answer.BY_HAND, hosts=["b"])
    await spawned.gate(At.FAILURE)
    await spawned.say(Answer.RETRY_FAILED)
    assert await spawned.end() == "go"
    ran = (spawned.folder / "ran").read_text().splitlines()
    count = {line: ran.count(line) for line in sorted(ran)}
    assert count == {
        "check a": 1,
        "check c": 1,
        "first a": 1,
        "first b": 1,
        "first c": 1,
        "wide a": 1,
        "wide b": 1,
        "wide c": 2,
    }
    assert spawned.hosts("wide")["b"] == "by-hand"
    assert spawned.records("run.resume")[0]["by"] == "ann@desk"
    await spawned.leave()


async def test_a_run_outlives_its_terminal_and_its_screens(spawned: Spawned) -> None:
    """Neither SIGHUP nor the death of a screen ends it: it goes to the next gate, and waits there."""
    await spawned.begin(STEPS + "  - {id: last, gate: go, run: 'true'}\n")
    await spawned.there("up.a")
    words = [sys.executable, "-m", "gonogo", "watch", str(spawned.run), "--plain"]
    screen = await asyncio.create_subprocess_exec(*words, stdout=PIPE, stdin=DEVNULL)
    assert screen.stdout is not None
    await screen.stdout.readline()
    screen.kill()
    await screen.communicate()
    assert os.getsid(spawned.pid) == spawned.pid
    os.kill(spawned.pid, signal.SIGHUP)
    await spawned.link.close()
    (spawned.folder / "go").touch()
    spawned.link = await spawned.connect("ann@desk")
    await spawned.gate(At.GO)
    await spawned.say(Answer.GO)
    assert await spawned.end() == "go"
    await spawned.leave()


async def test_the_word_to_end_is_taken_at_the_next_gate(spawned: Spawned) -> None:
    """SIGTERM lets what is out come to its end; then the process leaves, and the run is paused."""
    await spawned.begin(STEPS + "  - {id: last, gate: go, run: 'true'}\n")
    await spawned.there("up.b")
    os.kill(spawned.pid, signal.SIGTERM)
    (spawned.folder / "go").touch()
    async with asyncio.timeout(PATIENCE):
        assert spawned._task is not None
        await spawned._task
    assert spawned.hosts("wide") == dict.fromkeys("abc", "ok")
    assert spawned.records("run.pause")
    await spawned.resume()
    await spawned.say(Answer.GO)
    assert await spawned.end() == "go"
    await spawned.leave()


async def test_a_check_that_was_out_is_unknown_and_the_step_is_not(spawned: Spawned) -> None:
    """Killed while a check runs: asked about, the check alone can run again."""
    await spawned.begin(
        """
  - id: one
    hosts: web
    via: local
    run: 'echo "run $me" >>ran'
    check: 'touch "up.$me"; while test ! -e go; do sleep 0.02; done'
""",
        hosts=1,
    )
    await spawned.there("up.a")
    await spawned.kill()
    (spawned.folder / "go").touch()
    await spawned.resume()
    gate = await spawned.gate(At.FAILURE)
    assert Answer.CHECK_AGAIN in gate.choices
    await spawned.say(Answer.CHECK_AGAIN)
    assert await spawned.end() == "go"
    assert (spawned.folder / "ran").read_text() == "run a\n"
    await spawned.leave()
